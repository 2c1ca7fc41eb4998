/** A network in memory: holds the bound endpoints; a test can cut and refuse connections. */
import { type Endpoint, formatEndpoint } from '../../model/endpoint.ts'
import { endpointError, parseEndpoint } from '../../model/endpoint.ts'
import type { BindingSecurity } from '../../ports/connection-security.ts'
import type { MemoryPipe, PipeEnd } from './memory-pipe.ts'
import { matches } from './memory-address.ts'

/** Dynamic ports, as of RFC 6335. */
const FIRST_FREE_PORT = 49_152

/** The holder of a bound endpoint. */
export interface Bound {
  /** As it was bound, with the port that was chosen. */
  readonly endpoint: string
  readonly security: BindingSecurity | undefined
  /** Opens a pipe for a connection to `endpoint`. */
  accept(endpoint: string, dialer: PipeEnd): MemoryPipe
}

interface BindError extends Error {
  readonly code: string
}

/**
 * The namespace of endpoints in one process. Transports over the same network reach each other.
 *
 * Tests break it: `cut` loses connections, `refuse` keeps new ones out.
 */
export class MemoryNetwork {
  readonly #bound = new Map<Bound, Endpoint>()
  readonly #pipes = new Map<MemoryPipe, Bound>()
  readonly #refusing = new Set<string>()
  #nextPort = FIRST_FREE_PORT
  #nextConnection = 1

  /** The number of open bindings and connections: 0 when everything is closed. */
  get open(): number {
    return this.#bound.size + this.#pipes.size
  }

  /**
   * Breaks every connection to `endpoint`, on both sides; frames on the wire are lost.
   *
   * @param endpoint as a connection names it, or as it was bound
   */
  cut(endpoint: string): void {
    for (const [pipe, bound] of this.#pipes) {
      if (pipe.endpoint === endpoint || bound.endpoint === endpoint) {
        pipe.sever(`the connection to ${pipe.endpoint} was cut`)
      }
    }
  }

  /**
   * Refuses new connections to `endpoint`, as without a listener, until called with `false`. Open
   * connections stay.
   *
   * @param endpoint as a connection names it, or as it was bound
   */
  refuse(endpoint: string, refused: boolean): void {
    if (refused) this.#refusing.add(endpoint)
    else this.#refusing.delete(endpoint)
  }

  /**
   * Binds an endpoint; a port 0 becomes a free port.
   *
   * @returns the endpoint, or an error whose `code` is `EINVAL` or `EADDRINUSE`
   * @internal
   */
  bind(bound: Bound, text: string): string | BindError {
    const requested = parseEndpoint(text)
    const error = endpointError(text, 'bind')
    if (requested === undefined || error !== undefined) {
      return bindError('EINVAL', `${text}: expected ${error?.expected}, got ${error?.got}`)
    }
    const endpoint = this.#withPort(requested)
    if (this.#isTaken(endpoint)) return bindError('EADDRINUSE', `${text} is in use`)
    this.#bound.set(bound, endpoint)
    return formatEndpoint(endpoint)
  }

  /**
   * Frees an endpoint at once.
   *
   * @internal
   */
  unbind(bound: Bound): void {
    this.#bound.delete(bound)
  }

  /**
   * Finds the listener that a connection to `endpoint` reaches.
   *
   * @internal
   */
  lookup(endpoint: string): Bound | undefined {
    const target = parseEndpoint(endpoint)
    if (target === undefined || this.#refusing.has(endpoint)) return undefined
    for (const [bound, address] of this.#bound) {
      if (matches(address, target) && !this.#refusing.has(bound.endpoint)) return bound
    }
    return undefined
  }

  /**
   * Returns a new id for a connection.
   *
   * @internal
   */
  nextConnectionId(): string {
    return `connection-${this.#nextConnection++}`
  }

  /**
   * Registers an open pipe, for `cut` and `open`.
   *
   * @internal
   */
  addPipe(pipe: MemoryPipe, bound: Bound): void {
    this.#pipes.set(pipe, bound)
  }

  /**
   * Forgets a closed pipe.
   *
   * @internal
   */
  removePipe(pipe: MemoryPipe): void {
    this.#pipes.delete(pipe)
  }

  #isTaken(endpoint: Endpoint): boolean {
    for (const other of this.#bound.values()) {
      if (matches(other, endpoint) || matches(endpoint, other)) return true
    }
    return false
  }

  #withPort(requested: Endpoint): Endpoint {
    if (requested.scheme !== 'tcp' || requested.port !== 0) return requested
    for (;;) {
      const endpoint = { ...requested, port: this.#nextPort++ }
      if (!this.#isTaken(endpoint)) return endpoint
    }
  }
}

function bindError(code: string, message: string): BindError {
  return Object.assign(new Error(message), { code })
}
