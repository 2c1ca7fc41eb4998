import { Deque } from './deque.js';
import { bodyStart } from './wire/entry.js';
import { dead } from './entries.js';
/** Begins a session. */
export function openOutbound(names, nowMs) {
    return {
        ...names,
        epoch: ++names.epochs.last,
        standing: 'new',
        nonce: 0,
        askAtMs: 0,
        refusals: 0,
        refusedFor: undefined,
        state: 'connecting',
        receiver: undefined,
        settled: 0,
        received: 0,
        unacked: new Deque(),
        unackedBytes: 0,
        written: 0,
        writtenBytes: 0,
        waiting: new Deque(),
        waitingBytes: 0,
        nextExpiryMs: Infinity,
        credit: 0,
        maxMessageBytes: Infinity,
        frameEnds: new Deque(),
        pingMark: 0,
        reported: false,
        timed: undefined,
        roundTripMs: undefined,
        awaySinceMs: nowMs,
    };
}
/** Entries that are neither delivered nor dead. */
export function inFlight(out) {
    return out.waiting.length + out.unacked.length;
}
/**
 * Puts an entry at the end of the queue.
 *
 * @returns what had to go: this one, if the receiver does not take anything so large or the queue is full and drops the
 *   newest; or the oldest ones that are not yet written
 */
export function enqueue(out, entry) {
    const { bufSize, bufBytes, overflow } = out.limits;
    const fits = () => out.waiting.length < bufSize &&
        (out.waitingBytes + entry.bytes.length <= bufBytes || out.waiting.length === 0);
    if (bodyBytes(entry) > out.maxMessageBytes)
        return [tooLarge(out, entry)];
    const gone = [];
    while (!fits()) {
        const detail = queueFull(out);
        const full = overflow === 'drop-newest' ? entry : out.waiting.shift();
        gone.push(dead(full, 'queue-full', 'not-delivered', detail));
        if (full === entry)
            return gone;
        out.waitingBytes -= full.bytes.length;
    }
    out.waiting.push(entry);
    out.waitingBytes += entry.bytes.length;
    if (entry.expiresAtMs < out.nextExpiryMs)
        out.nextExpiryMs = entry.expiresAtMs;
    return gone;
}
/** Takes back an entry that has not been written; false where it is too late. */
export function withdraw(out, entry) {
    const taken = out.waiting.retain((other) => other !== entry);
    if (taken.length === 0)
        return false;
    out.waitingBytes -= entry.bytes.length;
    return true;
}
/** Takes out what has waited too long. */
export function expire(out, nowMs) {
    if (nowMs < out.nextExpiryMs)
        return [];
    out.nextExpiryMs = Infinity;
    const old = out.waiting.retain((entry) => {
        if (entry.expiresAtMs <= nowMs)
            return false;
        if (entry.expiresAtMs < out.nextExpiryMs)
            out.nextExpiryMs = entry.expiresAtMs;
        return true;
    });
    for (const entry of old)
        out.waitingBytes -= entry.bytes.length;
    return old.map((entry) => dead(entry, 'expired', 'not-delivered'));
}
/** The next entry to write, if window and credit let it go; it is then counted as written. */
export function writeNext(out) {
    const again = out.unacked.at(out.written);
    const entry = again ?? out.waiting.at(0);
    if (entry === undefined)
        return undefined;
    const window = Math.min(out.limits.windowBytes, out.credit);
    const fits = out.writtenBytes + entry.bytes.length <= window;
    if (!fits && !(out.writtenBytes === 0 && window > 0))
        return undefined;
    if (again === undefined) {
        out.waiting.shift();
        out.waitingBytes -= entry.bytes.length;
        out.unacked.push(entry);
        out.unackedBytes += entry.bytes.length;
    }
    out.written++;
    out.writtenBytes += entry.bytes.length;
    return entry;
}
/** Gives up what is waiting and larger than the receiver takes. */
export function giveUpLarge(out) {
    const fits = (entry) => bodyBytes(entry) <= out.maxMessageBytes;
    const large = out.waiting.retain(fits);
    for (const entry of large)
        out.waitingBytes -= entry.bytes.length;
    return large.map((entry) => tooLarge(out, entry));
}
function tooLarge(out, entry) {
    const detail = `${bodyBytes(entry)} bytes, and peer ${out.to} takes ${out.maxMessageBytes}`;
    return dead(entry, 'too-large', 'not-delivered', detail);
}
function bodyBytes(entry) {
    return entry.bytes.length - bodyStart(entry.bytes);
}
function queueFull(out) {
    return `${out.waiting.length} envelopes, ${out.waitingBytes} bytes wait for peer ${out.to}`;
}
