/**
 * Reads messages strictly: whatever is not in the list of types is an error, wherever it stands.
 *
 * Memory follows what is there, never what a header promises. Nothing that it returns shares memory
 * with what it read. A key that stands twice in a map counts where it stands last.
 */
export declare class MessageReader {
    #private;
    /**
     * Reads the message that fills `bytes` from `start` up to `end`.
     *
     * @throws Error with a readable message where it is none
     */
    read(bytes: Uint8Array, start: number, end: number): unknown;
}
