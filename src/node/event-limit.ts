/** Bounds the events that a peer, or any process where there are no keys, can cause at will. */
import type { NodeEvent } from '../model/node-event.ts'

/** The events that are bounded. */
export type BoundedEvent = Extract<
  NodeEvent,
  { readonly type: 'bad-frame' | 'refused-peer' | 'refused-by-peer' }
>

/** Emitted at once, per type and pid. */
const BURST = 32
/** Then one is emitted in this time. */
const REFILL_MS = 1_000

/** What may be emitted for one type and pid. */
interface Budget {
  left: number
  refilledMs: number
  /** Events that were not emitted, since the last one that was. */
  omitted: number
}

/** Counts the events that are not emitted, and adds their number to the next one. */
export class EventLimit {
  readonly #monotonicMs: () => number
  /** Bad frames of unknown senders share one. */
  readonly #budgets = new Map<string, Budget>()

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs
  }

  /** Returns the event to emit; undefined where it is only counted. */
  admit(event: BoundedEvent): BoundedEvent | undefined {
    const budget = this.#budgetOf(`${event.type} ${event.pid}`)
    if (budget.left < 1) {
      budget.omitted++
      return undefined
    }
    budget.left--
    const { omitted } = budget
    if (omitted === 0) return event
    budget.omitted = 0
    return { ...event, detail: `${event.detail} (and ${omitted} before it were not emitted)` }
  }

  #budgetOf(key: string): Budget {
    const nowMs = this.#monotonicMs()
    const budget = this.#budgets.get(key)
    if (budget === undefined) {
      const created = { left: BURST, refilledMs: nowMs, omitted: 0 }
      this.#budgets.set(key, created)
      return created
    }
    const refills = Math.floor((nowMs - budget.refilledMs) / REFILL_MS)
    budget.refilledMs += refills * REFILL_MS
    budget.left = Math.min(BURST, budget.left + refills)
    return budget
  }
}

/** Returns whether others decide how often an event happens. */
export function isBounded(event: NodeEvent): event is BoundedEvent {
  const { type } = event
  return type === 'bad-frame' || type === 'refused-peer' || type === 'refused-by-peer'
}
