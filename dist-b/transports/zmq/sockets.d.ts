/** Sockets: the context, the two kinds of sockets, and the options that make them safe. */
import { Dealer, Router } from 'zeromq';
import type { TransportOptions } from '../../ports/transport.ts';
/** Numbers that a transport lives by. */
export interface ZmqTuning {
    /** Sockets that may be open at once in the transport: one per binding, two per connection. */
    readonly maxSockets: number;
    /** Threads that move the bytes. */
    readonly ioThreads: number;
    /** How long a TCP connection may take to come about, in milliseconds. */
    readonly connectMs: number;
    /** How long the other side may take to greet, in milliseconds. */
    readonly handshakeMs: number;
    /** A connection that brings nothing for so long is asked for a sign of life, in milliseconds. */
    readonly heartbeatMs: number;
    /**
     * It is lost when none comes for so long, in milliseconds. A part of the largest size must get
     * through in that time, for there is no sign of life within a part: 16 MiB in 6 s are 2.8 MB/s.
     */
    readonly heartbeatTimeoutMs: number;
}
/** What holds where the options say nothing else. */
export declare const DEFAULT_TUNING: ZmqTuning;
/** Opens sockets in a context of its own, which begins with the first one. */
export declare class Sockets {
    #private;
    readonly tuning: ZmqTuning;
    /** The paths that bindings of this transport hold, or are about to. */
    readonly paths: Set<string>;
    constructor(tuning: ZmqTuning);
    /**
     * A ROUTER, to be bound. It names its connections itself: names that the callers choose can be
     * stolen.
     *
     * @throws Error with the code `EMFILE`
     */
    router(options: TransportOptions, ipv6: boolean): Router;
    /**
     * A DEALER, to be connected once. Its heartbeats also tell the other side how long to wait for
     * the next.
     *
     * @throws Error with the code `EMFILE`
     */
    dealer(options: TransportOptions, ipv6: boolean): Dealer;
}
