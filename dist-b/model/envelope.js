/** Tells whether a value can name a message. */
export function isMsgId(value) {
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
/**
 * Addresses an answer: to the sender of `envelope`, with its `msgId` as `re`.
 *
 * @param envelope what is answered; only `pid` and `msgId` are read
 * @param msg the answer
 */
export function reply(envelope, msg) {
    return { pid: envelope.pid, re: envelope.msgId, msg };
}
