/**
 * A TCP proxy on loopback with a reset button: what stands between two processes when the line between them breaks.
 *
 *     const proxy = await openProxy(port)   // connect to proxy.port instead
 *     proxy.reset()                         // every connection gets an RST, at both ends
 *     await proxy.outage(1_000)             // the same, and nobody listens for a second
 *     await proxy.stall(1_000)              // connections stay, and nothing moves on them
 *     await proxy.close()
 */
import { connect, createServer } from 'node:net'
import { once } from 'node:events'
import { freePort } from './ports.js'
import { setTimeout as sleep } from 'node:timers/promises'

/** How often a port that was given up for an outage is asked for again. */
const LISTEN_TRIES = 50

/** @param targetPort where the real listener is, on loopback; `proxy.targetPort` may be changed at any time */
export async function openProxy(targetPort) {
  const proxy = new Proxy(await freePort(), targetPort)
  await proxy.listen()
  return proxy
}

class Proxy {
  port
  targetPort
  /** Called with each chunk and its direction, `there` or `back`, BEFORE it is passed on; may reset. */
  tap = undefined
  /** Called with each connection that comes in; whoever returns true has taken it, and it goes nowhere. */
  intercept = undefined
  /** Connections that came in, so far. */
  accepted = 0
  #server
  #pairs = new Set()
  #intercepted = new Set()
  #stalled = false
  #closed = false

  constructor(port, targetPort) {
    this.port = port
    this.targetPort = targetPort
  }

  /** Connections that stand now. */
  get open() {
    return this.#pairs.size
  }

  async listen() {
    for (let tries = 1; !this.#closed; tries++) {
      // Half-open, so that a FIN comes out as a FIN, after the last byte.
      const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true })
      server.on('connection', (caller) => this.#accept(caller))
      try {
        server.listen(this.port, '127.0.0.1')
        await once(server, 'listening')
        if (this.#closed) return server.close()
        this.#server = server
        return
      } catch (error) {
        if (tries === LISTEN_TRIES) throw error
        await sleep(20)
      }
    }
  }

  /** Cuts every connection with an RST. @returns how many there were */
  reset() {
    const count = this.#pairs.size
    for (const pair of this.#pairs) this.#cut(pair)
    return count
  }

  /** Cuts every connection, and for so long new ones are refused as if no process were there. */
  async outage(ms) {
    this.#server?.close()
    this.#server = undefined
    this.reset()
    await sleep(ms)
    await this.listen()
  }

  /** For so long no byte moves, in either direction; then the newest connection is the first to go on. */
  async stall(ms) {
    this.#stalled = true
    for (const { caller, listener } of this.#pairs) for (const end of [caller, listener]) end?.pause()
    await sleep(ms)
    this.#stalled = false
    for (const pair of [...this.#pairs].toReversed()) {
      this.#move(pair)
      await sleep(5)
    }
  }

  async close() {
    this.#closed = true
    const server = this.#server
    this.reset()
    for (const caller of this.#intercepted) caller.destroy()
    if (server?.listening) await new Promise((resolve) => server.close(resolve))
  }

  #accept(caller) {
    this.accepted++
    caller.on('error', () => undefined)
    if (this.intercept?.(caller)) {
      this.#intercepted.add(caller)
      caller.once('close', () => this.#intercepted.delete(caller)).resume()
      return
    }
    const pair = { caller, listener: undefined }
    this.#pairs.add(pair)
    if (!this.#stalled) this.#move(pair)
  }

  /** Lets a connection go on; a new one is passed on only now. */
  #move(pair) {
    const { caller, listener } = pair
    if (caller.destroyed) return
    if (listener === undefined) return this.#passOn(pair)
    if (listener.connecting) return
    if (!listener.writableNeedDrain) caller.resume()
    if (!caller.writableNeedDrain) listener.resume()
  }

  #passOn(pair) {
    const listener = connect({ port: this.targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    pair.listener = listener
    this.#forward(pair, pair.caller, listener, 'there')
    this.#forward(pair, listener, pair.caller, 'back')
    // Nothing is read before, so that a reset finds nothing that is to be written when it is connected.
    listener.once('connect', () => {
      if (!this.#stalled) this.#move(pair)
    })
  }

  #forward(pair, from, to, direction) {
    from.on('data', (chunk) => {
      this.tap?.(chunk, direction)
      if (!to.destroyed && !to.write(chunk)) from.pause()
    })
    to.on('drain', () => {
      if (!this.#stalled) from.resume()
    })
    from.on('end', () => to.end())
    from.on('error', () => this.#cut(pair))
    from.on('close', () => {
      // One that has ended has said all it had to say, and the other end may still speak.
      if (to.destroyed) this.#pairs.delete(pair)
      else if (!from.readableEnded) this.#cut(pair)
    })
  }

  #cut(pair) {
    this.#pairs.delete(pair)
    for (const end of [pair.caller, pair.listener]) {
      if (end === undefined || end.destroyed) continue
      // One that is saying goodbye cannot be reset.
      if (end.writableEnded) end.destroy()
      else end.resetAndDestroy()
    }
  }
}
