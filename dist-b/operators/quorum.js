/** The operator `quorum`: enough answers from distinct peers. */
import { concat, defer, filter, map, merge, NEVER, of, take, throwError } from 'rxjs';
import { checkNumber } from '../core/check-number.js';
import { ClusterError } from '../model/cluster-error.js';
/**
 * Gathers answers from distinct peers until there are enough of them.
 *
 * ```marbles
 * # the second answer of peer 2 does not count
 * quorum 2 peers=2,3,4
 * source  -a-b-c---
 * a = 2: "yes"
 * b = 2: "yes"
 * c = 3: "yes"
 * ----
 * result  -----(A|)
 * A = {"answers":["a","c"],"missing":[4]}
 * ```
 *
 * It emits once and completes. A source that completes before that makes it error with
 * `QUORUM_UNREACHABLE`, whose `issues` name who is missing; so do fewer peers than are needed, at
 * once, unless they are followed. Errors pass through. A quorum of 0 is there at once, and the
 * source is not subscribed to.
 *
 * @param needed how many answers: an integer of at least 0, or how many for so many peers
 * @param options whose answers count
 * @returns an operator whose subscription costs one of the source, one of `peers`, and one answer
 *   per peer
 */
export function quorum(needed, options = {}) {
    if (typeof needed === 'number')
        checkNumber('needed', needed, { least: 0, whole: true });
    return (source) => defer(() => {
        const answers = new Map();
        let voters;
        const missing = () => voters instanceof Set ? [...voters].filter((pid) => !answers.has(pid)) : [];
        const unreachable = () => {
            const from = [...answers.keys()].join(', ') || 'nobody';
            const issues = missing().map((pid) => `${pid}: no answer`);
            const rest = issues.length === 0 ? '' : `, not from ${missing().join(', ')}`;
            return new ClusterError('QUORUM_UNREACHABLE', `answers from ${from}${rest}`, { issues });
        };
        const tally = () => {
            if (voters === undefined)
                return undefined;
            const size = voters === 'anyone' ? Infinity : voters.size;
            const count = typeof needed === 'number' ? needed : needed(size);
            if (answers.size >= count)
                return { answers: [...answers.values()], missing: missing() };
            if (size < count && options.follow !== true)
                throw unreachable();
            return undefined;
        };
        const membership = votersOf(options).pipe(map((now) => {
            voters = now;
            for (const pid of answers.keys())
                if (!counts(pid, now))
                    answers.delete(pid);
            return tally();
        }));
        const gathering = source.pipe(map((answer) => {
            const { pid } = answer;
            if (!answers.has(pid) && counts(pid, voters ?? 'anyone'))
                answers.set(pid, answer);
            return tally();
        }));
        return merge(concat(membership, NEVER), concat(gathering, throwError(() => unreachable()))).pipe(filter((result) => result !== undefined), take(1));
    });
}
function votersOf({ peers, follow = false }) {
    if (peers === undefined)
        return of('anyone');
    if (!('subscribe' in peers))
        return of(new Set(peers));
    const voters = peers.pipe(map((now) => new Set(now.keys())));
    return follow ? voters : voters.pipe(take(1));
}
function counts(pid, voters) {
    return voters === 'anyone' || voters.has(pid);
}
