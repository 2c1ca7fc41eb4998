/**
 * The transport port: frames between endpoints.
 *
 * A frame is one or more parts that arrive together, in order, or not at all. A connection opens
 * once and closes once; the caller connects again for another one. Frames of one connection arrive
 * in the order in which they were sent. Frames on the wire may be lost silently when it closes.
 *
 * Every callback is called from a task of its own, never from inside a call of this port.
 */
import type { BindingSecurity, ConnectionSecurity } from './connection-security.ts'

/**
 * The parts of one frame. A part of 32 KiB or more belongs to the receiver and shares no memory. A
 * smaller one is lent: the receiver copies what it keeps after the callback.
 */
export type Frame = readonly Uint8Array[]

/** Identifies an accepted connection within its binding. Opaque. */
export type ConnectionId = string

/** The callbacks of a binding. */
export interface BindingHandler {
  /** It listens, at this endpoint with the port that the system chose. At most once. */
  bound(endpoint: string): void
  /**
   * It cannot listen: `error.code` is `EADDRINUSE` for an endpoint in use. At most once, instead of
   * `bound`.
   */
  failed(error: Error & { readonly code?: string | undefined }): void
  /** A frame arrived on `connection`. */
  frame(connection: ConnectionId, frame: Frame): void
  /**
   * `connection` is closed. Some transports notice only at the next `send` to it, or never.
   */
  disconnected(connection: ConnectionId): void
  /** Everything is released. The last callback, once, after `close` or `failed`. */
  closed(): void
}

/** A bound endpoint. */
export interface Binding {
  /** Sends a frame. If `connection` is closed, drops the frame and calls `disconnected`. */
  send(connection: ConnectionId, frame: Frame): void
  /**
   * Stops listening. Frames already sent have `lingerMs` to leave. A second call has no effect.
   */
  close(lingerMs: number): void
}

/** The callbacks of a connection. */
export interface ConnectionHandler {
  /** Frames can be sent. At most once. */
  opened(): void
  frame(frame: Frame): void
  /**
   * It was refused, lost or closed. The last callback, exactly once. `error.code` is
   *
   * - `EMFILE` where this process could not open a socket,
   * - `EACCES` where the binding refused the public key of this connection,
   * - `EPROTO` where only one end has keys,
   * - `EPIPE` where the binding ended the handshake: usually, it has another key than `serverKey`.
   */
  closed(reason: string, error?: Error & { readonly code?: string | undefined }): void
}

/** One connection to an endpoint. */
export interface Connection {
  /**
   * Sends a frame; drops it before `opened` and after `closed`. The bytes must not change until
   * `closed`.
   */
  send(frame: Frame): void
  /**
   * Closes the connection. Frames already sent have `lingerMs` to leave. A second call has no
   * effect.
   */
  close(lingerMs: number): void
}

/** Options of a binding or a connection. */
export interface TransportOptions {
  /** The largest part that a peer may send: a larger one closes the connection. */
  readonly maxPartBytes: number
}

/** Options of a binding. Without `security` it accepts connections without keys, and no others. */
export interface BindOptions extends TransportOptions {
  readonly security?: BindingSecurity | undefined
}

/** Options of a connection. Without `security` it reaches bindings without keys, and no others. */
export interface ConnectOptions extends TransportOptions {
  readonly security?: ConnectionSecurity | undefined
}

/** The file descriptors that further connections need, and those that are available. */
export interface DescriptorBudget {
  readonly needed: number
  readonly available: number
  /** The limit of the process. */
  readonly limit: number
}

/** Moves frames: over ZeroMQ, in memory, or in a simulated network. */
export interface Transport {
  readonly name: string
  bind(endpoint: string, options: BindOptions, handler: BindingHandler): Binding
  connect(endpoint: string, options: ConnectOptions, handler: ConnectionHandler): Connection
  /** Returns what further connections need; undefined where no limit is known. */
  descriptorBudget?(connections: number): DescriptorBudget | undefined
}
