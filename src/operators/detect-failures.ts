/** The operator `detectFailures`: the φ accrual failure detector. */
import { defer, merge, mergeMap, of, EMPTY, Observable, Subject, takeUntil, tap } from 'rxjs'
import type { OperatorFunction, SchedulerLike, Subscription } from 'rxjs'
import { ObserverClock } from './internal/observer-clock.ts'
import { phi, HeartbeatHistory } from './internal/phi.ts'
import type { IntervalStats } from './internal/phi.ts'
import { A_SCHEDULER, checkOptions, integerFrom, numberFrom } from '../model/check-arguments.ts'
import type { Envelope } from '../model/envelope.ts'
import type { Pid } from '../model/pid.ts'
import { scheduleAfter } from '../ports/long-timer.ts'
import { defaultScheduler } from '../ports/system.ts'

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
  /** How often every peer is assessed, in milliseconds, up to `Infinity`. Default: 1,000. */
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
  /** How long this process had not run in all, at the last heartbeat. */
  stalledMs: number
  /** Whether the last interval was over the threshold, and therefore not recorded. */
  wasOutage: boolean
  /** How many heartbeats may still come that waited out a gap. */
  delayedCount: number
  suspected: boolean
}

/** After a gap, intervals below this part of the mean are heartbeats that waited it out. */
const BURST_PART = 0.5
/** After a stall, sockets are read within this time, in milliseconds. */
const READ_SOCKETS_MS = 50
/** Up to this many stalls in a row postpone an assessment. */
const POSTPONED_MAX = 3
/** The turns of the event loop, in which sockets are read, before a new suspicion. */
const TURNS_BEFORE_SUSPICION = 4

/**
 * Turns heartbeats into suspicions: the longer a peer is silent, the higher its φ.
 *
 * ```ts usage
 * node.inbox
 *   .pipe(detectFailures({ threshold: 8 }), filter(({ verdict }) => verdict === 'suspect'))
 *   .subscribe(({ pid, phi }) => console.log(pid, phi))
 * ```
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
 * Silence counts only while this process runs. If it computes, collects garbage or is suspended, an
 * assessment comes late by more than `minStdDevMs`: that time does not count, and what arrived
 * meanwhile is read first. Heartbeats that waited out a gap arrive in one burst, which is not
 * recorded either.
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
  const { scheduler = defaultScheduler } = options

  const expectedOf = ({ heartbeats }: PeerHistory): IntervalStats =>
    heartbeats.stats() ?? { meanMs: firstIntervalMs, stdDevMs: firstIntervalMs / 4 }
  const phiOf = (history: PeerHistory, clock: ObserverClock): number => {
    const { meanMs, stdDevMs } = expectedOf(history)
    const stalledMs = clock.stalledMs - history.stalledMs
    return phi(clock.nowMs() - history.lastHeartbeatMs - stalledMs, {
      meanMs: meanMs + acceptablePauseMs,
      stdDevMs: Math.max(stdDevMs, minStdDevMs),
    })
  }

  return (source) =>
    defer(() => {
      const clock = new ObserverClock(scheduler, minStdDevMs)
      const histories = new Map<Pid, PeerHistory>()
      const sourceCompleted = new Subject<void>()

      const assess = (pid: Pid, history: PeerHistory): Suspicion => {
        const level = phiOf(history, clock)
        history.suspected = level >= threshold
        return { pid, phi: level, verdict: history.suspected ? 'suspect' : 'alive' }
      }
      const onInterval = (history: PeerHistory, intervalMs: number): void => {
        const { meanMs } = expectedOf(history)
        const isStall = history.stalledMs !== clock.stalledMs
        history.wasOutage = !isStall && !history.wasOutage && phiOf(history, clock) >= threshold
        if (isStall || history.wasOutage) {
          history.delayedCount = Math.ceil(intervalMs / meanMs)
        } else if (history.delayedCount > 0 && intervalMs < meanMs * BURST_PART) {
          history.delayedCount--
        } else {
          history.delayedCount = 0
          history.heartbeats.add(intervalMs)
        }
      }
      const onHeartbeat = (pid: Pid): Suspicion | undefined => {
        clock.check()
        const lastHeartbeatMs = clock.nowMs()
        const { stalledMs } = clock
        const history = histories.get(pid)
        if (history === undefined) {
          histories.set(pid, {
            heartbeats: new HeartbeatHistory(window),
            lastHeartbeatMs,
            stalledMs,
            wasOutage: false,
            delayedCount: 0,
            suspected: false,
          })
          return undefined
        }
        onInterval(history, lastHeartbeatMs - history.lastHeartbeatMs)
        history.lastHeartbeatMs = lastHeartbeatMs
        history.stalledMs = stalledMs
        return history.suspected ? assess(pid, history) : undefined
      }
      const hasNewSuspect = (): boolean =>
        [...histories.values()].some(
          (history) => !history.suspected && phiOf(history, clock) >= threshold,
        )
      const assessments = new Observable<Suspicion>((subscriber) => {
        let pending: Subscription | undefined
        let postponedCount = 0
        let turnCount = 0
        const lookAgain = (delayMs: number): void => {
          clock.expect(delayMs)
          pending = scheduleAfter(scheduler, look, delayMs)
        }
        const look = (): void => {
          if (clock.check() && postponedCount < POSTPONED_MAX) {
            postponedCount++
            return lookAgain(Math.min(everyMs, READ_SOCKETS_MS))
          }
          // Timers run before sockets are read: its heartbeat may be there already.
          if (hasNewSuspect() && turnCount < TURNS_BEFORE_SUSPICION) {
            turnCount++
            return lookAgain(0)
          }
          postponedCount = 0
          turnCount = 0
          for (const [pid, history] of histories) subscriber.next(assess(pid, history))
          if (!subscriber.closed) lookAgain(everyMs)
        }
        subscriber.add(() => pending?.unsubscribe())
        lookAgain(everyMs)
      })
      return merge(
        assessments.pipe(takeUntil(sourceCompleted)),
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
