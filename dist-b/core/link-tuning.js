/** The numbers that a link lives by. */
/** A process that did not run for so many milliseconds suspects nobody for it. */
export const LAG_MS = 500;
/** What holds in production. */
export const LINK_TUNING = {
    backOffBaseMs: 10,
    backOffMaxMs: 2_000,
    patienceMs: 5_000,
    pingAfterMs: 3_000,
    probeAfterMs: 1_000,
    pongWithinMs: 3_000,
    supersededMs: 30_000,
    framesMax: 64,
    batchBytes: 64 * 1024,
    frameBytes: 1024 * 1024,
    batchEntries: 1024,
};
