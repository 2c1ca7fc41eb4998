/** The gate of a replayed node: its calls get through while the recording says so. */
import type {
  Binding,
  Caller,
  Connection,
  Frame,
  Listener,
  Transport,
  TransportOptions,
} from '../../ports/transport.ts'
import type { Pid } from '../../model/pid.ts'
import { puppetEndpoint } from './puppet.ts'

type Soon = (work: () => void) => void

/** A call that waits for the gate, or has got through. */
class Call implements Connection {
  readonly #soon: Soon
  readonly #caller: Caller
  #connection: Connection | undefined
  #over = false

  constructor(soon: Soon, caller: Caller) {
    this.#soon = soon
    this.#caller = caller
  }

  pass(connect: (caller: Caller) => Connection): void {
    if (!this.#over) this.#connection ??= connect(this.#caller)
  }

  send(frame: Frame): void {
    this.#connection?.send(frame)
  }

  close(lingerMs: number): void {
    if (this.#over) return
    this.#over = true
    if (this.#connection !== undefined) this.#connection.close(lingerMs)
    else this.#soon(() => this.#caller.closed('nobody answered'))
  }
}

/**
 * A transport whose calls wait, unanswered, until the link is to be up, and break when it is to be
 * down: then the node's `links` say so at the moments at which they said so before.
 */
export class Gate implements Transport {
  readonly name = 'replay'
  readonly #inner: Transport
  readonly #soon: Soon
  readonly #pidAt: (endpoint: string) => Pid | undefined
  readonly #open = new Set<Pid>()
  /** What is to be done with a call once it may pass. */
  readonly #calls = new Map<Pid, Map<Call, (caller: Caller) => Connection>>()

  /** @param pidAt who is called at an endpoint; nobody answers for whom it does not know */
  constructor(inner: Transport, soon: Soon, pidAt: (endpoint: string) => Pid | undefined) {
    this.#inner = inner
    this.#soon = soon
    this.#pidAt = pidAt
  }

  bind(endpoint: string, options: TransportOptions, listener: Listener): Binding {
    return this.#inner.bind(endpoint, options, listener)
  }

  connect(endpoint: string, options: TransportOptions, caller: Caller): Connection {
    const pid = this.#pidAt(endpoint)
    const calls = pid === undefined ? undefined : this.#callsTo(pid)
    const call = new Call(this.#soon, {
      opened: () => caller.opened(),
      frame: (frame) => caller.frame(frame),
      closed: (reason, error) => {
        calls?.delete(call)
        caller.closed(reason, error)
      },
    })
    if (pid === undefined || calls === undefined) return call
    const through = (own: Caller): Connection =>
      this.#inner.connect(puppetEndpoint(pid), options, own)
    calls.set(call, through)
    if (this.#open.has(pid)) call.pass(through)
    return call
  }

  /** The link to a peer is up from now on: whoever waits gets through. */
  open(pid: Pid): void {
    this.#open.add(pid)
    for (const [call, through] of this.#callsTo(pid)) call.pass(through)
  }

  /** The link to a peer is down from now on. */
  shut(pid: Pid): void {
    this.#open.delete(pid)
    for (const call of [...this.#callsTo(pid).keys()]) call.close(0)
  }

  #callsTo(pid: Pid): Map<Call, (caller: Caller) => Connection> {
    let calls = this.#calls.get(pid)
    if (calls === undefined) this.#calls.set(pid, (calls = new Map()))
    return calls
  }
}
