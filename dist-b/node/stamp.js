/** Stamping: turns what was put into the outbox into bytes, or says why that cannot be. */
import { isMsgId } from '../model/envelope.js';
import { BROADCAST, isPid } from '../model/pid.js';
import { NotEncodable } from '../ports/codec.js';
import { bodyStart, headroom, readEntryHeader, writeEntryHeader } from '../core/wire/entry.js';
/** Stamps the envelopes of one node. */
export class Stamper {
    #codec;
    #limits;
    #nextMsgId;
    constructor(codec, limits) {
        this.#codec = codec;
        this.#limits = limits;
        this.#nextMsgId = limits.startMsgId;
    }
    /** Encodes an envelope now: what is changed in it later is not seen any more. */
    stamp(value) {
        try {
            return this.#stamp(value);
        }
        catch (error) {
            // A getter or a proxy may throw whatever it likes; the outbox does not.
            return { pid: undefined, reason: 'invalid', detail: `it cannot be read: ${String(error)}` };
        }
    }
    /** Reads a stamped envelope again, as it was when it entered the outbox. */
    open(pid, { bytes }) {
        const msg = this.#codec.decode(bytes, bodyStart(bytes), bytes.length);
        return { pid, ...readEntryHeader(bytes), msg };
    }
    #stamp(value) {
        if (typeof value !== 'object' || value === null) {
            return { pid: undefined, reason: 'invalid', detail: `an envelope is an object, not ${typeName(value)}` };
        }
        const { pid, msg, re, ttlMs = this.#limits.ttlMs, msgId } = value;
        if (pid !== BROADCAST && !isPid(pid)) {
            return { pid: undefined, reason: 'invalid', detail: `pid: expected a pid, got ${show(pid)}` };
        }
        const wrong = check(msgId, re, ttlMs);
        if (wrong !== undefined)
            return { pid, reason: 'invalid', detail: wrong };
        const id = msgId ?? this.#nextMsgId;
        const bytes = this.#encode(msg, headroom(re));
        if (!(bytes instanceof Uint8Array))
            return { pid, reason: 'not-encodable', detail: bytes.message };
        const size = bytes.length - headroom(re);
        const { maxMessageBytes } = this.#limits;
        if (size > maxMessageBytes) {
            const detail = `${size} bytes, and maxMessageBytes is ${maxMessageBytes}`;
            return { pid, reason: 'too-large', detail };
        }
        if (msgId === undefined)
            this.#nextMsgId++;
        writeEntryHeader(bytes, id, re);
        return { pid, msgId: id, bytes, ttlMs };
    }
    #encode(msg, head) {
        try {
            return this.#codec.encode(msg, head);
        }
        catch (error) {
            if (error instanceof NotEncodable)
                return error;
            throw error;
        }
    }
}
function check(msgId, re, ttlMs) {
    const expected = 'an integer from 0 to 2^53 - 1';
    if (msgId !== undefined && !isMsgId(msgId))
        return `msgId: expected ${expected}, got ${show(msgId)}`;
    if (re !== undefined && !isMsgId(re))
        return `re: expected ${expected}, got ${show(re)}`;
    if (typeof ttlMs === 'number' && ttlMs >= 0)
        return undefined;
    return `ttlMs: expected milliseconds, 0 or more, got ${show(ttlMs)}`;
}
function show(value) {
    return typeof value === 'number' || typeof value === 'string' ? JSON.stringify(value) : typeName(value);
}
function typeName(value) {
    if (value === null)
        return 'null';
    return typeof value;
}
