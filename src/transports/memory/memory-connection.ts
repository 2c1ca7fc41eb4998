/** A connection in memory, as its caller holds it. */
import type { Connection, Frame } from '../../ports/transport.ts'
import type { CallingEnd } from './memory-line.ts'
import { MemoryLine } from './memory-line.ts'
import type { MemoryNetwork } from './memory-network.ts'

/** One connection to an endpoint in a network of memory. */
export class MemoryConnection implements Connection {
  readonly #network: MemoryNetwork
  readonly #calling: CallingEnd
  #line: MemoryLine | undefined
  #closing = false

  constructor(network: MemoryNetwork, endpoint: string, calling: CallingEnd) {
    this.#network = network
    this.#calling = calling
    calling.turns.take(() => this.#open(endpoint))
  }

  send(frame: Frame): void {
    this.#line?.there(frame)
  }

  close(lingerMs: number): void {
    if (this.#closing) return
    this.#closing = true
    this.#line?.hangUp(lingerMs)
  }

  #open(endpoint: string): void {
    const { caller } = this.#calling
    const binding = this.#network.find(endpoint)
    if (this.#closing) {
      caller.closed('closed')
    } else if (binding === undefined) {
      this.#closing = true
      caller.closed(`nobody listens at ${endpoint}`)
    } else {
      this.#line = new MemoryLine(this.#network, endpoint, binding, this.#calling)
      caller.opened()
    }
  }
}
