/** The sockets of a transport: one context, a ROUTER per binding, a DEALER per connection. */
import { Context, Dealer, Router, type SocketOptions } from 'zeromq'
import { isMainThread } from 'node:worker_threads'
import type { BindOptions, ConnectOptions } from '../../ports/transport.ts'
import type { BindingSecurity, ConnectionSecurity } from '../../ports/connection-security.ts'
import { curveKey } from './curve-keys.ts'
import { requireDescriptors } from './descriptors.ts'
import { HandshakeSlots } from './handshake-slots.ts'
import { ZapHandler } from './zap-handler.ts'

/** Limits and times of a transport. */
export interface ZmqTuning {
  /** ZMQ_MAX_SOCKETS: a binding takes one, a connection two. */
  readonly maxSockets: number
  /** ZMQ_IO_THREADS. */
  readonly ioThreads: number
  /** ZMQ_CONNECT_TIMEOUT: for the TCP connection. */
  readonly connectMs: number
  /** ZMQ_HANDSHAKE_IVL: for the ZMTP handshake. */
  readonly handshakeMs: number
  /** ZMQ_HEARTBEAT_IVL: after this silence a connection is probed with a ZMTP PING. */
  readonly heartbeatMs: number
  /**
   * ZMQ_HEARTBEAT_TIMEOUT: a probed connection without traffic is lost after this. The largest part
   * must arrive within it, because a PONG cannot interrupt a part: 16 MiB in 6 s are 2.8 MB/s.
   */
  readonly heartbeatTimeoutMs: number
}

/** The defaults. */
export const DEFAULT_TUNING: ZmqTuning = {
  maxSockets: 65_535,
  ioThreads: 1,
  connectMs: 5_000,
  handshakeMs: 2_000,
  heartbeatMs: 3_000,
  heartbeatTimeoutMs: 6_000,
}

/** ZMQ_BACKLOG: a whole cluster may connect at once. */
const BACKLOG = 1024

/**
 * ZMQ_RCVHWM: more than the frames that a correct link has on the wire. At the mark libzmq stops
 * reading, misses the heartbeats, and drops the connection, even if only JavaScript was blocked.
 */
const RECEIVE_HWM = 256

/**
 * ZMQ_SNDHWM of a ROUTER: bounds the memory that a peer can fill by never reading. A correct peer
 * has fewer replies on the wire than frames.
 */
const ROUTER_SEND_HWM = 4_096

/**
 * ZMQ_RECONNECT_IVL: longer than any DEALER lives, since a lost DEALER is closed at once. The value
 * -1 would disable reconnecting, but libzmq then drops frames that have arrived and are unread (20
 * of 20 BYE frames in a trial), and emits no event when it fails before there is a socket.
 */
const RECONNECT_DISABLED_MS = 2 ** 30

/** Enough to keep an I/O thread busy on both ends, few enough to end within their time limit. */
const KEYED_HANDSHAKES_MAX = 16

/**
 * What CURVE adds to a part, which counts for ZMQ_MAXMSGSIZE: the name of the command, a nonce, the
 * flags, and the authentication tag (RFC 26 of ZeroMQ).
 */
const CURVE_PART_BYTES = 8 + 8 + 1 + 16

/** Opens sockets in one context, which is created with the first socket. */
export class Sockets {
  readonly tuning: ZmqTuning
  /** The ipc paths that bindings of this transport use, or are about to bind. */
  readonly claimedPaths = new Set<string>()
  /** Connections whose sockets are not opened yet. */
  pendingConnections = 0
  /** For the handshakes of connections with keys. */
  readonly handshakeSlots = new HandshakeSlots(KEYED_HANDSHAKES_MAX)
  /** Checks the keys of connections to bindings with keys. */
  readonly zap = new ZapHandler(
    () => this.createZapRouter(),
    (router) => this.released(router),
  )
  #context: Context | undefined
  /**
   * The sockets of a worker thread that are not released yet. The addon aborts the process if a
   * thread ends while one of its sockets, or a monitor, is read.
   */
  readonly #openInThread: Set<Dealer | Router> | undefined = isMainThread ? undefined : new Set()

  constructor(tuning: ZmqTuning) {
    this.tuning = tuning
  }

