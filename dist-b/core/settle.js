import { dead } from './entries.js';
/** Takes in where the receiver stands: what is settled leaves the session. */
export function settle(out, report) {
    const upTo = Math.min(report.settled, out.settled + out.unacked.length);
    const rejected = new Map();
    for (const rejection of report.rejections)
        rejected.set(rejection.sequence, rejection);
    const receipts = [];
    const lost = [];
    let delivered = 0;
    while (out.settled < upTo) {
        const entry = out.unacked.shift();
        out.settled++;
        out.unackedBytes -= entry.bytes.length;
        if (out.written > 0) {
            out.written--;
            out.writtenBytes -= entry.bytes.length;
        }
        const rejection = rejected.size === 0 ? undefined : rejected.get(out.settled);
        if (rejection === undefined) {
            delivered++;
            if (entry.ticket !== undefined)
                receipts.push(entry);
        }
        else {
            const detail = `${rejection.reason}: ${rejection.detail}`;
            lost.push(dead(entry, 'rejected', 'not-delivered', detail));
        }
    }
    out.received = Math.max(report.received, out.settled);
    while ((out.frameEnds.at(0) ?? Infinity) <= out.received)
        out.frameEnds.shift();
    return { delivered, receipts, dead: lost };
}
/** Goes back to the first entry that has not arrived: it and all behind it are written again. */
export function rewind(out) {
    const written = Math.max(0, Math.min(out.received - out.settled, out.unacked.length));
    out.written = written;
    out.writtenBytes = 0;
    for (let index = 0; index < written; index++) {
        out.writtenBytes += out.unacked.at(index).bytes.length;
    }
    out.frameEnds.drain();
    out.timed = undefined;
}
/** Begins to count anew, with a new receiver or a new epoch; the caller has dealt with what was unacknowledged. */
export function restart(out, receiver) {
    out.receiver = receiver;
    out.settled = 0;
    out.received = 0;
    out.written = 0;
    out.writtenBytes = 0;
    out.pingMark = 0;
    out.timed = undefined;
    out.frameEnds.drain();
    if (receiver === undefined)
        out.epoch = ++out.epochs.last;
}
/** Puts what was unacknowledged back to the front of the queue. */
export function requeue(out) {
    for (let entry = out.unacked.pop(); entry !== undefined; entry = out.unacked.pop()) {
        out.waiting.unshift(entry);
        if (entry.expiresAtMs < out.nextExpiryMs)
            out.nextExpiryMs = entry.expiresAtMs;
    }
    out.waitingBytes += out.unackedBytes;
    out.unackedBytes = 0;
}
/** Gives up what was unacknowledged. */
export function giveUp(out, reason, outcome, detail) {
    out.unackedBytes = 0;
    return out.unacked.drain().map((entry) => dead(entry, reason, outcome, detail));
}
/** Gives up everything: what was written is `unknown`, the rest truly did not arrive. */
export function giveUpAll(out, reason) {
    const all = giveUp(out, reason, 'unknown');
    out.waitingBytes = 0;
    return all.concat(out.waiting.drain().map((entry) => dead(entry, reason, 'not-delivered')));
}
