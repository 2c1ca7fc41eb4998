/** Leader election as streams: a leader needs a majority, and each node votes once per term. */
import { BROADCAST, type Pid, type Mailbox, majority, decodeMessage, reply } from 'rx-cluster'
import * as rx from 'rxjs'
import * as t from 'io-ts'

/** A candidate claims a term, and a leader (`leads`) renews its claim. The answer is `Yes`. */
const Claim = t.type({ term: t.Int, leads: t.boolean })
const Yes = t.type({ yes: Claim })

/** The leader that one node follows, and the newest term that it knows. */
export type ElectionState = { readonly leader: Pid | undefined; readonly term: number }

/** Real time and randomness; a simulation passes others. */
const SYSTEM = { random: Math.random, scheduler: rx.asyncScheduler as rx.SchedulerLike }

/**
 * Takes part in an election while it is subscribed to; completes when the node closes.
 *
 * Invariant: a term has at most one leader. A leader renews its claim every `everyMs`, and steps
 * down if no majority answers within `timeoutMs`. A node without a claim for 2 to 3 times
 * `timeoutMs` becomes a candidate.
 *
 * Limit: a node that restarts has forgotten its votes. Before you use this for data, write `term`
 * to disk before each vote.
 */
export const elect = (mailbox: Mailbox, { everyMs = 100, timeoutMs = 300 } = {}, system = SYSTEM) =>
  rx.defer((): rx.Observable<ElectionState> => {
    // The newest term that this node knows. Its vote in that term is given, to a peer or itself.
    let term = 0

    // Claims the term. Emits when a majority says yes; errors after `timeoutMs`.
    const claim = (leads: boolean) => {
      mailbox.outbox.next({ pid: BROADCAST, msg: { term, leads }, ttlMs: timeoutMs })
      return mailbox.inbox.pipe(
        decodeMessage(Yes),
        rx.filter(({ msg }) => msg.yes.term === term && msg.yes.leads === leads),
        majority(mailbox.peers),
        rx.timeout({ first: timeoutMs, scheduler: system.scheduler }),
        rx.map(() => ({ leader: mailbox.pid, term })),
      )
    }
    const renewal = { delay: () => rx.timer(everyMs, system.scheduler) }
    const leading = rx.defer(() => claim(true)).pipe(rx.repeat(renewal))

    // Without a claim a node becomes a candidate. Random timeouts make two at once unlikely.
    const timeout = rx.defer(() => rx.timer(timeoutMs * (2 + system.random()), system.scheduler))
    const candidacy = timeout.pipe(
      rx.map(() => ({ leader: undefined, term: ++term })),
      rx.switchMap((candidate) => rx.concat(rx.of(candidate), claim(false), leading)),
      rx.catchError((_, again) => again.pipe(rx.startWith({ leader: undefined, term }))),
    )

    // Saying yes to a claim ends an own candidacy or leadership, and restarts the timeout.
    return mailbox.inbox.pipe(
      decodeMessage(Claim),
      rx.filter(({ msg }) => msg.term > term || (msg.term === term && msg.leads)),
      rx.tap((claimed) => mailbox.outbox.next(reply(claimed, { yes: claimed.msg }))),
      rx.map(({ pid, msg }) => ({ leader: msg.leads ? pid : undefined, term: (term = msg.term) })),
      rx.startWith({ leader: undefined, term }),
      rx.switchMap((following) => rx.concat(rx.of(following), candidacy)),
      rx.distinctUntilChanged((a, b) => a.leader === b.leader && a.term === b.term),
      rx.takeUntil(mailbox.closed),
    )
  })
