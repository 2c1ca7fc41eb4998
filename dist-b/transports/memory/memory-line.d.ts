/** A line: one connection in memory, with a caller at one end and a binding at the other. */
import type { Caller, ConnectionId, Frame } from '../../ports/transport.ts';
import type { MemoryBinding } from './memory-binding.ts';
import type { MemoryNetwork } from './memory-network.ts';
import type { Turns } from './turns.ts';
/** The end that called. */
export interface CallingEnd {
    readonly caller: Caller;
    readonly turns: Turns;
    readonly maxPartBytes: number;
}
/**
 * One connection in memory.
 *
 * A frame is copied when it is sent: whoever gets it may do with it what it wants, and a sender
 * that gives the same bytes to ten receivers, as a broadcast does, is not reached by what one of
 * them does to them.
 */
export declare class MemoryLine {
    #private;
    readonly id: ConnectionId;
    /** As it was called. */
    readonly endpoint: string;
    readonly binding: MemoryBinding;
    constructor(network: MemoryNetwork, endpoint: string, binding: MemoryBinding, calling: CallingEnd);
    /** A frame from the caller to the binding. */
    there(frame: Frame): void;
    /** A frame from the binding to the caller. */
    back(frame: Frame): void;
    /** The caller hangs up: what it sent still arrives where it lingers, and nothing comes back. */
    hangUp(lingerMs: number): void;
    /** The binding closes: what it sent still arrives where it lingers, and nothing gets there. */
    drop(lingerMs: number): void;
    /** It breaks: frames in flight are lost both ways. */
    cut(reason: string): void;
}
