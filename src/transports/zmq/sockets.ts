/** Sockets: the context, the two kinds of sockets, and the options that make them safe. */
import { Context, Dealer, Router } from 'zeromq'
import type { TransportOptions } from '../../ports/transport.ts'
import { requireDescriptors } from './descriptors.ts'

/** Numbers that a transport lives by. */
export interface ZmqTuning {
  /** Sockets that may be open at once in the transport: one per binding, two per connection. */
  readonly maxSockets: number
  /** Threads that move the bytes. */
  readonly ioThreads: number
  /** How long a TCP connection may take to come about, in milliseconds. */
  readonly connectMs: number
  /** How long the other side may take to greet, in milliseconds. */
  readonly handshakeMs: number
  /** A connection that brings nothing for so long is asked for a sign of life, in milliseconds. */
  readonly heartbeatMs: number
  /**
   * It is lost when none comes for so long, in milliseconds. A part of the largest size must get
   * through in that time, for there is no sign of life within a part: 16 MiB in 6 s are 2.8 MB/s.
   */
  readonly heartbeatTimeoutMs: number
}

/** What holds where the options say nothing else. */
export const DEFAULT_TUNING: ZmqTuning = {
  maxSockets: 65_535,
  ioThreads: 1,
  connectMs: 5_000,
  handshakeMs: 2_000,
  heartbeatMs: 3_000,
  heartbeatTimeoutMs: 6_000,
}

/** Connections that may wait to be accepted, when a whole cluster starts at once. */
const BACKLOG = 1024

/**
 * Frames that are read ahead per connection. An honest link has fewer under way. It must not be
 * reached while JavaScript is blocked: libzmq would stop reading, miss the heartbeats, and cut the
 * connection.
 */
const RECEIVE_HWM = 256

/**
 * Answers that may wait for a caller. One that never reads them would otherwise fill our memory; an
 * honest one has fewer under way than it has frames.
 */
const ROUTER_SEND_HWM = 4_096

/**
 * When libzmq would connect again, in milliseconds: never, in effect, as a lost DEALER is closed at
 * once. With -1, which says so, it throws away what has arrived and is not yet read, and stays
 * silent where it fails before there is a socket; 20 farewells of 20 were lost that way, and none
 * this way.
 */
const RECONNECT_DISABLED_MS = 2 ** 30

/** Opens sockets in a context of its own, which begins with the first one. */
export class Sockets {
  readonly tuning: ZmqTuning
  /** The paths that bindings of this transport hold, or are about to. */
  readonly claimedPaths = new Set<string>()
  /** Connections that have not opened their sockets yet. */
  pendingConnections = 0
  #context: Context | undefined

  constructor(tuning: ZmqTuning) {
    this.tuning = tuning
  }

  /**
   * A ROUTER, to be bound. It names its connections itself: names that the callers choose can be
   * stolen.
   *
   * @throws Error with the code `EMFILE`
   */
  createRouter(options: TransportOptions, ipv6: boolean): Router {
    requireDescriptors()
    return new Router({
      context: this.#sharedContext(),
      ipv6,
      linger: 0,
      mandatory: true,
      handover: false,
      sendTimeout: 0,
      sendHighWaterMark: ROUTER_SEND_HWM,
      receiveHighWaterMark: RECEIVE_HWM,
      backlog: BACKLOG,
      handshakeInterval: this.tuning.handshakeMs,
      maxMessageSize: options.maxPartBytes,
      tcpKeepalive: 1,
    })
  }

  /**
   * A DEALER, to be connected once. Its heartbeats also tell the other side how long to wait for
   * the next.
   *
   * @throws Error with the code `EMFILE`
   */
  createDealer(options: TransportOptions, ipv6: boolean): Dealer {
    requireDescriptors()
    const { connectMs, handshakeMs, heartbeatMs, heartbeatTimeoutMs } = this.tuning
    return new Dealer({
      context: this.#sharedContext(),
      ipv6,
      linger: 0,
      sendTimeout: 0,
      sendHighWaterMark: 0,
      receiveHighWaterMark: RECEIVE_HWM,
      reconnectInterval: RECONNECT_DISABLED_MS,
      connectTimeout: connectMs,
      handshakeInterval: handshakeMs,
      heartbeatInterval: heartbeatMs,
      heartbeatTimeout: heartbeatTimeoutMs,
      heartbeatTimeToLive: heartbeatMs + heartbeatTimeoutMs,
      maxMessageSize: options.maxPartBytes,
    })
  }

  #sharedContext(): Context {
    const { maxSockets, ioThreads } = this.tuning
    this.#context ??= new Context({ maxSockets, ioThreads, blocky: false })
    return this.#context
  }
}
