/** The ZeroMQ transport: frames between processes, over `tcp://` and `ipc://`. */
import type { Transport } from '../../ports/transport.ts'
import { DEFAULT_TUNING, Sockets } from './sockets.ts'
import { ZmqBinding } from './zmq-binding.ts'
import { descriptorBudget } from './descriptors.ts'
import { ZmqConnection } from './zmq-connection.ts'
import type { ZmqTuning } from './sockets.ts'
import { memoryTransport } from '../memory/memory-transport.ts'

/** What may be told to a ZeroMQ transport; each has a default that suits a cluster. */
export type ZmqTransportOptions = Partial<ZmqTuning>

/**
 * A transport over ZeroMQ with a context of its own: one per process is enough, and any number
 * work.
 *
 * Nothing exists before the first `bind` or `connect`, and nothing keeps the process alive once
 * everything is closed. A worker thread must close all before it ends, or the addon aborts the
 * process. `inproc://` is within one transport and costs no sockets: libzmq would not tell who
 * comes and goes there.
 */
export function zmqTransport(options: ZmqTransportOptions = {}): Transport {
  const sockets = new Sockets({ ...DEFAULT_TUNING, ...options })
  const inproc = memoryTransport({ microtask: (task) => void setImmediate(task) })
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
