/** The operator `suspect`: how much is to be feared for each peer. */
import { defer, from, interval, merge, mergeMap, of, EMPTY, Subject, takeUntil, tap } from 'rxjs'
import type { OperatorFunction, SchedulerLike } from 'rxjs'
import { checkNumber } from '../base/check-number.ts'
import { phi, HeartbeatHistory } from './internal/phi.ts'
import type { Envelope } from '../model/envelope.ts'
import type { Pid } from '../model/pid.ts'
import { monotonicScheduler } from '../ports/system.ts'

/** When silence is suspicious. */
export interface FailureDetectorOptions {
  /** How often all peers are looked at, in milliseconds. Default: 1,000. */
  readonly everyMs?: number
  /**
   * The level from which on a peer is a suspect: 1 is wrong one time in ten, 8 one in a hundred
   * million. Default: 8.
   */
  readonly threshold?: number
  /**
   * How many intervals between pulses are remembered per peer: an integer of at least 1. Default:
   * 200.
   */
  readonly window?: number
  /**
   * The least standard deviation, in milliseconds: even the steadiest pulse may slip so much.
   * Default: 100.
   */
  readonly minStdDevMs?: number
  /** How much longer than usual a silence may always last, in milliseconds. Default: 0. */
  readonly acceptablePauseMs?: number
  /**
   * What is taken for the interval before a peer's second pulse, in milliseconds. Default: 1,000.
   */
  readonly firstIntervalMs?: number
  /** Measures time. Its clock must never jump. Default: a monotonic clock. */
  readonly scheduler?: SchedulerLike
}

/** What is to be feared for a peer. */
export interface Suspicion {
  readonly pid: Pid
  /** How surprising its silence is: −log10 of the chance that it is alive and just late. */
  readonly phi: number
  readonly verdict: 'alive' | 'suspect'
}

interface PeerHistory {
  readonly heartbeats: HeartbeatHistory
  lastHeartbeatMs: number
  /** Its last silence was an outage. */
  wasOutage: boolean
  suspected: boolean
}

/**
 * Takes pulses, and tells how suspicious each peer's silence is: the φ accrual failure detector
 * (Hayashibara et al. 2004).
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
 * It tells of every peer that it has ever heard, at every look, and of a suspect that is heard
 * again at once. An outage is not taken for the peer's rhythm, unless another follows. It completes
 * and errors with its source, timer included. To forget peers that leave: `byPeer(node.peers),
 * mergeMap((pulses) => pulses.pipe(suspect()))`.
 *
 * @param options levels, and times in milliseconds
 * @param scheduler keeps the time; its clock must not jump, as the wall clock of `asyncScheduler`
 *   may
 * @returns an operator whose subscription costs one of the source, one timer, and `window` numbers
 *   per peer
 */
export function detectFailures(
  options: FailureDetectorOptions = {},
): OperatorFunction<Pick<Envelope, 'pid'>, Suspicion> {
  const { everyMs = 1_000, threshold = 8, window = 200 } = options
  const { minStdDevMs = 100, acceptablePauseMs = 0, firstIntervalMs = 1_000 } = options
  const { scheduler = monotonicScheduler } = options
  checkNumber('everyMs', everyMs, { min: 1 })
  checkNumber('threshold', threshold, { min: 0 })
  checkNumber('window', window, { min: 1, integer: true })
  checkNumber('minStdDevMs', minStdDevMs, { min: 0 })
  checkNumber('acceptablePauseMs', acceptablePauseMs, { min: 0 })
  checkNumber('firstIntervalMs', firstIntervalMs, { min: 0 })

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
