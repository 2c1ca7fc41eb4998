/** The two ways in which `up` speaks: to a person, and to a program. */
import { fromJson, toJson } from './json-message.js';
import { BROADCAST } from '../model/pid.js';
/** For people. */
export const PLAIN = {
    hear: (line) => {
        if (line.trim() === '')
            return { type: 'nothing' };
        if (!line.startsWith('@'))
            return { type: 'envelope', envelope: { pid: BROADCAST, msg: line } };
        const [, pid, msg] = /^@(\d+)\s+(.*)$/.exec(line) ?? [];
        if (msg === undefined)
            return { type: 'wrong', problem: 'to write to one peer: @2 hello' };
        return { type: 'envelope', envelope: { pid: Number(pid), msg } };
    },
    ready: (pid, endpoint) => `* I am ${pid}, at ${endpoint}. Lines go to everybody, "@2 hello" to one, ^D ends.`,
    envelope: ({ pid, msg }) => `${pid}: ${text(msg)}`,
    event: (event) => {
        switch (event.type) {
            case 'link':
                return event.state === 'connecting' ? undefined : `* ${event.pid} is ${event.state}`;
            case 'peer-restarted':
                return `* ${event.pid} is another process now`;
            case 'refused':
                return `* ${event.pid} does not let me in: ${event.detail}`;
            case 'turned-away':
                return `* ${event.pid} was turned away: ${event.detail}`;
            case 'bad-frame':
                return `! a frame that cannot be read${event.pid === undefined ? '' : ` from ${event.pid}`}: ${event.detail}`;
            default:
                return undefined;
        }
    },
    dead: ({ envelope, reason, outcome, detail }) => {
        const fate = outcome === 'unknown' ? 'may not have arrived' : 'did not arrive';
        return `! to ${envelope.pid}: ${text(envelope.msg)} ${fate}: ${detail ?? reason}`;
    },
    wrong: (problem) => `! ${problem}`,
};
/** For programs: one JSON object per line. */
export const JSON_LINES = {
    hear: (line) => {
        if (line.trim() === '')
            return { type: 'nothing' };
        let value;
        try {
            value = JSON.parse(line);
        }
        catch (error) {
            return { type: 'wrong', problem: `not JSON: ${error.message}` };
        }
        if (typeof value !== 'object' || value === null || !('pid' in value) || !('msg' in value)) {
            return { type: 'wrong', problem: 'expected {"pid": 2, "msg": …}; pid -1 is everybody' };
        }
        // The node checks the rest, and a wrong one comes out of its dead letters.
        const envelope = { ...value, msg: fromJson(value.msg) };
        return { type: 'envelope', envelope };
    },
    ready: (pid, endpoint) => JSON.stringify({ type: 'ready', pid, endpoint }),
    envelope: (envelope) => JSON.stringify({ type: 'envelope', ...envelope, msg: toJson(envelope.msg) }),
    event: (event) => {
        switch (event.type) {
            case 'bound':
            case 'unheard':
            case 'closed':
                return undefined;
            default:
                return JSON.stringify(event);
        }
    },
    dead: ({ envelope, ...why }) => {
        const whole = envelope;
        return JSON.stringify({ type: 'dead-letter', ...why, envelope: toJson(whole) });
    },
    wrong: (problem) => JSON.stringify({ type: 'error', problem }),
};
function text(msg) {
    return typeof msg === 'string' ? msg : (JSON.stringify(toJson(msg)) ?? String(msg));
}
