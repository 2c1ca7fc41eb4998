/** What the nodes of whole-cluster stanzas run: `cluster 3 protocol=election`. */
import {
  catchError,
  distinctUntilChanged,
  groupBy,
  ignoreElements,
  map,
  merge,
  mergeMap,
  of,
  skipWhile,
  tap,
} from 'rxjs'
import {
  BROADCAST,
  heartbeat,
  decodeMessage,
  reply,
  request,
  detectFailures,
} from '../../../src/index.ts'
import type { Protocol } from '../../../src/testing/simulation/world.ts'
import { elect } from '../../../examples/elect.ts'
import * as t from 'io-ts'

/** Elects a leader, and says who leads as far as it knows. */
const election: Protocol<unknown> = (node, { random, scheduler }) =>
  elect(node, { everyMs: 100, timeoutMs: 300 }, { random, scheduler }).pipe(
    map(({ leader, term }) => (leader === undefined ? `term ${term}` : `${leader} leads ${term}`)),
  )

/** Each beats ten times a second, and says whom it suspects, and whom no longer. */
const suspicion: Protocol<unknown> = (node, { scheduler }) =>
  merge(
    heartbeat(100, () => ({ pid: BROADCAST, msg: 'beat', ttlMs: 50 }), scheduler).pipe(
      tap((beat) => node.outbox.next(beat)),
      ignoreElements(),
    ),
    node.inbox.pipe(
      detectFailures({
        everyMs: 50,
        threshold: 3,
        firstIntervalMs: 100,
        minStdDevMs: 20,
        scheduler,
      }),
      groupBy(({ pid }) => pid),
      mergeMap((peer) =>
        peer.pipe(
          // That somebody is alive is news only after it was a suspect.
          distinctUntilChanged((a, b) => a.verdict === b.verdict),
          skipWhile(({ verdict }) => verdict === 'alive'),
        ),
      ),
      map(({ pid, verdict }) => `${pid} is ${verdict === 'suspect' ? 'a suspect' : 'alive'}`),
    ),
  )

const Question = t.type({ ask: t.string })

/** Asks node 2 what it is told to ask, answers what it is asked, and says what it heard. */
const asking: Protocol<unknown> = (node, { random, scheduler }, commands) =>
  merge(
    node.inbox.pipe(
      decodeMessage(Question),
      tap((question) => node.outbox.next(reply(question, question.msg.ask.toUpperCase()))),
      ignoreElements(),
    ),
    commands.pipe(
      mergeMap((question) =>
        request(
          node,
          { pid: 2, msg: { ask: question } },
          { timeoutMs: 1_000, retry: { count: 3, baseMs: 100, jitter: 0 }, random, scheduler },
        ).pipe(
          map(({ msg }) => msg),
          catchError((error: { code: string }) => of(error.code)),
        ),
      ),
    ),
  )

/** By the names that stanzas use. */
export const PROTOCOLS: Readonly<Record<string, Protocol<unknown>>> = {
  asking,
  election,
  suspicion,
}
