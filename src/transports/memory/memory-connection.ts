/** The dialing end of a connection in memory. */
import type { Connection, ConnectionHandler, Frame } from '../../ports/transport.ts'
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
    address: { readonly endpoint: string; readonly maxPartBytes: number },
    handler: ConnectionHandler,
  ) {
    this.#network = network
    this.#queue = queue
    this.#handler = handler
    queue.enqueue(() => this.#connect(address.endpoint, address.maxPartBytes))
  }

  send(frame: Frame): void {
    this.#pipe?.toListener(frame)
  }

  close(lingerMs: number): void {
    if (this.#closing) return
    this.#closing = true
    this.#pipe?.closeFromDialer(lingerMs)
  }

  #connect(endpoint: string, maxPartBytes: number): void {
    const handler = this.#handler
    const bound = this.#network.lookup(endpoint)
    if (this.#closing) {
      handler.closed('closed')
    } else if (bound === undefined) {
      this.#closing = true
      handler.closed(`no listener at ${endpoint}`)
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
