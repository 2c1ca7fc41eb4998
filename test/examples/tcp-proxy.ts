/** A TCP proxy that can reset its connections; bytes that it has not forwarded are lost. */
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net'
import { once } from 'node:events'

/** Forwards its connections to one endpoint. */
export class TcpProxy {
  readonly endpoint: string
  /** How many times `resetOnNextData` has reset a connection. */
  resets = 0
  readonly #server: Server
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  #armed = false

  private constructor(server: Server, target: string) {
    this.#server = server
    this.endpoint = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { hostname, port } = new URL(target)
    server.on('connection', (caller) => this.#pair(caller, connect(Number(port), hostname)))
  }

  static async create(target: string): Promise<TcpProxy> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new TcpProxy(server, target)
  }

  /** Resets a connection at its next bytes, from either side, and drops these bytes. */
  resetOnNextData(): void {
    this.#armed = true
  }

  /** Resets every connection. */
  reset(): void {
    for (const pair of this.#pairs) this.#reset(pair)
  }

  async close(): Promise<void> {
    this.reset()
    await once(this.#server.close(), 'close')
  }

  #pair(...pair: readonly [Socket, Socket]): void {
    this.#pairs.add(pair)
    const [caller, listener] = pair
    this.#forward(caller, listener, pair)
    this.#forward(listener, caller, pair)
  }

  #forward(from: Socket, to: Socket, pair: readonly [Socket, Socket]): void {
    from.setNoDelay(true)
    from.on('data', (bytes) => {
      if (this.#armed) {
        this.#armed = false
        this.resets += 1
        this.#reset(pair)
      } else if (!to.write(bytes)) {
        from.pause()
      }
    })
    to.on('drain', () => from.resume())
    from.on('end', () => to.end())
    from.on('error', () => this.#reset(pair))
    from.on('close', () => this.#reset(pair))
  }

  #reset(pair: readonly [Socket, Socket]): void {
    if (!this.#pairs.delete(pair)) return
    for (const socket of pair) socket.resetAndDestroy()
  }
}
