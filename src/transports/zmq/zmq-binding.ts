/** A binding over ZeroMQ: one ROUTER, which names whoever calls. */
import type { Binding, ConnectionId, Frame, BindingHandler } from '../../ports/transport.ts'
import { parseBind, isIpv6, formatAddress } from './address.ts'
import type { SystemError } from './system-error.ts'
import type { Router } from 'zeromq'
import type { Sockets } from './sockets.ts'
import type { TransportOptions } from '../../ports/transport.ts'
import { reportAsync } from './report-async.ts'
import { systemError, toSystemError } from './system-error.ts'
import { readFrames } from './read-frames.ts'
import { claimPath, requireFreePath } from './ipc-path.ts'
import { monitorEvents } from './monitor-events.ts'

/** So many names of connections are remembered; then they are all learned anew. */
const CONNECTION_IDS_MAX = 4_096

/** A bound ROUTER. */
export class ZmqBinding implements Binding {
  readonly #sockets: Sockets
  readonly #handler: BindingHandler
  #router: Router | undefined
  /** The path it holds, if it is bound to one. */
  #path: string | undefined
  #removePath: (() => void) | undefined
  #closing = false
  #lingerMs = 0
  readonly #connectionIds = new Map<string, ConnectionId>()

  constructor(
    sockets: Sockets,
    endpoint: string,
    options: TransportOptions,
    handler: BindingHandler,
  ) {
    this.#sockets = sockets
    this.#handler = handler
    queueMicrotask(() => void this.#run(endpoint, options))
  }

  /**
   * Never waits: credit bounds what is under way, not a high-water mark. Whatever goes wrong, the
   * frame is lost, so the connection is as good as gone.
   */
  send(connection: ConnectionId, frame: Frame): void {
    const router = this.#router
    if (router === undefined || this.#closing || frame.length === 0) return
    const notifyGone = (): void => this.#connectionGone(connection)
    try {
      const message: Uint8Array[] = [Buffer.from(connection, 'latin1'), ...frame]
      router.send(message).catch(notifyGone)
    } catch {
      queueMicrotask(notifyGone)
    }
  }

  close(lingerMs: number): void {
    if (this.#closing) return
    this.#closing = true
    this.#lingerMs = lingerMs
    if (this.#router !== undefined) void this.#release(this.#router)
  }

  async #run(endpoint: string, options: TransportOptions): Promise<void> {
    let router: Router
    try {
      router = await this.#bindRouter(endpoint, options)
    } catch (error) {
      return this.#fail(toSystemError(error))
    }
    if (this.#closing) return this.#release(router)
    this.#router = router
    const { lastEndpoint } = router
    reportAsync(() => this.#handler.bound(lastEndpoint ?? endpoint))
    await readFrames(router, (parts) => this.#onFrame(parts))
  }

  async #bindRouter(endpoint: string, options: TransportOptions): Promise<Router> {
    const address = parseBind(endpoint)
    if (address.scheme === 'ipc') await this.#reservePath(address.path)
    const router = this.#sockets.createRouter(options, isIpv6(address))
    try {
      // On a thread of its own: nobody may touch the socket meanwhile.
      await router.bind(formatAddress(address))
      if (this.#path !== undefined) this.#removePath = claimPath(this.#path)
      return router
    } catch (error) {
      router.close()
      throw error
    }
  }

  async #reservePath(path: string): Promise<void> {
    const { claimedPaths } = this.#sockets
    // libzmq picks a name of its own.
    if (path === '*') return
    if (claimedPaths.has(path)) throw systemError('EADDRINUSE', `ipc://${path} is in use`)
    claimedPaths.add(path)
    this.#path = path
    await requireFreePath(path)
  }

  #fail(error: SystemError): void {
    const closing = this.#closing
    this.#closing = true
    if (!closing) reportAsync(() => this.#handler.failed(error))
    queueMicrotask(() => this.#notifyClosed())
  }

  #onFrame(parts: Buffer[]): void {
    const routingId = parts.shift()
    if (this.#closing || routingId === undefined || parts.length === 0) return
    const connection = this.#connectionId(routingId.toString('latin1'))
    reportAsync(() => this.#handler.frame(connection, parts))
  }

  /** One string for all frames of a connection: hundreds of sessions compare it with their own. */
  #connectionId(routingId: string): ConnectionId {
    const cached = this.#connectionIds.get(routingId)
    if (cached !== undefined) return cached
    if (this.#connectionIds.size >= CONNECTION_IDS_MAX) this.#connectionIds.clear()
    this.#connectionIds.set(routingId, routingId)
    return routingId
  }

  #connectionGone(connection: ConnectionId): void {
    if (!this.#closing) reportAsync(() => this.#handler.disconnected(connection))
  }

  /**
   * Closes, and waits until the port is free. The socket is watched for its end only from here on:
   * an observer costs two descriptors, and a listener that runs out of them raises 190,000 events a
   * second.
   */
  async #release(router: Router): Promise<void> {
    this.#removePath?.()
    router.linger = this.#lingerMs
    const released = waitUntilReleased(router)
    router.close()
    await released
    this.#notifyClosed()
  }

  #notifyClosed(): void {
    if (this.#path !== undefined) this.#sockets.claimedPaths.delete(this.#path)
    reportAsync(() => this.#handler.closed())
  }
}

/** Without a descriptor for an observer, the end is taken for granted. */
async function waitUntilReleased(router: Router): Promise<void> {
  try {
    await monitorEvents(router.events, () => undefined)
  } catch {
    // Out of descriptors, or out of sockets.
  }
}
