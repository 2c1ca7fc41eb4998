/** A connection in memory, as its caller holds it. */
import type { Connection, Frame } from '../../ports/transport.ts'
import type { DialingEnd } from './memory-pipe.ts'
import { MemoryPipe } from './memory-pipe.ts'
import type { MemoryNetwork } from './memory-network.ts'

/** One connection to an endpoint in a network of memory. */
export class MemoryConnection implements Connection {
  readonly #network: MemoryNetwork
  readonly #dialer: DialingEnd
  #pipe: MemoryPipe | undefined
  #closing = false

  constructor(network: MemoryNetwork, endpoint: string, dialer: DialingEnd) {
    this.#network = network
    this.#dialer = dialer
    dialer.queue.enqueue(() => this.#connect(endpoint))
  }

  send(frame: Frame): void {
    this.#pipe?.toListener(frame)
  }

  close(lingerMs: number): void {
    if (this.#closing) return
    this.#closing = true
    this.#pipe?.closeFromDialer(lingerMs)
  }

  #connect(endpoint: string): void {
    const { handler } = this.#dialer
    const binding = this.#network.lookup(endpoint)
    if (this.#closing) {
      handler.closed('closed')
    } else if (binding === undefined) {
      this.#closing = true
      handler.closed(`nobody listens at ${endpoint}`)
    } else {
      this.#pipe = new MemoryPipe(this.#network, endpoint, binding, this.#dialer)
      handler.opened()
    }
  }
}
