/** A call: one connection of a link, of which nothing more is heard once it is hung up. */
import type {
  ConnectionHandler,
  Connection,
  Frame,
  Transport,
  TransportOptions,
} from '../../ports/transport.ts'

/** Stands between a link and its connection. */
export class LinkConnection implements ConnectionHandler {
  /** Undefined as soon as it is over: what a connection still has to say then is nobody's. */
  #handler: ConnectionHandler | undefined
  #connection: Connection | undefined

  constructor(handler: ConnectionHandler) {
    this.#handler = handler
  }

  dial(transport: Transport, endpoint: string, options: TransportOptions): void {
    this.#connection = transport.connect(endpoint, options, this)
  }

  send(frame: Frame): void {
    this.#connection?.send(frame)
  }

  /** Hangs up; what was sent has `lingerMs` milliseconds to leave. */
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
