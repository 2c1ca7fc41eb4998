/** Entries as a session holds them, and what becomes of them. */
import type { DeadReason, Outcome } from '../../model/dead-letter.ts'
import type { EncodedEntry } from '../wire/entry.ts'

/**
 * One encoded envelope on its way, header and body as they travel. A broadcast shares one among all
 * its receivers.
 */
export interface Entry extends EncodedEntry {
  /** When it is too old to be written. */
  readonly expiresAtMs: number
  /** Whoever waits for its receipt; opaque here. */
  readonly waiter: unknown
}

/** An entry that will not arrive. */
export interface DeadEntry {
  readonly entry: Entry
  readonly reason: DeadReason
  readonly outcome: Outcome
  readonly detail?: string
}

/** What became of some entries. */
export interface Settlement {
  /** How many were taken. */
  readonly delivered: number
  /** Those of the taken ones that somebody waits for. */
  readonly receipts: readonly Entry[]
  /** Those of the taken ones that are large: their memory may be needed again. */
  readonly large: readonly Entry[]
  readonly dead: readonly DeadEntry[]
}

/**
 * The entries of a session that went to an earlier life of its receiver: whatever becomes of them
 * later, nobody can tell whether that life had taken them.
 */
export type InDoubt = WeakSet<Entry>

/** What may be said of an entry that was not delivered this time. */
export function outcomeOf(inDoubt: InDoubt | undefined, entry: Entry): Outcome {
  return inDoubt?.has(entry) === true ? 'unknown' : 'not-delivered'
}

/** An entry's end. */
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
