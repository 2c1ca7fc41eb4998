/** The memory transport: frames between addresses of one process, for tests and for `inproc://`. */
import type { Transport } from '../../ports/transport.ts'
import { MemoryBinding } from './memory-binding.ts'
import { MemoryConnection } from './memory-connection.ts'
import { MemoryNetwork } from './memory-network.ts'
import type { Soon } from './turns.ts'
import { Turns } from './turns.ts'

/** What a memory transport needs. */
export interface MemoryTransportOptions {
  /** Runs what comes next: `Environment.soon`. It must never run it at once. */
  readonly soon: Soon
  /** Whom it can reach; by default, only itself. */
  readonly network?: MemoryNetwork | undefined
}

/**
 * A transport without sockets, time or chance: every hop is one turn of `soon`.
 *
 * Lingering is all or nothing: with `lingerMs` over 0, everything that was sent arrives; with 0,
 * what is under way is lost. A binding is told of every connection that is gone.
 */
export function memoryTransport(options: MemoryTransportOptions): Transport {
  const turns = new Turns(options.soon)
  const network = options.network ?? new MemoryNetwork()
  return {
    name: 'memory',
    bind: (endpoint, { maxPartBytes }, listener) =>
      new MemoryBinding(network, turns, { endpoint, maxPartBytes }, listener),
    connect: (endpoint, { maxPartBytes }, caller) =>
      new MemoryConnection(network, endpoint, { caller, turns, maxPartBytes }),
  }
}
