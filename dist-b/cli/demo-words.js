/** What the demo's parent and its workers say to each other. */
/** Milliseconds since 1970, to fractions, the same in every process of a machine. */
export function wallClockMs() {
    return performance.timeOrigin + performance.now();
}
