/** A TCP proxy with a button: what it has taken and not passed on is lost, as when a line is cut. */
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net'
import { once } from 'node:events'

/** Stands before one endpoint; whoever connects to it talks to that one. */
export class TcpProxy {
  readonly endpoint: string
  /** How often it has cut. */
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

  /** The next bytes that come, from either side, are lost, and their connection is reset. */
  resetOnNextData(): void {
    this.#armed = true
  }

  /** Resets every connection, now. */
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
