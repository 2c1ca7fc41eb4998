/** Messages between the demo's parent process and its workers. */

/** Messages received from `sender` in order: the sequence numbers from `first` to `last`. */
export type SequenceRange = readonly [sender: number, first: number, last: number]

/** From a worker to its parent. */
export type WorkerMessage =
  /** The node is open. */
  | { readonly type: 'open' }
  /** The node is connected to all peers. */
  | { readonly type: 'ready' }
  /** What the inbox emitted since the last report, in order, and the time of the last message. */
  | { readonly type: 'received'; readonly ranges: readonly SequenceRange[]; readonly atMs: number }
  /** Number of messages put into the outbox so far. */
  | { readonly type: 'sent'; readonly count: number }
  | { readonly type: 'done'; readonly sent: number; readonly dead: number }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }

/** From the parent to a worker. */
export type ParentMessage =
  | { readonly type: 'start'; readonly messages: number }
  /** All messages have arrived, or the parent stops waiting for them. */
  | { readonly type: 'stop' }

/** Returns Unix time in milliseconds, with fractions: comparable across the processes. */
export function wallClockMs(): number {
  return performance.timeOrigin + performance.now()
}
