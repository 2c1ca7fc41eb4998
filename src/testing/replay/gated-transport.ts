/** The transport of a replayed node: connects only while the recorded link is up. */
import type {
  Binding,
  ConnectionHandler,
  Connection,
  Frame,
  BindingHandler,
  Transport,
  TransportOptions,
} from '../../ports/transport.ts'
import type { Pid } from '../../model/pid.ts'
import { scriptedPeerEndpoint } from './scripted-peer.ts'

type ScheduleMicrotask = (work: () => void) => void

/** A connection that is established once it is allowed. */
class GatedConnection implements Connection {
  readonly #microtask: ScheduleMicrotask
  readonly #handler: ConnectionHandler
  #inner: Connection | undefined
  #closed = false

  constructor(microtask: ScheduleMicrotask, handler: ConnectionHandler) {
    this.#microtask = microtask
    this.#handler = handler
  }

  establish(connect: (handler: ConnectionHandler) => Connection): void {
    if (!this.#closed) this.#inner ??= connect(this.#handler)
  }

  send(frame: Frame): void {
    this.#inner?.send(frame)
  }

  close(lingerMs: number): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#inner !== undefined) this.#inner.close(lingerMs)
    else this.#microtask(() => this.#handler.closed('no answer'))
  }
}

/**
 * Holds back connections to a peer until `allow`, and closes them at `block`. So the states in the
 * node's `links` change at the recorded times.
 */
export class GatedTransport implements Transport {
  readonly name = 'replay'
  readonly #inner: Transport
  readonly #microtask: ScheduleMicrotask
  readonly #pidAt: (endpoint: string) => Pid | undefined
  readonly #allowed = new Set<Pid>()
  /** Each connection to a peer, with the function that establishes it. */
  readonly #connections = new Map<
    Pid,
    Map<GatedConnection, (handler: ConnectionHandler) => Connection>
  >()

  /** @param pidAt returns the peer at an endpoint; undefined: the connection never opens */
  constructor(
    inner: Transport,
    microtask: ScheduleMicrotask,
    pidAt: (endpoint: string) => Pid | undefined,
  ) {
    this.#inner = inner
    this.#microtask = microtask
    this.#pidAt = pidAt
  }

  bind(endpoint: string, options: TransportOptions, handler: BindingHandler): Binding {
    return this.#inner.bind(endpoint, options, handler)
  }

  connect(endpoint: string, options: TransportOptions, handler: ConnectionHandler): Connection {
    const pid = this.#pidAt(endpoint)
    const connections = pid === undefined ? undefined : this.#connectionsTo(pid)
    const connection = new GatedConnection(this.#microtask, {
      opened: () => handler.opened(),
      frame: (frame) => handler.frame(frame),
      closed: (reason, error) => {
        connections?.delete(connection)
        handler.closed(reason, error)
      },
    })
    if (pid === undefined || connections === undefined) return connection
    const connect = (gatedHandler: ConnectionHandler): Connection =>
      this.#inner.connect(scriptedPeerEndpoint(pid), options, gatedHandler)
    connections.set(connection, connect)
    if (this.#allowed.has(pid)) connection.establish(connect)
    return connection
  }

  /** Establishes the connections to a peer, now and later. */
  allow(pid: Pid): void {
    this.#allowed.add(pid)
    for (const [connection, connect] of this.#connectionsTo(pid)) connection.establish(connect)
  }

  /** Closes the connections to a peer, and holds back later ones. */
  block(pid: Pid): void {
    this.#allowed.delete(pid)
    for (const connection of [...this.#connectionsTo(pid).keys()]) connection.close(0)
  }

  #connectionsTo(pid: Pid): Map<GatedConnection, (handler: ConnectionHandler) => Connection> {
    let connections = this.#connections.get(pid)
    if (connections === undefined) this.#connections.set(pid, (connections = new Map()))
    return connections
  }
}
