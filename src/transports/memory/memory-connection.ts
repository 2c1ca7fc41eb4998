/** The dialing end of a connection in memory. */
import type { ConnectOptions, Connection, ConnectionHandler, Frame } from '../../ports/transport.ts'
import { keyRefusal } from '../../ports/connection-security.ts'
import type { MemoryNetwork } from './memory-network.ts'
import type { MemoryPipe } from './memory-pipe.ts'
import type { TaskQueue } from './task-queue.ts'

/** One connection to an endpoint of a memory network. */
export class MemoryConnection implements Connection {
  readonly #network: MemoryNetwork
  readonly #queue: TaskQueue
  readonly #handler: ConnectionHandler
  #pipe: MemoryPipe | undefined
  #closing = false

  constructor(
    network: MemoryNetwork,
    queue: TaskQueue,
    address: ConnectOptions & { readonly endpoint: string },
    handler: ConnectionHandler,
  ) {
    this.#network = network
    this.#queue = queue
    this.#handler = handler
    queue.enqueue(() => this.#connect(address))
  }

  send(frame: Frame): void {
    this.#pipe?.toListener(frame)
  }

  close(lingerMs: number): void {
    if (this.#closing) return
    this.#closing = true
    this.#pipe?.closeFromDialer(lingerMs)
  }

  #connect({
    endpoint,
    maxPartBytes,
    security,
  }: ConnectOptions & { readonly endpoint: string }): void {
    const handler = this.#handler
    if (this.#closing) return handler.closed('closed')
    const bound = this.#network.lookup(endpoint)
    const refusal = bound && keyRefusal(endpoint, bound.security, security)
    if (bound === undefined || refusal !== undefined) {
      this.#closing = true
      handler.closed(refusal?.message ?? `no listener at ${endpoint}`, refusal)
    } else {
      this.#pipe = bound.accept(endpoint, {
        queue: this.#queue,
        maxPartBytes,
        onFrame: (frame) => handler.frame(frame),
        onClosed: (reason) => handler.closed(reason),
      })
      handler.opened()
    }
  }
}
