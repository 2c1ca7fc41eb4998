/** The virtual clock: what is due, in order, on a binary heap. */

/** Something that is due at a moment. Cancelled ones stay in the heap until their moment comes. */
export interface Timer {
  readonly atMs: number
  cancel(): void
}

class Due implements Timer {
  readonly atMs: number
  readonly order: number
  work: (() => void) | undefined

  constructor(atMs: number, order: number, work: () => void) {
    this.atMs = atMs
    this.order = order
    this.work = work
  }

  cancel(): void {
    this.work = undefined
  }
}

/** Runs work at virtual moments: the earlier first, and of one moment what was asked for first. */
export class VirtualClock {
  readonly #heap: Due[] = []
  #nowMs = 0
  #order = 0

  get nowMs(): number {
    return this.#nowMs
  }

  /** How many are due, cancelled ones included. */
  get pending(): number {
    return this.#heap.length
  }

  /** @param atMs a moment in the past is now */
  at(atMs: number, work: () => void): Timer {
    const due = new Due(Math.max(atMs, this.#nowMs), this.#order++, work)
    const heap = this.#heap
    let index = heap.push(due) - 1
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = heap[above] as Due
      if (!before(due, parent)) break
      heap[index] = parent
      index = above
    }
    heap[index] = due
    return due
  }

  /** Runs what is due next, if that is not later than `untilMs`. @returns whether it did */
  step(untilMs: number): boolean {
    for (;;) {
      const first = this.#heap[0]
      if (first === undefined || first.atMs > untilMs) return false
      this.#drop()
      const { work } = first
      if (work === undefined) continue
      first.work = undefined
      this.#nowMs = first.atMs
      work()
      return true
    }
  }

  /** Nothing is due until then any more: it is that time now. */
  reach(nowMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs)
  }

  #drop(): void {
    const heap = this.#heap
    const last = heap.pop() as Due
    const { length } = heap
    if (length === 0) return
    let index = 0
    for (;;) {
      let below = 2 * index + 1
      if (below >= length) break
      let child = heap[below] as Due
      const right = heap[below + 1]
      if (right !== undefined && before(right, child)) {
        child = right
        below++
      }
      if (!before(child, last)) break
      heap[index] = child
      index = below
    }
    heap[index] = last
  }
}

function before(a: Due, b: Due): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}
