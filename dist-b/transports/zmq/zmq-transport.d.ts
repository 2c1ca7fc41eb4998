/** The ZeroMQ transport: frames between processes, over `tcp://` and `ipc://`. */
import type { Transport } from '../../ports/transport.ts';
import type { ZmqTuning } from './sockets.ts';
/** What may be told to a ZeroMQ transport; each has a default that suits a cluster. */
export type ZmqTransportOptions = Partial<ZmqTuning>;
/**
 * A transport over ZeroMQ with a context of its own: one per process is enough, and any number
 * work.
 *
 * Nothing exists before the first `bind` or `connect`, and nothing keeps the process alive once
 * everything is closed. A worker thread must close all before it ends, or the addon aborts the
 * process. `inproc://` is within one transport and costs no sockets: libzmq would not tell who
 * comes and goes there.
 */
export declare function zmqTransport(options?: ZmqTransportOptions): Transport;
