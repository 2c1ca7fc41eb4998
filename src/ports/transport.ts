/**
 * The transport port: frames between addresses.
 *
 * A frame is one or more parts that arrive together, in order, or not at all. A connection is one
 * life of a socket: it opens once, closes once, and never comes back; whoever wants another one
 * connects again. Frames of one connection arrive in the order they were sent in, and may be lost
 * without a word when it closes.
 *
 * Every callback is synchronous and is called from a turn of its own, never from inside a call of
 * this port.
 */

/**
 * One frame: its parts. Those of 32 KiB or more belong to the receiver, and share their memory with
 * nobody. Smaller ones are lent: the receiver may keep none of them past the callback without
 * copying.
 */
export type Frame = readonly Uint8Array[]

/** Names an accepted connection within its binding. Opaque. */
export type ConnectionId = string

/** What a binding tells. */
export interface BindingHandler {
  /**
   * It listens, at this endpoint: a port 0 or `*` is replaced by the one that the system picked. At
   * most once.
   */
  bound(endpoint: string): void
  /**
   * It cannot listen, and never will: `error.code` is `EADDRINUSE` where somebody else does. At
   * most once, instead of `bound`.
   */
  failed(error: Error & { readonly code?: string | undefined }): void
  /** A frame came in over `connection`. */
  frame(connection: ConnectionId, frame: Frame): void
  /**
   * `connection` is gone. A transport that cannot know says so when the next `send` finds out, or
   * never.
   */
  disconnected(connection: ConnectionId): void
  /** Everything is released. The last callback, once, after `close` or `failed`. */
  closed(): void
}

/** A bound endpoint. */
export interface Binding {
  /**
   * Sends to whoever stands behind `connection`. To one that is gone: nothing, and `gone` follows.
   */
  send(connection: ConnectionId, frame: Frame): void
  /**
   * Stops listening; what was sent has `lingerMs` milliseconds to leave. Closing twice changes
   * nothing.
   */
  close(lingerMs: number): void
}

/** What a connection tells. */
export interface ConnectionHandler {
  /** Frames can travel. At most once. */
  opened(): void
  frame(frame: Frame): void
  /**
   * It was refused or lost, or it has been closed: the last callback, exactly once. `error.code` is
   * `EMFILE` where this process could not open a socket for it.
   */
  closed(reason: string, error?: Error & { readonly code?: string | undefined }): void
}

/** One connection to an endpoint. */
export interface Connection {
  /**
   * Sends a frame; before `opened` and after `closed` it is dropped. The bytes must not change
   * until `closed`.
   */
  send(frame: Frame): void
  /**
   * Hangs up; what was sent has `lingerMs` milliseconds to leave. Closing twice changes nothing.
   */
  close(lingerMs: number): void
}

/** What a transport is asked for besides the address. */
export interface TransportOptions {
  /**
   * The largest part that a peer may send, in bytes: a connection that brings a larger one is cut.
   */
  readonly maxPartBytes: number
}

/** What further connections take of what the system allows, in file descriptors. */
export interface DescriptorBudget {
  readonly needed: number
  readonly available: number
  /** How many the process may have in all. */
  readonly limit: number
}

/** A way to move frames: ZeroMQ, memory, or a simulated network. */
export interface Transport {
  readonly name: string
  bind(endpoint: string, options: TransportOptions, handler: BindingHandler): Binding
  connect(endpoint: string, options: TransportOptions, handler: ConnectionHandler): Connection
  /** What so many more connections would take; undefined where nothing is known to bound them. */
  descriptorBudget?(connections: number): DescriptorBudget | undefined
}
