import { DEFAULT_TUNING, Sockets } from './sockets.js';
import { ZmqBinding } from './zmq-binding.js';
import { ZmqConnection } from './zmq-connection.js';
import { memoryTransport } from '../memory/memory-transport.js';
/**
 * A transport over ZeroMQ with a context of its own: one per process is enough, and any number
 * work.
 *
 * Nothing exists before the first `bind` or `connect`, and nothing keeps the process alive once
 * everything is closed. A worker thread must close all before it ends, or the addon aborts the
 * process. `inproc://` is within one transport and costs no sockets: libzmq would not tell who
 * comes and goes there.
 */
export function zmqTransport(options = {}) {
    const sockets = new Sockets({ ...DEFAULT_TUNING, ...options });
    const inside = memoryTransport({ soon: (work) => void setImmediate(work) });
    return {
        name: 'zmq',
        bind: (endpoint, limits, listener) => isInside(endpoint)
            ? inside.bind(endpoint, limits, listener)
            : new ZmqBinding(sockets, endpoint, limits, listener),
        connect: (endpoint, limits, caller) => isInside(endpoint)
            ? inside.connect(endpoint, limits, caller)
            : new ZmqConnection(sockets, endpoint, limits, caller),
    };
}
function isInside(endpoint) {
    return endpoint.startsWith('inproc://');
}
