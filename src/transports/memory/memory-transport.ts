/** The memory transport: frames between addresses of one process, for tests and for `inproc://`. */
import type { Transport } from '../../ports/transport.ts'
import { MemoryBinding } from './memory-binding.ts'
import { MemoryConnection } from './memory-connection.ts'
import { MemoryNetwork } from './memory-network.ts'
import type { ScheduleTask } from './task-queue.ts'
import { TaskQueue } from './task-queue.ts'

/** What a memory transport needs. */
export interface MemoryTransportOptions {
  /** Runs what comes next: `Environment.soon`. It must never run it at once. */
  readonly microtask: ScheduleTask
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
  const queue = new TaskQueue(options.microtask)
  const network = options.network ?? new MemoryNetwork()
  return {
    name: 'memory',
    bind: (endpoint, { maxPartBytes }, handler) =>
      new MemoryBinding(network, queue, { endpoint, maxPartBytes }, handler),
    connect: (endpoint, { maxPartBytes }, handler) =>
      new MemoryConnection(network, endpoint, { handler, queue, maxPartBytes }),
  }
}
