/** The operator `detectFailures`: the φ accrual failure detector. */
import { defer, from, interval, merge, mergeMap, of, EMPTY, Subject, takeUntil, tap } from 'rxjs'
import type { OperatorFunction, SchedulerLike } from 'rxjs'
import { phi, HeartbeatHistory } from './internal/phi.ts'
import { A_SCHEDULER, checkOptions, integerFrom, numberFrom } from '../model/check-arguments.ts'
import type { Envelope } from '../model/envelope.ts'
import type { Pid } from '../model/pid.ts'
import { monotonicScheduler } from '../ports/system.ts'

const OPTIONS = {
  optional: {
    everyMs: numberFrom({ min: 1 }),
    threshold: numberFrom({ min: 0 }),
    window: integerFrom({ min: 1 }),
    minStdDevMs: numberFrom({ min: 0 }),
    acceptablePauseMs: numberFrom({ min: 0 }),
    firstIntervalMs: numberFrom({ min: 0 }),
    scheduler: A_SCHEDULER,
  },
}

/** Options of `detectFailures`. */
export interface FailureDetectorOptions {
  /** How often every peer is assessed, in milliseconds. Default: 1,000. */
  readonly everyMs?: number | undefined
  /**
   * The φ from which a peer is a suspect. At 1, one suspicion in 10 is wrong; at 8, one in 100
   * million. Default: 8.
   */
  readonly threshold?: number | undefined
  /**
   * How many intervals between heartbeats are remembered per peer: an integer of at least 1.
   * Default: 200.
   */
  readonly window?: number | undefined
  /**
   * The lower limit of the standard deviation, in milliseconds, for heartbeats that are very
   * regular. Default: 100.
   */
  readonly minStdDevMs?: number | undefined
  /** A pause that is added to the expected interval, in milliseconds. Default: 0. */
  readonly acceptablePauseMs?: number | undefined
  /**
   * The expected interval until the second heartbeat of a peer, in milliseconds. Default: 1,000.
   */
  readonly firstIntervalMs?: number | undefined
  /**
   * Schedules the assessments and measures intervals. Its clock must not jump, as the wall clock of
   * `asyncScheduler` can. Default: a monotonic scheduler.
   */
  readonly scheduler?: SchedulerLike | undefined
}

/** How likely a peer has failed. */
export interface Suspicion {
  readonly pid: Pid
  /** −log10 of the probability that its next heartbeat is merely late. */
  readonly phi: number
  readonly verdict: 'alive' | 'suspect'
}

interface PeerHistory {
  readonly heartbeats: HeartbeatHistory
  lastHeartbeatMs: number
  /** Whether the last interval was over the threshold, and therefore not recorded. */
  wasOutage: boolean
  suspected: boolean
}

