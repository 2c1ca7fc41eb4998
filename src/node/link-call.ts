/** A call: one connection of a link, of which nothing more is heard once it is hung up. */
import type { Caller, Connection, Frame, Transport, TransportOptions } from '../ports/transport.ts'

/** Stands between a link and its connection. */
export class LinkCall implements Caller {
  /** Undefined as soon as it is over: what a connection still has to say then is nobody's. */
  #link: Caller | undefined
  #connection: Connection | undefined

  constructor(link: Caller) {
    this.#link = link
  }

  dial(transport: Transport, endpoint: string, options: TransportOptions): void {
    this.#connection = transport.connect(endpoint, options, this)
  }

  send(frame: Frame): void {
    this.#connection?.send(frame)
  }

  /** Hangs up; what was sent has `lingerMs` milliseconds to leave. */
  hangUp(lingerMs: number): void {
    this.#link = undefined
    this.#connection?.close(lingerMs)
  }

  opened(): void {
    this.#link?.opened()
  }

  frame(frame: Frame): void {
    this.#link?.frame(frame)
  }

  closed(reason: string, error?: Error & { readonly code?: string | undefined }): void {
    const link = this.#link
    this.#link = undefined
    link?.closed(reason, error)
  }
}
