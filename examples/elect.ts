/** Leader election as streams: in each term a majority votes, and each node votes once. */
import { BROADCAST, type Pid, type Mailbox, majority, decodeMessage, reply } from 'rx-cluster'
import * as rx from 'rxjs'
import * as t from 'io-ts'

/** "Vote for me in this term", or, once it leads: "I lead it". The answer is yes, or silence. */
const Claim = t.type({ term: t.Int, leads: t.boolean })
const Yes = t.type({ yes: Claim })

/** Who leads, as far as one node knows. */
export type ElectionState = { readonly leader: Pid | undefined; readonly term: number }

/** Real time and real chance; a simulation has others. */
const SYSTEM = { random: Math.random, scheduler: rx.asyncScheduler as rx.SchedulerLike }

/**
 * Takes part in an election, for as long as it is subscribed to and the node is open.
 *
 * No term has two leaders. A leader claims its term `everyMs`, and steps down when no majority
 * answers it within `timeoutMs`; the others miss it after two to three times as long. A node that
 * restarts has forgotten its votes: before you trust your data to this, write `term` to a disk
 * before each vote.
 */
export const elect = (
  mailbox: Mailbox,
  { everyMs = 100, timeoutMs = 300 } = {},
  environment = SYSTEM,
) =>
  rx.defer((): rx.Observable<ElectionState> => {
    // The newest term that I know of. My vote in it is given: to another, or to me in a campaign.
    let term = 0

    // Claims the term; emits once a majority said yes, or errors if that takes too long.
    const claim = (leads: boolean) => {
      mailbox.outbox.next({ pid: BROADCAST, msg: { term, leads }, ttlMs: timeoutMs })
      return mailbox.inbox.pipe(
        decodeMessage(Yes),
        rx.filter(({ msg }) => msg.yes.term === term && msg.yes.leads === leads),
        majority(mailbox.peers),
        rx.timeout({ first: timeoutMs, scheduler: environment.scheduler }),
        rx.map(() => ({ leader: mailbox.pid, term })),
      )
    }
    const renewal = { delay: () => rx.timer(everyMs, environment.scheduler) }
    const leading = rx.defer(() => claim(true)).pipe(rx.repeat(renewal))

    // Silence makes a candidate, and chance sees to it that this is seldom two at once.
    const electionTimeout = rx.defer(() =>
      rx.timer(timeoutMs * (2 + environment.random()), environment.scheduler),
    )
    const candidacy = electionTimeout.pipe(
      rx.map(() => ({ leader: undefined, term: ++term })),
      rx.switchMap((candidate) => rx.concat(rx.of(candidate), claim(false), leading)),
      rx.catchError((_, again) => again.pipe(rx.startWith({ leader: undefined, term }))),
    )

    // A claim that I say yes to ends my own campaign, or reign; then silence is waited for again.
    return mailbox.inbox.pipe(
      decodeMessage(Claim),
      rx.filter(({ msg }) => msg.term > term || (msg.term === term && msg.leads)),
      rx.tap((claimed) => mailbox.outbox.next(reply(claimed, { yes: claimed.msg }))),
      rx.map(({ pid, msg }) => ({ leader: msg.leads ? pid : undefined, term: (term = msg.term) })),
      rx.startWith({ leader: undefined, term }),
      rx.switchMap((following) => rx.concat(rx.of(following), candidacy)),
      rx.distinctUntilChanged((a, b) => a.leader === b.leader && a.term === b.term),
      rx.takeUntil(mailbox.inbox.pipe(rx.count())),
    )
  })
