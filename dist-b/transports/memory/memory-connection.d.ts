/** A connection in memory, as its caller holds it. */
import type { Connection, Frame } from '../../ports/transport.ts';
import type { CallingEnd } from './memory-line.ts';
import type { MemoryNetwork } from './memory-network.ts';
/** One connection to an endpoint in a network of memory. */
export declare class MemoryConnection implements Connection {
    #private;
    constructor(network: MemoryNetwork, endpoint: string, calling: CallingEnd);
    send(frame: Frame): void;
    close(lingerMs: number): void;
}
