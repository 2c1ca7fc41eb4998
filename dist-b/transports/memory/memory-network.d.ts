import type { MemoryBinding } from './memory-binding.ts';
import type { MemoryLine } from './memory-line.ts';
/** An address was asked for that cannot be had. */
interface Refusal extends Error {
    readonly code: string;
}
/**
 * The namespace of addresses in one process. Transports over the same network reach each other.
 *
 * It can be broken on purpose: `cut` loses connections, `refuse` keeps new ones out.
 */
export declare class MemoryNetwork {
    #private;
    /** How many bindings and connections are open: 0 when everything is closed. */
    get open(): number;
    /**
     * Breaks every connection to `endpoint`, on both sides; frames in flight are lost.
     *
     * @param endpoint as it was called, or as it was bound; nothing happens where there is none
     */
    cut(endpoint: string): void;
    /**
     * Refuses new connections to `endpoint`, as if nobody listened there, until it is told otherwise.
     * Those that are open stay.
     *
     * @param endpoint as it is called, or as it was bound
     */
    refuse(endpoint: string, refused: boolean): void;
    /**
     * Gives an endpoint to a binding; a port 0 becomes a free one.
     *
     * @returns the endpoint, or an error whose `code` is `EINVAL` or `EADDRINUSE`
     */
    enter(binding: MemoryBinding, endpoint: string): string | Refusal;
    /** Takes an endpoint back; it is free at once. */
    leave(binding: MemoryBinding): void;
    /** Who would answer at `endpoint`. */
    find(endpoint: string): MemoryBinding | undefined;
    /** Names the next connection. */
    nextLine(): string;
    /** Counts a connection in, until it is over. */
    add(line: MemoryLine): void;
    /** A connection is over. */
    remove(line: MemoryLine): void;
}
export {};
