/** Limits: what bounds the queues, the windows and the waiting of a node. */
/** What holds where neither the config nor the options say otherwise. */
export const DEFAULT_LIMITS = {
    startMsgId: 1000,
    bufSize: 5000,
    bufBytes: 64 * 2 ** 20,
    overflow: 'drop-newest',
    windowBytes: 8 * 2 ** 20,
    maxMessageBytes: 16 * 2 ** 20,
    onRestart: 'dead-letter',
    ttlMs: 30_000,
    peerGoneMs: 60_000,
    closeTimeoutMs: 5_000,
};
