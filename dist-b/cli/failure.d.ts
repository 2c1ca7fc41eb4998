/** A command did not come out well, for a reason that its message tells in full. */
export declare class CommandFailure extends Error {
    readonly name = "CommandFailure";
}
/** The exit code for an error. */
export declare function exitCodeOf(error: unknown): number;
/** What a person reads of an error. A bug keeps its stack, since nothing else would help. */
export declare function describeFailure(error: unknown): string;
