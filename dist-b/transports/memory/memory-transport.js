import { MemoryBinding } from './memory-binding.js';
import { MemoryConnection } from './memory-connection.js';
import { MemoryNetwork } from './memory-network.js';
import { Turns } from './turns.js';
/**
 * A transport without sockets, time or chance: every hop is one turn of `soon`.
 *
 * Lingering is all or nothing: with `lingerMs` over 0, everything that was sent arrives; with 0,
 * what is under way is lost. A binding is told of every connection that is gone.
 */
export function memoryTransport(options) {
    const turns = new Turns(options.soon);
    const network = options.network ?? new MemoryNetwork();
    return {
        name: 'memory',
        bind: (endpoint, { maxPartBytes }, listener) => new MemoryBinding(network, turns, { endpoint, maxPartBytes }, listener),
        connect: (endpoint, { maxPartBytes }, caller) => new MemoryConnection(network, endpoint, { caller, turns, maxPartBytes }),
    };
}
