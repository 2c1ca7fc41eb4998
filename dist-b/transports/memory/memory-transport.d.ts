/** The memory transport: frames between addresses of one process, for tests and for `inproc://`. */
import type { Transport } from '../../ports/transport.ts';
import { MemoryNetwork } from './memory-network.ts';
import type { Soon } from './turns.ts';
/** What a memory transport needs. */
export interface MemoryTransportOptions {
    /** Runs what comes next: `Environment.soon`. It must never run it at once. */
    readonly soon: Soon;
    /** Whom it can reach; by default, only itself. */
    readonly network?: MemoryNetwork | undefined;
}
/**
 * A transport without sockets, time or chance: every hop is one turn of `soon`.
 *
 * Lingering is all or nothing: with `lingerMs` over 0, everything that was sent arrives; with 0,
 * what is under way is lost. A binding is told of every connection that is gone.
 */
export declare function memoryTransport(options: MemoryTransportOptions): Transport;
