/** The entries of an outbound session, and how they end: delivered, or dead. */
import type { DeadReason, Outcome } from '../../model/dead-letter.ts'
import type { Incarnation } from '../../model/envelope.ts'
import type { EncodedEntry } from '../wire/entry.ts'

/** A receiver with a smaller limit than this rejects what exceeds it; the sender does not know. */
export const COUNTED_VALUES_MIN = 1_024

/**
 * One encoded envelope in a session: header and body as they are sent. The entries of a broadcast
 * share one memory.
 */
export interface Entry extends EncodedEntry {
  /** An entry that is still queued then is dead with reason `expired`. */
  readonly expiresAtMs: number
  /** The delivery that waits for the receipt, or undefined; opaque here. */
  readonly waiter: unknown
  /** The keys and values of its message, where there are at least `COUNTED_VALUES_MIN`. */
  readonly values?: number
  /** Where it is set, no other incarnation of the receiver may get the entry. */
  readonly toIncarnation?: Incarnation
}

/** An entry that will not be delivered, or whose delivery is in doubt. */
export interface DeadEntry {
  readonly entry: Entry
  readonly reason: DeadReason
  readonly outcome: Outcome
  readonly detail?: string
}

/** The entries of a session that one step has settled or given up. */
export interface Settlement {
  /** The number of delivered entries. */
  readonly delivered: number
  /** The delivered entries that have a `waiter`. */
  readonly receipts: readonly Entry[]
  /** The delivered entries of at least `SEPARATE_PART_BYTES`: their memory can be reused. */
  readonly large: readonly Entry[]
  readonly dead: readonly DeadEntry[]
}

/**
 * The entries of a session that were sent to an earlier incarnation of the receiver. Whether that
 * incarnation had delivered them cannot be known, whatever becomes of them later.
 */
export type InDoubt = WeakSet<Entry>

/** Returns the outcome of an entry that the present receiver has not delivered. */
export function outcomeOf(inDoubt: InDoubt | undefined, entry: Entry): Outcome {
  return inDoubt?.has(entry) === true ? 'unknown' : 'not-delivered'
}

/** Creates a dead entry; `detail` is left out where it is undefined. */
export function deadEntry(
  entry: Entry,
  reason: DeadReason,
  outcome: Outcome,
  detail?: string,
): DeadEntry {
  return detail === undefined ? { entry, reason, outcome } : { entry, reason, outcome, detail }
}

/** A settlement in which nothing was delivered. */
export const NOTHING_DELIVERED: Settlement = {
  delivered: 0,
  receipts: [],
  large: [],
  dead: [],
}
