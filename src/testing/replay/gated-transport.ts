/** The gate of a replayed node: its calls get through while the recording says so. */
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

/** A call that waits for the gate, or has got through. */
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
    else this.#microtask(() => this.#handler.closed('nobody answered'))
  }
}

/**
 * A transport whose calls wait, unanswered, until the link is to be up, and break when it is to be
 * down: then the node's `links` say so at the moments at which they said so before.
 */
export class GatedTransport implements Transport {
  readonly name = 'replay'
  readonly #inner: Transport
  readonly #microtask: ScheduleMicrotask
  readonly #pidAt: (endpoint: string) => Pid | undefined
  readonly #allowed = new Set<Pid>()
  /** What is to be done with a call once it may pass. */
  readonly #connections = new Map<
    Pid,
    Map<GatedConnection, (handler: ConnectionHandler) => Connection>
  >()

  /** @param pidAt who is called at an endpoint; nobody answers for whom it does not know */
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

  /** The link to a peer is up from now on: whoever waits gets through. */
  allow(pid: Pid): void {
    this.#allowed.add(pid)
    for (const [connection, connect] of this.#connectionsTo(pid)) connection.establish(connect)
  }

  /** The link to a peer is down from now on. */
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
