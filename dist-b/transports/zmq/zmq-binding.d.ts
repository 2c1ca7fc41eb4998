/** A binding over ZeroMQ: one ROUTER, which names whoever calls. */
import type { Binding, ConnectionId, Frame, Listener } from '../../ports/transport.ts';
import type { Sockets } from './sockets.ts';
import type { TransportOptions } from '../../ports/transport.ts';
/** A bound ROUTER. */
export declare class ZmqBinding implements Binding {
    #private;
    constructor(sockets: Sockets, endpoint: string, options: TransportOptions, listener: Listener);
    /**
     * Never waits: credit bounds what is under way, not a high-water mark. Whatever goes wrong, the
     * frame is lost, so the connection is as good as gone.
     */
    send(connection: ConnectionId, frame: Frame): void;
    close(lingerMs: number): void;
}
