/** A network in memory: the addresses that transports over it share, and the ways to break it. */
import { matches, formatMemoryAddress, parseMemoryAddress } from './memory-address.ts'
import type { MemoryBinding } from './memory-binding.ts'
import type { MemoryPipe } from './memory-pipe.ts'
import type { MemoryAddress } from './memory-address.ts'

/** The first port that is given to who asks for any. */
const FIRST_FREE_PORT = 49_152

/** An address was asked for that cannot be had. */
interface BindError extends Error {
  readonly code: string
}

/**
 * The namespace of addresses in one process. Transports over the same network reach each other.
 *
 * It can be broken on purpose: `cut` loses connections, `refuse` keeps new ones out.
 */
export class MemoryNetwork {
  readonly #bindings = new Map<MemoryBinding, MemoryAddress>()
  readonly #pipes = new Set<MemoryPipe>()
  readonly #refusing = new Set<string>()
  #nextPort = FIRST_FREE_PORT
  #nextConnection = 1

  /** How many bindings and connections are open: 0 when everything is closed. */
  get open(): number {
    return this.#bindings.size + this.#pipes.size
  }

  /**
   * Breaks every connection to `endpoint`, on both sides; frames in flight are lost.
   *
   * @param endpoint as it was called, or as it was bound; nothing happens where there is none
   */
  cut(endpoint: string): void {
    for (const pipe of this.#pipes) {
      if (pipe.endpoint === endpoint || pipe.binding.endpoint === endpoint) {
        pipe.sever(`the connection to ${pipe.endpoint} was cut`)
      }
    }
  }

  /**
   * Refuses new connections to `endpoint`, as if nobody listened there, until it is told otherwise.
   * Those that are open stay.
   *
   * @param endpoint as it is called, or as it was bound
   */
  refuse(endpoint: string, refused: boolean): void {
    if (refused) this.#refusing.add(endpoint)
    else this.#refusing.delete(endpoint)
  }

  /**
   * Gives an endpoint to a binding; a port 0 becomes a free one.
   *
   * @returns the endpoint, or an error whose `code` is `EINVAL` or `EADDRINUSE`
   */
  bind(binding: MemoryBinding, endpoint: string): string | BindError {
    const requested = parseMemoryAddress(endpoint)
    if (requested === undefined) return bindError('EINVAL', `${endpoint} is no address`)
    const address = requested.port === 0 ? this.#withFreePort(requested) : requested
    if (this.#isTaken(address)) return bindError('EADDRINUSE', `${endpoint} is in use`)
    this.#bindings.set(binding, address)
    return formatMemoryAddress(address)
  }

  /** Takes an endpoint back; it is free at once. */
  unbind(binding: MemoryBinding): void {
    this.#bindings.delete(binding)
  }

  /** Who would answer at `endpoint`. */
  lookup(endpoint: string): MemoryBinding | undefined {
    const target = parseMemoryAddress(endpoint)
    if (target === undefined || this.#refusing.has(endpoint)) return undefined
    for (const [binding, address] of this.#bindings) {
      if (matches(address, target) && !this.#refusing.has(binding.endpoint)) return binding
    }
    return undefined
  }

  /** Names the next connection. */
  nextConnectionId(): string {
    return `line-${this.#nextConnection++}`
  }

  /** Counts a connection in, until it is over. */
  addPipe(pipe: MemoryPipe): void {
    this.#pipes.add(pipe)
  }

  /** A connection is over. */
  removePipe(pipe: MemoryPipe): void {
    this.#pipes.delete(pipe)
  }

  #isTaken(address: MemoryAddress): boolean {
    for (const other of this.#bindings.values()) {
      if (matches(other, address) || matches(address, other)) return true
    }
    return false
  }

  #withFreePort(requested: MemoryAddress): MemoryAddress {
    for (;;) {
      const address = { ...requested, port: this.#nextPort++ }
      if (!this.#isTaken(address)) return address
    }
  }
}

function bindError(code: string, message: string): BindError {
  return Object.assign(new Error(message), { code })
}
