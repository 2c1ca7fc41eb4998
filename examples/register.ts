/** An atomic register as streams: a majority stores it, and every node reads and writes it. */
import { BROADCAST, type Mailbox, decodeMessage, majority, replyWith } from 'rx-cluster'
import * as rx from 'rxjs'
import * as t from 'io-ts'

/** The copy of one node. The larger `round` is newer; in the same round, the larger pid `by`. */
const Copy = t.type({ round: t.number, by: t.number, value: t.unknown })
type Copy = t.TypeOf<typeof Copy>
/** Asks peers to store a copy if it is newer, or with null only for theirs. */
const Query = t.type({ queryId: t.number, copy: t.union([Copy, t.null]) })
const Answer = t.type({ answerTo: t.number, copy: Copy })

const SYSTEM = { random: Math.random, scheduler: rx.asyncScheduler as rx.SchedulerLike }
const newer = (a: Copy, b: Copy) => ((a.round - b.round || a.by - b.by) >= 0 ? a : b)

/**
 * Returns this node's part of a register that all nodes of the cluster share.
 *
 * A read emits the value of the last completed write of any node. Reads and writes wait until a
 * majority of the nodes is reachable. Subscribe to `serve` once, on every node.
 *
 * Source: Attiya, Bar-Noy, Dolev: "Sharing Memory Robustly in Message-Passing Systems", JACM 42(1),
 * 1995.
 *
 * Limit: a node that restarts has forgotten its copy. Before you use this for data, write the copy
 * to disk.
 */
export function register(mailbox: Mailbox, { everyMs = 100 } = {}, { random, scheduler } = SYSTEM) {
  let stored: Copy = { round: 0, by: 0, value: undefined }
  let lastQueryId = Math.floor(random() * 2 ** 30)
  const merge = (copy: Copy) => (stored = newer(copy, stored))

  const serve = mailbox.inbox.pipe(
    decodeMessage(Query),
    replyWith(mailbox, ({ msg: { queryId, copy } }) => [
      { answerTo: queryId, copy: copy === null ? stored : merge(copy) },
    ]),
  )

  // Repeats a query until a majority has answered. Queries are idempotent.
  const query = (copy: Copy | null) =>
    rx.defer(() => {
      const msg = { queryId: ++lastQueryId, copy }
      const send = () => mailbox.outbox.next({ pid: BROADCAST, msg, ttlMs: everyMs })
      const sending = rx.timer(0, everyMs, scheduler).pipe(rx.tap(send), rx.ignoreElements())
      return mailbox.inbox.pipe(
        decodeMessage(Answer),
        rx.filter((answer) => answer.msg.answerTo === msg.queryId),
        majority(mailbox.peers),
        rx.takeUntil(sending),
        rx.map(({ answers }) => answers.map((answer) => answer.msg.copy).reduce(newer, stored)),
      )
    })

  // A read stores its result at a majority, so that no later read emits an older value.
  const store = (copy: Copy) => query(merge(copy)).pipe(rx.map(() => copy.value))
  const read = () => query(null).pipe(rx.switchMap(store))
  const next = (value: unknown) => (last: Copy) =>
    store({ round: last.round + 1, by: mailbox.pid, value })
  return { serve, read, write: (value: unknown) => query(null).pipe(rx.switchMap(next(value))) }
}
