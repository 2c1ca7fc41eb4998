/** Problems: errors with a `code` to switch on and a message to read. */
/** Makes one. */
export function problem(code, message) {
    return Object.assign(new Error(message), { code });
}
/** Whatever was thrown, as a problem. */
export function problemOf(thrown) {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
}
