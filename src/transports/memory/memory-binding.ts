/** A binding in memory. */
import type { Binding, ConnectionId, Frame, Listener } from '../../ports/transport.ts'
import type { MemoryLine } from './memory-line.ts'
import type { MemoryNetwork } from './memory-network.ts'
import type { Turns } from './turns.ts'

/** A bound endpoint in a network of memory. */
export class MemoryBinding implements Binding {
  readonly turns: Turns
  readonly maxPartBytes: number
  /** The connections that are open, by their names. */
  readonly lines = new Map<ConnectionId, MemoryLine>()
  readonly #network: MemoryNetwork
  readonly #listener: Listener
  #endpoint: string
  #closing = false

  constructor(
    network: MemoryNetwork,
    turns: Turns,
    at: { readonly endpoint: string; readonly maxPartBytes: number },
    listener: Listener,
  ) {
    this.turns = turns
    this.maxPartBytes = at.maxPartBytes
    this.#network = network
    this.#endpoint = at.endpoint
    this.#listener = listener
    turns.take(() => this.#open())
  }

  /** Where it listens; before `bound`, where it was asked to. */
  get endpoint(): string {
    return this.#endpoint
  }

  send(connection: ConnectionId, frame: Frame): void {
    if (this.#closing) return
    const line = this.lines.get(connection)
    if (line === undefined) this.turns.take(() => this.miss(connection))
    else line.back(frame)
  }

  close(lingerMs: number): void {
    if (this.#closing) return
    this.#closing = true
    this.#network.leave(this)
    for (const line of this.lines.values()) line.drop(lingerMs)
    this.turns.take(() => this.#listener.closed())
  }

  /** A frame has arrived. */
  hear(connection: ConnectionId, frame: Frame): void {
    if (!this.#closing) this.#listener.frame(connection, frame)
  }

  /** A connection is gone. */
  miss(connection: ConnectionId): void {
    if (!this.#closing) this.#listener.gone(connection)
  }

  #open(): void {
    if (this.#closing) return
    const entered = this.#network.enter(this, this.#endpoint)
    if (typeof entered === 'string') {
      this.#endpoint = entered
      this.#listener.bound(entered)
      return
    }
    this.#closing = true
    this.turns.take(() => this.#listener.closed())
    this.#listener.failed(entered)
  }
}
