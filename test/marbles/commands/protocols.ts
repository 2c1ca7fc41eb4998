/** Protocols for marble tests of clusters: `cluster 3 protocol=election`. */
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

/** Elects a leader, and emits the leader that the node knows. */
const election: Protocol<unknown> = (node, { random, scheduler }) =>
  elect(node, { everyMs: 100, timeoutMs: 300 }, { random, scheduler }).pipe(
    map(({ leader, term }) =>
      leader === undefined ? `no leader in term ${term}` : `node ${leader} leads term ${term}`,
    ),
  )

/** Sends ten heartbeats a second, and emits the peers that become suspects or alive again. */
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
          // Skips `alive` until the peer was a suspect.
          distinctUntilChanged((a, b) => a.verdict === b.verdict),
          skipWhile(({ verdict }) => verdict === 'alive'),
        ),
      ),
      map(({ pid, verdict }) => `${pid} is ${verdict === 'suspect' ? 'a suspect' : 'alive'}`),
    ),
  )

const Query = t.type({ query: t.string })

/** Requests each command from node 2, replies to requests in capitals, and emits the replies. */
const requests: Protocol<unknown> = (node, { random, scheduler }, commands) =>
  merge(
    node.inbox.pipe(
      decodeMessage(Query),
      tap((envelope) => node.outbox.next(reply(envelope, envelope.msg.query.toUpperCase()))),
      ignoreElements(),
    ),
    commands.pipe(
      mergeMap((query) =>
        request(
          node,
          { pid: 2, msg: { query } },
          { timeoutMs: 1_000, retry: { count: 3, baseMs: 100, jitter: 0 }, random, scheduler },
        ).pipe(
          map(({ msg }) => msg),
          catchError((error: { code: string }) => of(error.code)),
        ),
      ),
    ),
  )

/** The protocols by name. */
export const PROTOCOLS: Readonly<Record<string, Protocol<unknown>>> = {
  requests,
  election,
  suspicion,
}
