import { INSECURE_FIELD, LIMIT_FIELDS } from './config-codecs.js';
import { describe, problemsOf } from './problems.js';
import { ClusterError } from './cluster-error.js';
import { closedObject } from './closed-object.js';
import { frozenMap } from './frozen-map.js';
import { invalid } from './decode-config.js';
import { isLeft } from 'fp-ts/lib/Either.js';
import { isLoopback } from './endpoint.js';
/** More pids than this are counted, not listed. */
const LISTED_PIDS = 20;
const Overrides = closedObject('an object', {}, { ...LIMIT_FIELDS, insecure: INSECURE_FIELD });
/**
 * Takes node `pid`'s share of a config.
 *
 * @param overrides limits that hold instead of the config's; `undefined` counts as left out
 * @throws ClusterError `PID_NOT_IN_CONFIG`; `CONFIG_INVALID` for overrides that are wrong;
 *   `INSECURE_BIND` where others than this machine could reach the node and nobody said that they
 *   may
 */
export function nodeConfig(config, pid, overrides = {}) {
    const decoded = Overrides.decode(overrides);
    if (isLeft(decoded))
        throw invalid(problemsOf(decoded.left, 'options'));
    const me = config.members.get(pid);
    if (me === undefined) {
        const message = `${describe(pid)} is not in the config: it names ${pidsOf(config)}`;
        throw new ClusterError('PID_NOT_IN_CONFIG', message);
    }
    const peers = [...config.members.values()].filter((member) => member !== me);
    const mine = {
        ...config,
        ...decoded.right,
        pid,
        bind: me.bind,
        peers: frozenMap(peers.map(({ pid: other, endpoint }) => [other, { pid: other, endpoint }])),
    };
    if (!mine.insecure && !isLoopback(me.bind))
        throw insecure(pid, me.bind);
    return Object.freeze(mine);
}
function insecure(pid, bind) {
    const message = `node ${pid} would bind to ${bind}, where other machines can reach it, and without keys ` +
        'whoever reaches it can join: bind to 127.0.0.1 or ipc://, or set "insecure": true ' +
        'if nobody else is on that network';
    return new ClusterError('INSECURE_BIND', message);
}
function pidsOf({ members }) {
    const pids = [...members.keys()];
    const listed = pids.slice(0, LISTED_PIDS).join(', ');
    return pids.length <= LISTED_PIDS ? listed : `${listed} and ${pids.length - LISTED_PIDS} more`;
}
