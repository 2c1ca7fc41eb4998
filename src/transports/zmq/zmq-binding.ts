/** A binding over ZeroMQ: one ROUTER, which names whoever calls. */
import type { Binding, ConnectionId, Frame, Listener } from '../../ports/transport.ts'
import { bindable, isIpv6, written } from './address.ts'
import type { Problem } from './problem.ts'
import type { Router } from 'zeromq'
import type { Sockets } from './sockets.ts'
import type { TransportOptions } from '../../ports/transport.ts'
import { aside } from './aside.ts'
import { problem, problemOf } from './problem.ts'
import { readFrames } from './read-frames.ts'
import { ownPath, requireFreePath } from './ipc-path.ts'
import { watchEvents } from './watch-events.ts'

/** So many names of connections are remembered; then they are all learned anew. */
const NAMES_MAX = 4_096

/** A bound ROUTER. */
export class ZmqBinding implements Binding {
  readonly #sockets: Sockets
  readonly #listener: Listener
  #router: Router | undefined
  /** The path it holds, if it is bound to one. */
  #path: string | undefined
  #removePath: (() => void) | undefined
  #closing = false
  #lingerMs = 0
  readonly #names = new Map<string, ConnectionId>()

  constructor(sockets: Sockets, endpoint: string, options: TransportOptions, listener: Listener) {
    this.#sockets = sockets
    this.#listener = listener
    queueMicrotask(() => void this.#live(endpoint, options))
  }

  /**
   * Never waits: credit bounds what is under way, not a high-water mark. Whatever goes wrong, the
   * frame is lost, so the connection is as good as gone.
   */
  send(connection: ConnectionId, frame: Frame): void {
    const router = this.#router
    if (router === undefined || this.#closing || frame.length === 0) return
    const missed = (): void => this.#miss(connection)
    try {
      const message: Uint8Array[] = [Buffer.from(connection, 'latin1'), ...frame]
      router.send(message).catch(missed)
    } catch {
      queueMicrotask(missed)
    }
  }

  close(lingerMs: number): void {
    if (this.#closing) return
    this.#closing = true
    this.#lingerMs = lingerMs
    if (this.#router !== undefined) void this.#release(this.#router)
  }

  async #live(endpoint: string, options: TransportOptions): Promise<void> {
    let router: Router
    try {
      router = await this.#bound(endpoint, options)
    } catch (error) {
      return this.#fail(problemOf(error))
    }
    if (this.#closing) return this.#release(router)
    this.#router = router
    const { lastEndpoint } = router
    aside(() => this.#listener.bound(lastEndpoint ?? endpoint))
    await readFrames(router, (parts) => this.#hear(parts))
  }

  async #bound(endpoint: string, options: TransportOptions): Promise<Router> {
    const address = bindable(endpoint)
    if (address.scheme === 'ipc') await this.#claim(address.path)
    const router = this.#sockets.router(options, isIpv6(address))
    try {
      // On a thread of its own: nobody may touch the socket meanwhile.
      await router.bind(written(address))
      if (this.#path !== undefined) this.#removePath = ownPath(this.#path)
      return router
    } catch (error) {
      router.close()
      throw error
    }
  }

  async #claim(path: string): Promise<void> {
    const { paths } = this.#sockets
    // libzmq picks a name of its own.
    if (path === '*') return
    if (paths.has(path)) throw problem('EADDRINUSE', `ipc://${path} is in use`)
    paths.add(path)
    this.#path = path
    await requireFreePath(path)
  }

  #fail(error: Problem): void {
    const closing = this.#closing
    this.#closing = true
    if (!closing) aside(() => this.#listener.failed(error))
    queueMicrotask(() => this.#end())
  }

  #hear(parts: Buffer[]): void {
    const name = parts.shift()
    if (this.#closing || name === undefined || parts.length === 0) return
    const connection = this.#known(name.toString('latin1'))
    aside(() => this.#listener.frame(connection, parts))
  }

  /** One string for all frames of a connection: hundreds of sessions compare it with their own. */
  #known(name: string): ConnectionId {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    if (this.#names.size >= NAMES_MAX) this.#names.clear()
    this.#names.set(name, name)
    return name
  }

  #miss(connection: ConnectionId): void {
    if (!this.#closing) aside(() => this.#listener.gone(connection))
  }

  /**
   * Closes, and waits until the port is free. The socket is watched for its end only from here on:
   * an observer costs two descriptors, and a listener that runs out of them raises 190,000 events a
   * second.
   */
  async #release(router: Router): Promise<void> {
    this.#removePath?.()
    router.linger = this.#lingerMs
    const released = whenReleased(router)
    router.close()
    await released
    this.#end()
  }

  #end(): void {
    if (this.#path !== undefined) this.#sockets.paths.delete(this.#path)
    aside(() => this.#listener.closed())
  }
}

/** Without a descriptor for an observer, the end is taken for granted. */
async function whenReleased(router: Router): Promise<void> {
  try {
    await watchEvents(router.events, () => undefined)
  } catch {
    // Out of descriptors, or out of sockets.
  }
}
