/** Leader election as streams: in each term a majority votes, and each node votes once. */
import { BROADCAST, type Pid, type Post, majority, ofType, reply } from 'rx-cluster'
import * as rx from 'rxjs'
import * as t from 'io-ts'

/** "Vote for me in this term", or, once it leads: "I lead it". The answer is yes, or silence. */
const Claim = t.type({ term: t.Int, leads: t.boolean })
const Yes = t.type({ yes: Claim })

/** Who leads, as far as one node knows. */
export type Reign = { readonly leader: Pid | undefined; readonly term: number }

/** Real time and real chance; a simulation has others. */
const REAL = { chance: Math.random, scheduler: rx.asyncScheduler as rx.SchedulerLike }

/**
 * Takes part in an election, for as long as it is subscribed to and the node is open.
 *
 * No term has two leaders. A leader claims its term `everyMs`, and steps down when no majority
 * answers it within `patienceMs`; the others miss it after two to three times as long. A node that
 * restarts has forgotten its votes: before you trust your data to this, write `term` to a disk
 * before each vote.
 */
export const elect = (post: Post, { everyMs = 100, patienceMs = 300 } = {}, world = REAL) =>
  rx.defer((): rx.Observable<Reign> => {
    // The newest term that I know of. My vote in it is given: to another, or to me in a campaign.
    let term = 0

    // Claims the term; emits once a majority said yes, or errors if that takes too long.
    const claim = (leads: boolean) => {
      post.outbox.next({ pid: BROADCAST, msg: { term, leads }, ttlMs: patienceMs })
      return post.inbox.pipe(
        ofType(Yes),
        rx.filter(({ msg }) => msg.yes.term === term && msg.yes.leads === leads),
        majority(post.peers),
        rx.timeout({ first: patienceMs, scheduler: world.scheduler }),
        rx.map(() => ({ leader: post.pid, term })),
      )
    }
    const pause = { delay: () => rx.timer(everyMs, world.scheduler) }
    const reign = rx.defer(() => claim(true)).pipe(rx.repeat(pause))

    // Silence makes a candidate, and chance sees to it that this is seldom two at once.
    const silence = rx.defer(() => rx.timer(patienceMs * (2 + world.chance()), world.scheduler))
    const candidacy = silence.pipe(
      rx.map(() => ({ leader: undefined, term: ++term })),
      rx.switchMap((nobody) => rx.concat(rx.of(nobody), claim(false), reign)),
      rx.catchError((_, again) => again.pipe(rx.startWith({ leader: undefined, term }))),
    )

    // A claim that I say yes to ends my own campaign, or reign; then silence is waited for again.
    return post.inbox.pipe(
      ofType(Claim),
      rx.filter(({ msg }) => msg.term > term || (msg.term === term && msg.leads)),
      rx.tap((heard) => post.outbox.next(reply(heard, { yes: heard.msg }))),
      rx.map(({ pid, msg }) => ({ leader: msg.leads ? pid : undefined, term: (term = msg.term) })),
      rx.startWith({ leader: undefined, term }),
      rx.switchMap((now) => rx.concat(rx.of(now), candidacy)),
      rx.distinctUntilChanged((a, b) => a.leader === b.leader && a.term === b.term),
      rx.takeUntil(post.inbox.pipe(rx.count())),
    )
  })
