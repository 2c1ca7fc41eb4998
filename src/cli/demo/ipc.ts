/** What the demo's parent and its workers say to each other. */

/**
 * A run of messages that a worker saw: `sender`'s numbers from `first` to `last`, one after the
 * other.
 */
export type SequenceRange = readonly [sender: number, first: number, last: number]

/** From a worker to its parent. */
export type WorkerMessage =
  | { readonly type: 'ready' }
  /** What its inbox emitted since the last report, in order, and when the last of it came. */
  | { readonly type: 'received'; readonly ranges: readonly SequenceRange[]; readonly atMs: number }
  /** How many it has put into its outbox. */
  | { readonly type: 'sent'; readonly count: number }
  | { readonly type: 'done'; readonly sent: number; readonly dead: number }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }

/** From the parent to a worker. */
export type ParentMessage =
  | { readonly type: 'start'; readonly messages: number }
  /** Everybody has seen everything, or nobody waits any longer. */
  | { readonly type: 'stop' }

/** Milliseconds since 1970, to fractions, the same in every process of a machine. */
export function wallClockMs(): number {
  return performance.timeOrigin + performance.now()
}
