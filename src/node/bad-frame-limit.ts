/** Bounds the events of invalid frames: a peer, or without keys anybody, can cause any number. */
import type { NodeEvent } from '../model/node-event.ts'
import type { Pid } from '../model/pid.ts'

type BadFrame = Extract<NodeEvent, { readonly type: 'bad-frame' }>

/** Told at once, per pid. */
const BURST = 32
/** Then one is told in this time. */
const REFILL_MS = 1_000

/** What may be told of one pid. */
interface Budget {
  left: number
  refilledMs: number
  /** Events that were not told, since the last one that was. */
  untold: number
}

/** Counts the events that are not told, and adds their number to the next one. */
export class BadFrameLimit {
  readonly #monotonicMs: () => number
  /** All that come from unknown senders share one. */
  readonly #budgets = new Map<Pid | undefined, Budget>()

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs
  }

  /** Returns the event to emit; undefined where it is only counted. */
  admit(event: BadFrame): BadFrame | undefined {
    const budget = this.#budgetOf(event.pid)
    if (budget.left < 1) {
      budget.untold++
      return undefined
    }
    budget.left--
    const { untold } = budget
    if (untold === 0) return event
    budget.untold = 0
    return { ...event, detail: `${event.detail} (and ${untold} before it that were not told)` }
  }

  #budgetOf(pid: Pid | undefined): Budget {
    const nowMs = this.#monotonicMs()
    const budget = this.#budgets.get(pid)
    if (budget === undefined) {
      const created = { left: BURST, refilledMs: nowMs, untold: 0 }
      this.#budgets.set(pid, created)
      return created
    }
    const refills = Math.floor((nowMs - budget.refilledMs) / REFILL_MS)
    budget.refilledMs += refills * REFILL_MS
    budget.left = Math.min(BURST, budget.left + refills)
    return budget
  }
}
