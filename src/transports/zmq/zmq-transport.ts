/** The ZeroMQ transport: frames between processes, over `tcp://` and `ipc://`. */
import type { Transport } from '../../ports/transport.ts'
import { runtime } from '../../ports/runtime.ts'
import { DEFAULT_TUNING, Sockets } from './sockets.ts'
import { ZmqBinding } from './zmq-binding.ts'
import { descriptorBudget } from './descriptors.ts'
import { ZmqConnection } from './zmq-connection.ts'
import type { ZmqTuning } from './sockets.ts'
import { memoryTransport } from '../memory/memory-transport.ts'

/** Options of a ZeroMQ transport; `DEFAULT_TUNING` holds the defaults. */
export type ZmqTransportOptions = Partial<ZmqTuning>

/**
 * Creates a transport over ZeroMQ with a context of its own. One per process is enough.
 *
 * The context is created by the first `bind` or `connect`. Nothing keeps the process alive once
 * everything is closed. A worker thread that ends by itself closes its sockets; one that is
 * terminated from outside must close everything before, or the addon aborts the process.
 * `inproc://` reaches only this transport and opens no sockets: libzmq has no monitor events for
 * it.
 */
export function zmqTransport(options: ZmqTransportOptions = {}): Transport {
  const sockets = new Sockets({ ...DEFAULT_TUNING, ...options })
  const inproc = memoryTransport({ microtask: (task) => void runtime.setImmediate(task) })
  return {
    name: 'zmq',
    bind: (endpoint, limits, handler) =>
      isInproc(endpoint)
        ? inproc.bind(endpoint, limits, handler)
        : new ZmqBinding(sockets, endpoint, limits, handler),
    connect: (endpoint, limits, handler) =>
      isInproc(endpoint)
        ? inproc.connect(endpoint, limits, handler)
        : new ZmqConnection(sockets, endpoint, limits, handler),
    descriptorBudget: (connections) => descriptorBudget(connections, sockets.pendingConnections),
  }
}

function isInproc(endpoint: string): boolean {
  return endpoint.startsWith('inproc://')
}
