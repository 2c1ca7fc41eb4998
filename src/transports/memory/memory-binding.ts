/** A binding in memory. */
import type { Binding, ConnectionId, Frame, BindingHandler } from '../../ports/transport.ts'
import type { MemoryPipe } from './memory-pipe.ts'
import type { MemoryNetwork } from './memory-network.ts'
import type { TaskQueue } from './task-queue.ts'

/** A bound endpoint in a network of memory. */
export class MemoryBinding implements Binding {
  readonly queue: TaskQueue
  readonly maxPartBytes: number
  /** The connections that are open, by their names. */
  readonly pipes = new Map<ConnectionId, MemoryPipe>()
  readonly #network: MemoryNetwork
  readonly #handler: BindingHandler
  #endpoint: string
  #closing = false

  constructor(
    network: MemoryNetwork,
    queue: TaskQueue,
    address: { readonly endpoint: string; readonly maxPartBytes: number },
    handler: BindingHandler,
  ) {
    this.queue = queue
    this.maxPartBytes = address.maxPartBytes
    this.#network = network
    this.#endpoint = address.endpoint
    this.#handler = handler
    queue.enqueue(() => this.#bind())
  }

  /** Where it listens; before `bound`, where it was asked to. */
  get endpoint(): string {
    return this.#endpoint
  }

  send(connection: ConnectionId, frame: Frame): void {
    if (this.#closing) return
    const pipe = this.pipes.get(connection)
    if (pipe === undefined) this.queue.enqueue(() => this.connectionGone(connection))
    else pipe.toDialer(frame)
  }

  close(lingerMs: number): void {
    if (this.#closing) return
    this.#closing = true
    this.#network.unbind(this)
    for (const pipe of this.pipes.values()) pipe.closeFromListener(lingerMs)
    this.queue.enqueue(() => this.#handler.closed())
  }

  /** A frame has arrived. */
  deliverFrame(connection: ConnectionId, frame: Frame): void {
    if (!this.#closing) this.#handler.frame(connection, frame)
  }

  /** A connection is gone. */
  connectionGone(connection: ConnectionId): void {
    if (!this.#closing) this.#handler.disconnected(connection)
  }

  #bind(): void {
    if (this.#closing) return
    const bound = this.#network.bind(this, this.#endpoint)
    if (typeof bound === 'string') {
      this.#endpoint = bound
      this.#handler.bound(bound)
      return
    }
    this.#closing = true
    this.queue.enqueue(() => this.#handler.closed())
    this.#handler.failed(bound)
  }
}
