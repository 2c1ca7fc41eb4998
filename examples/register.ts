/** An atomic register as streams: a majority keeps it, and every node reads and writes it. */
import {
  BROADCAST,
  type Envelope,
  type Mailbox,
  majority,
  decodeMessage,
  replyWith,
} from 'rx-cluster'
import * as rx from 'rxjs'
import * as t from 'io-ts'

/** What a node keeps: newer is the copy of the later round, and in one round that of the larger pid. */
const Copy = t.type({ round: t.number, by: t.number, value: t.unknown })
type Copy = t.TypeOf<typeof Copy>
/** "Keep this, if it is newer than yours", or: "What have you?" The answer is what is kept then. */
const Question = t.type({ asks: t.number, copy: t.union([Copy, t.null]) })
const Answer = t.type({ answers: t.number, copy: Copy })

const SYSTEM = { random: Math.random, scheduler: rx.asyncScheduler as rx.SchedulerLike }
const newer = (a: Copy, b: Copy) => ((a.round - b.round || a.by - b.by) >= 0 ? a : b)

/**
 * Keeps a register together with the other nodes (Attiya, Bar-Noy, Dolev 1995).
 *
 * A read sees the last write that was done, whoever did it, as long as a majority of the nodes
 * lives; without one both wait. `serve` has to be subscribed to, once. A node that restarts has
 * forgotten what it kept: before you trust your data to this, keep it on a disk.
 */
export function register(mailbox: Mailbox, { everyMs = 100 } = {}, environment = SYSTEM) {
  let kept: Copy = { round: 0, by: 0, value: undefined }
  let lastQuestion = Math.floor(environment.random() * 2 ** 30)
  const merge = (copy: Copy) => (kept = newer(copy, kept))

  const currentCopy = (copy: Copy | null) => (copy === null ? kept : merge(copy))
  const answer = replyWith(mailbox, ({ msg }: Envelope<t.TypeOf<typeof Question>>) => [
    { answers: msg.asks, copy: currentCopy(msg.copy) },
  ])
  const serve = mailbox.inbox.pipe(decodeMessage(Question), answer)

  // Asks until a majority has answered; a question that comes twice does no harm.
  const ask = (copy: Copy | null) =>
    rx.defer(() => {
      const msg = { asks: ++lastQuestion, copy }
      const rounds = rx.timer(0, everyMs, environment.scheduler)
      const sending = rounds.pipe(
        rx.tap(() => mailbox.outbox.next({ pid: BROADCAST, msg, ttlMs: everyMs })),
      )
      return mailbox.inbox.pipe(
        decodeMessage(Answer),
        rx.filter((reply) => reply.msg.answers === msg.asks),
        majority(mailbox.peers),
        rx.takeUntil(sending.pipe(rx.ignoreElements())),
        rx.map(({ answers }) => answers.map((reply) => reply.msg.copy).reduce(newer, kept)),
      )
    })

  // Who reads tells a majority what it read, so that nobody reads something older afterwards.
  const store = (copy: Copy) => ask(merge(copy)).pipe(rx.map(() => copy.value))
  const read = () => ask(null).pipe(rx.switchMap(store))
  const next = (value: unknown) => (last: Copy) =>
    store({ round: last.round + 1, by: mailbox.pid, value })
  return { serve, read, write: (value: unknown) => ask(null).pipe(rx.switchMap(next(value))) }
}
