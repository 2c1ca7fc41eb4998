/**
 * A TCP proxy on loopback that injects faults between two processes.
 *
 *     const proxy = await openProxy(port)   // connect to proxy.port instead
 *     proxy.reset()                         // sends RST on every connection, to both ends
 *     await proxy.outage(1_000)             // the same, and refuses new ones for a second
 *     await proxy.stall(1_000)              // connections stay open and carry no bytes
 *     await proxy.close()
 */
import { connect, createServer } from 'node:net'
import { once } from 'node:events'
import { freePort } from './ports.js'
import { setTimeout as sleep } from 'node:timers/promises'

/** Attempts to listen again at a port that an outage released. */
const LISTEN_TRIES_MAX = 50

/** @param targetPort of the real listener on loopback; `proxy.targetPort` may change at any time */
export async function openProxy(targetPort) {
  const proxy = new Proxy(await freePort(), targetPort)
  await proxy.listen()
  return proxy
}

class Proxy {
  port
  targetPort
  /**
   * Called with each chunk and its direction (`forward`, `back`) before it is forwarded; may reset.
   */
  tap = undefined
  /** Called with each incoming connection; when it returns true, the proxy does not forward it. */
  intercept = undefined
  /** The number of incoming connections so far. */
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

  /** The number of open connections. */
  get open() {
    return this.#pairs.size
  }

  async listen() {
    for (let tries = 1; !this.#closed; tries++) {
      // Half-open: a FIN is forwarded as a FIN, after the last byte.
      const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true })
      server.on('connection', (caller) => this.#accept(caller))
      try {
        server.listen(this.port, '127.0.0.1')
        await once(server, 'listening')
        if (this.#closed) return server.close()
        this.#server = server
        return
      } catch (error) {
        if (tries === LISTEN_TRIES_MAX) throw error
        await sleep(20)
      }
    }
  }

  /** Resets every connection (RST). @returns how many there were */
  reset() {
    const count = this.#pairs.size
    for (const pair of this.#pairs) this.#resetPair(pair)
    return count
  }

  /** Resets every connection, and refuses new ones for `ms`, as if no process were listening. */
  async outage(ms) {
    this.#server?.close()
    this.#server = undefined
    this.reset()
    await sleep(ms)
    await this.listen()
  }

  /** Forwards no bytes in either direction for `ms`; then the newest connection continues first. */
  async stall(ms) {
    this.#stalled = true
    for (const { caller, listener } of this.#pairs)
      for (const end of [caller, listener]) end?.pause()
    await sleep(ms)
    this.#stalled = false
    for (const pair of [...this.#pairs].toReversed()) {
      this.#continue(pair)
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
    if (!this.#stalled) this.#continue(pair)
  }

  /** Continues a connection; a new one is forwarded only now. */
  #continue(pair) {
    const { caller, listener } = pair
    if (caller.destroyed) return
    if (listener === undefined) return this.#connectTarget(pair)
    if (listener.connecting) return
    if (!listener.writableNeedDrain) caller.resume()
    if (!caller.writableNeedDrain) listener.resume()
  }

  #connectTarget(pair) {
    const listener = connect({
      port: this.targetPort,
      host: '127.0.0.1',
      allowHalfOpen: true,
      noDelay: true,
    })
    pair.listener = listener
    this.#forward(pair, pair.caller, listener, 'forward')
    this.#forward(pair, listener, pair.caller, 'back')
    // Read nothing before: a reset must not leave data to write once connected.
    listener.once('connect', () => {
      if (!this.#stalled) this.#continue(pair)
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
    from.on('error', () => this.#resetPair(pair))
    from.on('close', () => {
      // An end that finished has sent everything; the other end may still send.
      if (to.destroyed) this.#pairs.delete(pair)
      else if (!from.readableEnded) this.#resetPair(pair)
    })
  }

  #resetPair(pair) {
    this.#pairs.delete(pair)
    for (const end of [pair.caller, pair.listener]) {
      if (end === undefined || end.destroyed) continue
      // A socket that sends FIN cannot be reset.
      if (end.writableEnded) end.destroy()
      else end.resetAndDestroy()
    }
  }
}
