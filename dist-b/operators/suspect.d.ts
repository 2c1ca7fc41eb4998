import type { OperatorFunction, SchedulerLike } from 'rxjs';
import type { Envelope } from '../model/envelope.ts';
import type { Pid } from '../model/pid.ts';
/** When silence is suspicious. */
export interface SuspectOptions {
    /** How often all peers are looked at, in milliseconds. Default: 1,000. */
    readonly everyMs?: number;
    /**
     * The level from which on a peer is a suspect: 1 is wrong one time in ten, 8 one in a hundred
     * million. Default: 8.
     */
    readonly threshold?: number;
    /**
     * How many intervals between pulses are remembered per peer: an integer of at least 1. Default:
     * 200.
     */
    readonly window?: number;
    /**
     * The least standard deviation, in milliseconds: even the steadiest pulse may slip so much.
     * Default: 100.
     */
    readonly minStdDevMs?: number;
    /** How much longer than usual a silence may always last, in milliseconds. Default: 0. */
    readonly acceptablePauseMs?: number;
    /**
     * What is taken for the interval before a peer's second pulse, in milliseconds. Default: 1,000.
     */
    readonly firstIntervalMs?: number;
}
/** What is to be feared for a peer. */
export interface Suspicion {
    readonly pid: Pid;
    /** How surprising its silence is: −log10 of the chance that it is alive and just late. */
    readonly phi: number;
    readonly verdict: 'alive' | 'suspect';
}
/**
 * Takes pulses, and tells how suspicious each peer's silence is: the φ accrual failure detector
 * (Hayashibara et al. 2004).
 *
 * ```marbles
 * # silent for 15 ms where 5 ms are usual, then back
 * suspect everyMs=10 threshold=3 minStdDevMs=1 firstIntervalMs=5
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
export declare function suspect(options?: SuspectOptions, scheduler?: SchedulerLike): OperatorFunction<Pick<Envelope, 'pid'>, Suspicion>;
