/** A binding in memory. */
import type { Binding, ConnectionId, Frame, Listener } from '../../ports/transport.ts';
import type { MemoryLine } from './memory-line.ts';
import type { MemoryNetwork } from './memory-network.ts';
import type { Turns } from './turns.ts';
/** A bound endpoint in a network of memory. */
export declare class MemoryBinding implements Binding {
    #private;
    readonly turns: Turns;
    readonly maxPartBytes: number;
    /** The connections that are open, by their names. */
    readonly lines: Map<string, MemoryLine>;
    constructor(network: MemoryNetwork, turns: Turns, at: {
        readonly endpoint: string;
        readonly maxPartBytes: number;
    }, listener: Listener);
    /** Where it listens; before `bound`, where it was asked to. */
    get endpoint(): string;
    send(connection: ConnectionId, frame: Frame): void;
    close(lingerMs: number): void;
    /** A frame has arrived. */
    hear(connection: ConnectionId, frame: Frame): void;
    /** A connection is gone. */
    miss(connection: ConnectionId): void;
}
