/** The explicit form of a config: a list of peers, each with its pid and where it is. */
import * as t from 'io-ts';
import { COMMON_FIELDS, PidCodec, endpoint } from './config-codecs.js';
import { describe, itemContext } from './problems.js';
import { endpointFault, normalEndpoint } from './endpoint.js';
import { closedObject, isPlain } from './closed-object.js';
import { isLeft } from 'fp-ts/lib/Either.js';
import { isPid } from './pid.js';
/** One of the list: `bind` is its endpoint where it is left out. */
const EntryCodec = closedObject('an object { pid, endpoint, bind? }', { pid: PidCodec, endpoint: endpoint('connect') }, { bind: endpoint('bind') });
/** The list: at least one member, and no pid and no endpoint twice. */
export const PEERS_CODEC = new t.Type('a list of { pid, endpoint, bind? }, at least one', (value) => Array.isArray(value) && value.every(EntryCodec.is), (input, context) => {
    if (!Array.isArray(input) || input.length === 0)
        return t.failure(input, context);
    const entries = input;
    const errors = [];
    const members = [];
    // By index: a hole in a list is an entry that is missing.
    for (let index = 0; index < entries.length; index++) {
        const entry = entries[index];
        const result = EntryCodec.validate(entry, itemContext(context, index, EntryCodec, entry));
        if (isLeft(result))
            errors.push(...result.left);
        else
            members.push({ ...result.right, bind: result.right.bind ?? result.right.endpoint });
    }
    errors.push(...repeats(entries, context));
    return errors.length > 0 ? t.failures(errors) : t.success(members);
}, t.identity);
/** The keys that only this form has. */
export const EXPLICIT_FIELDS = { peers: PEERS_CODEC };
/** A whole file of this form. */
export const ExplicitForm = closedObject('an object', EXPLICIT_FIELDS, COMMON_FIELDS);
/** Pids and endpoints that stand in the list again, whatever else is wrong there. */
function repeats(entries, context) {
    const errors = [];
    const pids = new Map();
    const endpoints = new Map();
    const look = (seen, { index, key, value }, entry) => {
        const before = seen.get(value);
        if (before === undefined) {
            seen.set(value, index);
            return;
        }
        const inEntry = itemContext(context, index, EntryCodec, entry);
        const message = `expected each ${key} once, got ${describe(value)} as in peers.${before}`;
        errors.push({ value, context: t.appendContext(inEntry, key, t.unknown, value), message });
    };
    for (const [index, entry] of entries.entries()) {
        if (!isPlain(entry))
            continue;
        const { pid, endpoint: at } = entry;
        if (isPid(pid))
            look(pids, { index, key: 'pid', value: pid }, entry);
        if (typeof at === 'string' && endpointFault(at, 'connect') === undefined) {
            look(endpoints, { index, key: 'endpoint', value: normalEndpoint(at) }, entry);
        }
    }
    return errors;
}
