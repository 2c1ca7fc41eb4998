/** Problems: errors with a `code` to switch on and a message to read. */
/** An error with the code of the system's error that it stands for. */
export interface Problem extends Error {
    readonly code?: string | undefined;
}
/** Makes one. */
export declare function problem(code: string, message: string): Problem;
/** Whatever was thrown, as a problem. */
export declare function problemOf(thrown: unknown): Problem;