  /**
   * Creates a ROUTER to bind. Routing ids are generated here: a peer could take over an id that
   * another peer chose. Its heartbeats end connections that are half open, and those of peers that
   * are silent after the handshake and do not answer a PING: it cannot end one otherwise.
   *
   * @param zapDomain of a binding with keys, which the ZAP handler knows
   * @throws Error with the code `EMFILE`, or `EINVAL` for keys of another length
   */
  createRouter(options: BindOptions, ipv6: boolean, zapDomain?: string): Router {
    requireDescriptors()
    const { handshakeMs, heartbeatMs, heartbeatTimeoutMs } = this.tuning
    const router = new Router({
      context: this.#sharedContext(),
      ipv6,
      linger: 0,
      mandatory: true,
      handover: false,
      sendTimeout: 0,
      sendHighWaterMark: ROUTER_SEND_HWM,
      receiveHighWaterMark: RECEIVE_HWM,
      backlog: BACKLOG,
      handshakeInterval: handshakeMs,
      heartbeatInterval: heartbeatMs,
      heartbeatTimeout: heartbeatTimeoutMs,
      maxMessageSize: maxMessageSize(options),
      tcpKeepalive: 1,
      ...(options.security === undefined ? {} : serverOptions(options.security, zapDomain)),
    })
    this.#openInThread?.add(router)
    return router
  }

  /**
   * Creates a DEALER to connect once. Its heartbeats carry the time after which the other end may
   * drop the connection.
   *
   * @throws Error with the code `EMFILE`, or `EINVAL` for keys of another length
   */
  createDealer(options: ConnectOptions, ipv6: boolean): Dealer {
    requireDescriptors()
    const { connectMs, handshakeMs, heartbeatMs, heartbeatTimeoutMs } = this.tuning
    const dealer = new Dealer({
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
      maxMessageSize: maxMessageSize(options),
      ...(options.security === undefined ? {} : clientOptions(options.security)),
    })
    this.#openInThread?.add(dealer)
    return dealer
  }

  /**
   * Creates the ROUTER of the ZAP handler.
   *
   * @throws Error with the code `EMFILE`
   */
  createZapRouter(): Router {
    requireDescriptors()
    const router = new Router({ context: this.#sharedContext(), linger: 0, sendTimeout: 0 })
    this.#openInThread?.add(router)
    return router
  }

  /** Forgets a closed socket whose monitor has ended. */
  released(socket: Dealer | Router): void {
    this.#openInThread?.delete(socket)
  }

  #sharedContext(): Context {
    const { maxSockets, ioThreads } = this.tuning
    if (this.#context === undefined) {
      this.#context = new Context({ maxSockets, ioThreads, blocky: false })
      if (this.#openInThread !== undefined) process.once('exit', () => this.#closeAll())
    }
    return this.#context
  }

  #closeAll(): void {
    for (const socket of this.#openInThread ?? []) {
      // A monitor is read, too: that of a connection always, that of a binding once it is closed.
      if (socket instanceof Dealer || socket.closed) socket.events.close()
      socket.close()
    }
    this.#openInThread?.clear()
  }
}

function maxMessageSize({ maxPartBytes, security }: BindOptions | ConnectOptions): number {
  return security === undefined ? maxPartBytes : maxPartBytes + CURVE_PART_BYTES
}

/**
 * Without ZAP, CURVE admits every holder of the public key of the server; without a domain, ZAP is
 * not asked; without `zapEnforceDomain`, everything is admitted while the handler does not listen.
 */
function serverOptions(
  { keys }: BindingSecurity,
  zapDomain: string | undefined,
): SocketOptions<Router> {
  if (zapDomain === undefined) throw new Error('a binding with keys needs a ZAP domain')
  const curveSecretKey = curveKey('secretKey', keys.secretKey)
  return { curveServer: true, curveSecretKey, zapDomain, zapEnforceDomain: true }
}

function clientOptions({ keys, serverKey }: ConnectionSecurity): SocketOptions<Dealer> {
  return {
    curvePublicKey: curveKey('publicKey', keys.publicKey),
    curveSecretKey: curveKey('secretKey', keys.secretKey),
    curveServerKey: curveKey('serverKey', serverKey),
  }
}
