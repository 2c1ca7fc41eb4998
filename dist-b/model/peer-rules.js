import { PID_MAX, isPid } from './pid.js';
import { endpointFault, normalEndpoint } from './endpoint.js';
import { addressOf } from './ancestor-form.js';
import { describe } from './problems.js';
const PID_RULE = `an integer from 0 to ${PID_MAX}`;
/**
 * Every problem of a map of peers, each as `peers.4.endpoint: expected …, got …`; empty where it
 * may be.
 *
 * @param peers what somebody wants to be everyone but me; nothing about it is taken for granted
 * @param me the node itself, who is nobody's peer here
 */
export function checkPeers(peers, me) {
    const taken = new Map();
    return [...peers].flatMap(([key, peer]) => {
        const path = `peers.${typeof key === 'number' ? key : describe(key)}`;
        if (!isPid(key))
            return [`${path}: expected as key ${PID_RULE}, got ${describe(key)}`];
        if (key === me)
            return [`${path}: expected everyone but this node, got the node itself`];
        if (typeof peer !== 'object' || peer === null) {
            return [`${path}: expected { pid, endpoint }, got ${describe(peer)}`];
        }
        const { pid, endpoint } = peer;
        const wrong = [];
        if (pid !== key)
            wrong.push(`${path}.pid: expected ${key} as its key, got ${describe(pid)}`);
        const fault = endpointProblem(endpoint, taken);
        if (fault !== undefined)
            wrong.push(`${path}.endpoint: ${fault}`);
        else
            taken.set(normalEndpoint(endpoint), key);
        return wrong;
    });
}
/**
 * Where a bare pid is: where the config has it, or else where the ancestor's rule leads.
 *
 * @returns undefined where the config does not tell
 */
export function endpointOf(config, pid) {
    if (!isPid(pid))
        return undefined;
    const member = config.members.get(pid);
    if (member !== undefined)
        return member.endpoint;
    if (config.addressing === undefined)
        return undefined;
    const { endpoint } = addressOf(config.addressing, pid);
    return endpointFault(endpoint, 'connect') === undefined ? endpoint : undefined;
}
function endpointProblem(endpoint, taken) {
    if (typeof endpoint !== 'string')
        return `expected an endpoint, got ${describe(endpoint)}`;
    const fault = endpointFault(endpoint, 'connect');
    if (fault !== undefined)
        return `expected ${fault.expected}, got ${fault.got}`;
    const owner = taken.get(normalEndpoint(endpoint));
    if (owner === undefined)
        return undefined;
    return `expected an endpoint of its own, got ${describe(endpoint)}, as of peer ${String(owner)}`;
}