/**
 * Turns heartbeats into suspicions: the longer a peer is silent, the higher its φ.
 *
 * ```marbles
 * # silent for 15 ms where 5 ms are usual, then back
 * detectFailures everyMs=10 threshold=3 minStdDevMs=1 firstIntervalMs=5
 * source  a----a----a--------------a---|
 * a = 2: "beat"
 * ----
 * result  ----------A---------B----C---|
 * A = {"pid":2,"phi":0.3,"verdict":"alive"}
 * B = {"pid":2,"phi":6.5,"verdict":"suspect"}
 * C = {"pid":2,"phi":0,"verdict":"alive"}
 * ```
 *
 * This is the φ accrual failure detector (Hayashibara, Défago, Yared, Katayama: "The φ Accrual
 * Failure Detector", SRDS 2004). φ is −log10 of the probability that a heartbeat arrives later than
 * now, with normally distributed intervals.
 *
 * Every envelope is a heartbeat of its sender. Every `everyMs` it emits one suspicion per peer that
 * has sent a heartbeat. A suspect that sends again is emitted at once. A first interval over the
 * threshold is an outage and is not recorded; a second one in a row is recorded.
 *
 * It completes and errors with its source, and remembers every peer until then. To forget removed
 * peers: `groupByPeer(node.peers), mergeMap((group) => group.pipe(detectFailures()))`.
 *
 * @param options the threshold, and times in milliseconds
 * @returns an operator; a subscription costs one subscription of the source, one timer, and up to
 *   `window` numbers per peer
 * @throws ClusterError `INVALID_ARGUMENT` for an argument that is not valid
 * @example
 * ```ts
 * import { detectFailures } from 'rx-cluster'
 * import { concat, map, NEVER, of, take, takeLast, takeWhile, timer } from 'rxjs'
 *
 * // In a program, the source is node.inbox. This peer sends five heartbeats and falls silent.
 * const inbox = concat(timer(0, 20).pipe(take(5)), NEVER).pipe(map(() => ({ pid: 2 })))
 * inbox
 *   .pipe(
 *     detectFailures({ everyMs: 20, firstIntervalMs: 20, minStdDevMs: 5 }),
 *     takeWhile(({ verdict }) => verdict === 'alive', true),
 *     takeLast(1),
 *   )
 *   .subscribe(({ pid, verdict }) => console.log(pid, verdict)) // 2 suspect
 * ```
 * @see {@link heartbeat} makes the heartbeats.
 */
export function detectFailures(
  options: FailureDetectorOptions = {},
): OperatorFunction<Pick<Envelope, 'pid'>, Suspicion> {
  checkOptions('detectFailures', options, OPTIONS)
  const { everyMs = 1_000, threshold = 8, window = 200 } = options
  const { minStdDevMs = 100, acceptablePauseMs = 0, firstIntervalMs = 1_000 } = options
  const { scheduler = monotonicScheduler } = options

  const phiOf = ({ heartbeats, lastHeartbeatMs }: PeerHistory): number => {
    const initial = { meanMs: firstIntervalMs, stdDevMs: firstIntervalMs / 4 }
    const { meanMs, stdDevMs } = heartbeats.stats() ?? initial
    return phi(scheduler.now() - lastHeartbeatMs, {
      meanMs: meanMs + acceptablePauseMs,
      stdDevMs: Math.max(stdDevMs, minStdDevMs),
    })
  }

  return (source) =>
    defer(() => {
      const histories = new Map<Pid, PeerHistory>()
      const sourceCompleted = new Subject<void>()

      const assess = (pid: Pid, history: PeerHistory): Suspicion => {
        const level = phiOf(history)
        history.suspected = level >= threshold
        return { pid, phi: level, verdict: history.suspected ? 'suspect' : 'alive' }
      }
      const assessAll = (): readonly Suspicion[] =>
        [...histories].map(([pid, history]) => assess(pid, history))
      const onHeartbeat = (pid: Pid): Suspicion | undefined => {
        const nowMs = scheduler.now()
        const history = histories.get(pid)
        if (history === undefined) {
          const heartbeats = new HeartbeatHistory(window)
          histories.set(pid, {
            heartbeats,
            lastHeartbeatMs: nowMs,
            wasOutage: false,
            suspected: false,
          })
          return undefined
        }
        const { suspected } = history
        history.wasOutage = !history.wasOutage && phiOf(history) >= threshold
        if (!history.wasOutage) history.heartbeats.add(nowMs - history.lastHeartbeatMs)
        history.lastHeartbeatMs = nowMs
        return suspected ? assess(pid, history) : undefined
      }
      return merge(
        interval(everyMs, scheduler).pipe(
          takeUntil(sourceCompleted),
          mergeMap(() => from(assessAll())),
        ),
        source.pipe(
          tap({ complete: () => sourceCompleted.next() }),
          mergeMap(({ pid }) => {
            const suspicion = onHeartbeat(pid)
            return suspicion === undefined ? EMPTY : of(suspicion)
          }),
        ),
      )
    })
}
