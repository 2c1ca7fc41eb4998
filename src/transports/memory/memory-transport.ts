/** The memory transport: frames within one process, for tests and for `inproc://`. */
import { checkArgument, withMethods } from '../../model/check-arguments.ts'
import type { Transport } from '../../ports/transport.ts'
import { MemoryBinding } from './memory-binding.ts'
import { MemoryConnection } from './memory-connection.ts'
import { MemoryNetwork } from './memory-network.ts'
import { type ScheduleTask, TaskQueue } from './task-queue.ts'

const MICROTASK = withMethods('an object with microtask', 'microtask')

/** What a memory transport needs. */
export interface MemoryTransportOptions {
  /** Runs a task later, never at once: usually `Environment.microtask`. */
  readonly microtask: ScheduleTask
  /** The network whose endpoints it can reach; by default a network of its own. */
  readonly network?: MemoryNetwork | undefined
}

/**
 * Creates a transport without sockets, time or randomness: every hop is one microtask.
 *
 * With `lingerMs > 0` every frame sent before `close` arrives; with 0 the frames on the wire are
 * lost. A binding is notified of every connection that ends. Keys are compared, not proven: all
 * callers run in this process.
 */
export function memoryTransport(options: MemoryTransportOptions): Transport {
  checkArgument('memoryTransport', 'options', options, MICROTASK)
  const queue = new TaskQueue(options.microtask)
  const network = options.network ?? new MemoryNetwork()
  return {
    name: 'memory',
    bind: (endpoint, bindOptions, handler) =>
      new MemoryBinding(network, queue, { ...bindOptions, endpoint }, handler),
    connect: (endpoint, connectOptions, handler) =>
      new MemoryConnection(network, queue, { ...connectOptions, endpoint }, handler),
  }
}
