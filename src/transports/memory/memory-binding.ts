/** A bound endpoint of a memory network. */
import type {
  BindOptions,
  Binding,
  BindingHandler,
  ConnectionId,
  Frame,
} from '../../ports/transport.ts'
import type { BindingSecurity } from '../../ports/connection-security.ts'
import type { Bound, MemoryNetwork } from './memory-network.ts'
import { MemoryPipe, type PipeEnd } from './memory-pipe.ts'
import type { TaskQueue } from './task-queue.ts'

/** A binding in memory: one pipe for each open connection. */
export class MemoryBinding implements Binding, Bound {
  readonly #queue: TaskQueue
  readonly #maxPartBytes: number
  readonly security: BindingSecurity | undefined
  readonly #pipes = new Map<ConnectionId, MemoryPipe>()
  readonly #network: MemoryNetwork
  readonly #handler: BindingHandler
  #endpoint: string
  #closing = false

  constructor(
    network: MemoryNetwork,
    queue: TaskQueue,
    address: BindOptions & { readonly endpoint: string },
    handler: BindingHandler,
  ) {
    this.#queue = queue
    this.#maxPartBytes = address.maxPartBytes
    this.security = address.security
    this.#network = network
    this.#endpoint = address.endpoint
    this.#handler = handler
    queue.enqueue(() => this.#bind())
  }

  /** The bound endpoint; before `bound`, the requested one. */
  get endpoint(): string {
    return this.#endpoint
  }

  accept(endpoint: string, dialer: PipeEnd): MemoryPipe {
    const connection = this.#network.nextConnectionId()
    const listener: PipeEnd = {
      queue: this.#queue,
      maxPartBytes: this.#maxPartBytes,
      onFrame: (frame) => {
        if (!this.#closing) this.#handler.frame(connection, frame)
      },
      onClosed: () => this.#onDisconnected(connection),
    }
    const pipe = new MemoryPipe(endpoint, { dialer, listener }, (closed) => {
      this.#network.removePipe(closed)
      this.#pipes.delete(connection)
    })
    this.#network.addPipe(pipe, this)
    this.#pipes.set(connection, pipe)
    return pipe
  }

  send(connection: ConnectionId, frame: Frame): void {
    if (this.#closing) return
    const pipe = this.#pipes.get(connection)
    if (pipe === undefined) this.#queue.enqueue(() => this.#onDisconnected(connection))
    else pipe.toDialer(frame)
  }

  close(lingerMs: number): void {
    if (this.#closing) return
    this.#closing = true
    this.#network.unbind(this)
    for (const pipe of this.#pipes.values()) pipe.closeFromListener(lingerMs)
    this.#queue.enqueue(() => this.#handler.closed())
  }

  #onDisconnected(connection: ConnectionId): void {
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
    this.#queue.enqueue(() => this.#handler.closed())
    this.#handler.failed(bound)
  }
}
