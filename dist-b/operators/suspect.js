/** The operator `suspect`: how much is to be feared for each peer. */
import { defer, from, interval, merge, mergeMap, of, EMPTY, Subject, takeUntil, tap } from 'rxjs';
import { checkNumber } from '../core/check-number.js';
import { phi, Pulses } from '../core/phi.js';
import { steadyScheduler } from '../ports/ambient.js';
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
export function suspect(options = {}, scheduler = steadyScheduler) {
    const { everyMs = 1_000, threshold = 8, window = 200 } = options;
    const { minStdDevMs = 100, acceptablePauseMs = 0, firstIntervalMs = 1_000 } = options;
    checkNumber('everyMs', everyMs, { least: 1 });
    checkNumber('threshold', threshold, { least: 0 });
    checkNumber('window', window, { least: 1, whole: true });
    checkNumber('minStdDevMs', minStdDevMs, { least: 0 });
    checkNumber('acceptablePauseMs', acceptablePauseMs, { least: 0 });
    checkNumber('firstIntervalMs', firstIntervalMs, { least: 0 });
    const levelOf = ({ pulses, lastMs }) => {
        const first = { meanMs: firstIntervalMs, stdDevMs: firstIntervalMs / 4 };
        const { meanMs, stdDevMs } = pulses.rhythm() ?? first;
        return phi(scheduler.now() - lastMs, {
            meanMs: meanMs + acceptablePauseMs,
            stdDevMs: Math.max(stdDevMs, minStdDevMs),
        });
    };
    return (source) => defer(() => {
        const patients = new Map();
        const ended = new Subject();
        const look = (pid, patient) => {
            const level = levelOf(patient);
            patient.suspected = level >= threshold;
            return { pid, phi: level, verdict: patient.suspected ? 'suspect' : 'alive' };
        };
        const lookAtAll = () => [...patients].map(([pid, patient]) => look(pid, patient));
        const feel = (pid) => {
            const nowMs = scheduler.now();
            const known = patients.get(pid);
            if (known === undefined) {
                const pulses = new Pulses(window);
                patients.set(pid, { pulses, lastMs: nowMs, gap: false, suspected: false });
                return undefined;
            }
            const { suspected } = known;
            known.gap = !known.gap && levelOf(known) >= threshold;
            if (!known.gap)
                known.pulses.add(nowMs - known.lastMs);
            known.lastMs = nowMs;
            return suspected ? look(pid, known) : undefined;
        };
        return merge(interval(everyMs, scheduler).pipe(takeUntil(ended), mergeMap(() => from(lookAtAll()))), source.pipe(tap({ complete: () => ended.next() }), mergeMap(({ pid }) => {
            const suspicion = feel(pid);
            return suspicion === undefined ? EMPTY : of(suspicion);
        })));
    });
}
