/** A connection over ZeroMQ: one DEALER, which lives for one connection and never comes back. */
import type { Caller, Connection, Frame, TransportOptions } from '../../ports/transport.ts';
import type { Sockets } from './sockets.ts';
/** A connected DEALER. */
export declare class ZmqConnection implements Connection {
    #private;
    constructor(sockets: Sockets, endpoint: string, options: TransportOptions, caller: Caller);
    /**
     * Never waits. A frame that cannot be sent ends the connection: a hole in the order would be
     * worse.
     */
    send(frame: Frame): void;
    close(lingerMs: number): void;
}
