/** An atomic register as streams: a majority keeps it, and every node reads and writes it. */
import { BROADCAST, type Envelope, type Post, majority, ofType, replyWith } from 'rx-cluster'
import * as rx from 'rxjs'
import * as t from 'io-ts'

/** What a node keeps: newer is the copy of the later round, and in one round that of the larger pid. */
const Copy = t.type({ round: t.number, by: t.number, value: t.unknown })
type Copy = t.TypeOf<typeof Copy>
/** "Keep this, if it is newer than yours", or: "What have you?" The answer is what is kept then. */
const Question = t.type({ asks: t.number, copy: t.union([Copy, t.null]) })
const Answer = t.type({ answers: t.number, copy: Copy })

const REAL = { chance: Math.random, scheduler: rx.asyncScheduler as rx.SchedulerLike }
const newer = (a: Copy, b: Copy) => ((a.round - b.round || a.by - b.by) >= 0 ? a : b)

/**
 * Keeps a register together with the other nodes (Attiya, Bar-Noy, Dolev 1995).
 *
 * A read sees the last write that was done, whoever did it, as long as a majority of the nodes
 * lives; without one both wait. `serve` has to be subscribed to, once. A node that restarts has
 * forgotten what it kept: before you trust your data to this, keep it on a disk.
 */
export function register(post: Post, { everyMs = 100 } = {}, world = REAL) {
  let kept: Copy = { round: 0, by: 0, value: undefined }
  let asked = Math.floor(world.chance() * 2 ** 30)
  const keep = (copy: Copy) => (kept = newer(copy, kept))

  const told = (copy: Copy | null) => (copy === null ? kept : keep(copy))
  const answer = replyWith(post, ({ msg }: Envelope<t.TypeOf<typeof Question>>) => [
    { answers: msg.asks, copy: told(msg.copy) },
  ])
  const serve = post.inbox.pipe(ofType(Question), answer)

  // Asks until a majority has answered; a question that comes twice does no harm.
  const ask = (copy: Copy | null) =>
    rx.defer(() => {
      const msg = { asks: ++asked, copy }
      const again = rx.timer(0, everyMs, world.scheduler)
      const asking = again.pipe(
        rx.tap(() => post.outbox.next({ pid: BROADCAST, msg, ttlMs: everyMs })),
      )
      return post.inbox.pipe(
        ofType(Answer),
        rx.filter((heard) => heard.msg.answers === msg.asks),
        majority(post.peers),
        rx.takeUntil(asking.pipe(rx.ignoreElements())),
        rx.map(({ answers }) => answers.map((heard) => heard.msg.copy).reduce(newer, kept)),
      )
    })

  // Who reads tells a majority what it read, so that nobody reads something older afterwards.
  const store = (copy: Copy) => ask(keep(copy)).pipe(rx.map(() => copy.value))
  const read = () => ask(null).pipe(rx.switchMap(store))
  const next = (value: unknown) => (last: Copy) =>
    store({ round: last.round + 1, by: post.pid, value })
  return { serve, read, write: (value: unknown) => ask(null).pipe(rx.switchMap(next(value))) }
}
