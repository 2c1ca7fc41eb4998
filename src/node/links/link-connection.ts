/**
 * Wraps a connection of a link: once the link detaches the connection, its events do not reach the
 * link.
 */
import type {
  ConnectOptions,
  ConnectionHandler,
  Connection,
  Frame,
  Transport,
} from '../../ports/transport.ts'

/**
 * Lies between a link and its transport: callbacks of a connection that the link has given up must
 * not reach the link, which has another connection by then.
 */
export class LinkConnection implements ConnectionHandler {
  /** Undefined once it is detached or closed. */
  #handler: ConnectionHandler | undefined
  #connection: Connection | undefined

  constructor(handler: ConnectionHandler) {
    this.#handler = handler
  }

  dial(transport: Transport, endpoint: string, options: ConnectOptions): void {
    this.#connection = transport.connect(endpoint, options, this)
  }

  send(frame: Frame): void {
    this.#connection?.send(frame)
  }

  /** Closes the connection; sent frames have `lingerMs` to leave. */
  detach(lingerMs: number): void {
    this.#handler = undefined
    this.#connection?.close(lingerMs)
  }

  opened(): void {
    this.#handler?.opened()
  }

  frame(frame: Frame): void {
    this.#handler?.frame(frame)
  }

  closed(reason: string, error?: Error & { readonly code?: string | undefined }): void {
    const handler = this.#handler
    this.#handler = undefined
    handler?.closed(reason, error)
  }
}
