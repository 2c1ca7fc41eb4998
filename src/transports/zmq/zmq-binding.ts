/** A binding over ZeroMQ: one ROUTER, whose routing ids are the connection ids. */
import { runtime } from '../../ports/runtime.ts'
import type { Binding, ConnectionId, Frame, BindingHandler } from '../../ports/transport.ts'
import { formatAddress, isIpv6, parseAddress } from './address.ts'
import type { SystemError } from './system-error.ts'
import type { Router } from 'zeromq'
import type { Sockets } from './sockets.ts'
import type { BindOptions } from '../../ports/transport.ts'
import { callHandler } from './call-handler.ts'
import { explainBindError } from './bind-error.ts'
import { systemError, toSystemError } from './system-error.ts'
import { readFrames } from './read-frames.ts'
import { claimPath, requireFreePath } from './ipc-path.ts'
import { monitorEvents } from './monitor-events.ts'

/** A full cache is cleared and filled again. */
const CONNECTION_IDS_MAX = 4_096

/** A bound ROUTER. */
export class ZmqBinding implements Binding {
  readonly #sockets: Sockets
  readonly #handler: BindingHandler
  #router: Router | undefined
  /** The ipc path that is reserved for this binding. */
  #path: string | undefined
  #removePath: (() => void) | undefined
  /** Names this binding to the ZAP handler; undefined without keys. */
  #zapDomain: string | undefined
  #closing = false
  #lingerMs = 0
  readonly #connectionIds = new Map<string, ConnectionId>()

  constructor(sockets: Sockets, endpoint: string, options: BindOptions, handler: BindingHandler) {
    this.#sockets = sockets
    this.#handler = handler
    runtime.queueMicrotask(() => void this.#run(endpoint, options))
  }

  /**
   * Never waits: credit bounds the frames on the wire, not a high-water mark. A frame that cannot
   * be sent is lost, so the connection is reported as disconnected.
   */
  send(connection: ConnectionId, frame: Frame): void {
    const router = this.#router
    if (router === undefined || this.#closing || frame.length === 0) return
    const onFailed = (): void => this.#onDisconnected(connection)
    try {
      const message: Uint8Array[] = [Buffer.from(connection, 'latin1'), ...frame]
      router.send(message).catch(onFailed)
    } catch {
      runtime.queueMicrotask(onFailed)
    }
  }

  close(lingerMs: number): void {
    if (this.#closing) return
    this.#closing = true
    this.#lingerMs = lingerMs
    if (this.#router !== undefined) void this.#release(this.#router)
  }

  async #run(endpoint: string, options: BindOptions): Promise<void> {
    let router: Router
    try {
      router = await this.#bindRouter(endpoint, options)
    } catch (error) {
      return this.#fail(toSystemError(error))
    }
    if (this.#closing) return this.#release(router)
    this.#router = router
    const { lastEndpoint } = router
    callHandler(() => this.#handler.bound(lastEndpoint ?? endpoint))
    await readFrames(router, (parts) => this.#onFrame(parts))
  }

  async #bindRouter(endpoint: string, options: BindOptions): Promise<Router> {
    const address = parseAddress(endpoint, 'bind')
    if (address.scheme === 'ipc') await this.#reservePath(address.name)
    const { security } = options
    // First, so that no connection meets a listener without its handler.
    if (security !== undefined) this.#zapDomain = await this.#sockets.zap.add(security)
    const router = this.#sockets.createRouter(options, isIpv6(address), this.#zapDomain)
    try {
      // Binds on a thread of its own: the socket must not be used meanwhile.
      await router.bind(formatAddress(address))
      if (this.#path !== undefined) this.#removePath = claimPath(this.#path)
      return router
    } catch (error) {
      router.close()
      this.#sockets.released(router)
      throw await explainBindError(toSystemError(error), address)
    }
  }

  async #reservePath(path: string): Promise<void> {
    const { claimedPaths } = this.#sockets
    // libzmq chooses the path.
    if (path === '*') return
    if (claimedPaths.has(path)) throw systemError('EADDRINUSE', `ipc://${path} is in use`)
    claimedPaths.add(path)
    this.#path = path
    await requireFreePath(path)
  }

  #fail(error: SystemError): void {
    const closing = this.#closing
    this.#closing = true
    if (!closing) callHandler(() => this.#handler.failed(error))
    runtime.queueMicrotask(() => void this.#releaseZap().then(() => this.#notifyClosed()))
  }

  #onFrame(parts: Buffer[]): void {
    const routingId = parts.shift()
    if (this.#closing || routingId === undefined || parts.length === 0) return
    const connection = this.#connectionId(routingId.toString('latin1'))
    callHandler(() => this.#handler.frame(connection, parts))
  }

  /** Returns the same string for every frame of a connection, which makes comparisons cheap. */
  #connectionId(routingId: string): ConnectionId {
    const cached = this.#connectionIds.get(routingId)
    if (cached !== undefined) return cached
    if (this.#connectionIds.size >= CONNECTION_IDS_MAX) this.#connectionIds.clear()
    this.#connectionIds.set(routingId, routingId)
    return routingId
  }

  #onDisconnected(connection: ConnectionId): void {
    if (!this.#closing) callHandler(() => this.#handler.disconnected(connection))
  }

  /**
   * Closes the socket and waits until the port is free. The monitor is opened only here: it costs
   * two descriptors, and a listener without descriptors emits 190,000 events per second.
   */
  async #release(router: Router): Promise<void> {
    this.#removePath?.()
    router.linger = this.#lingerMs
    const released = waitUntilReleased(router)
    router.close()
    await released
    this.#sockets.released(router)
    await this.#releaseZap()
    this.#notifyClosed()
  }

  async #releaseZap(): Promise<void> {
    if (this.#zapDomain !== undefined) await this.#sockets.zap.remove(this.#zapDomain)
  }

  #notifyClosed(): void {
    if (this.#path !== undefined) this.#sockets.claimedPaths.delete(this.#path)
    callHandler(() => this.#handler.closed())
  }
}

/** Without descriptors for a monitor, does not wait. */
async function waitUntilReleased(router: Router): Promise<void> {
  try {
    await monitorEvents(router.events, () => undefined)
  } catch {
    // Out of descriptors or sockets.
  }
}
