/** The virtual clock: what is due, in order, on a heap. */

/** Something that is due at a moment. */
export interface Timer {
  /** In milliseconds. */
  readonly atMs: number
  /** It will not run; once it has, this does nothing. */
  cancel(): void
}

/** Four children each: half as deep as a heap of pairs, and they lie side by side. */
const CHILDREN = 4
/** A smaller heap is not worth tidying. */
const TIDY_MIN = 64

/** Something to do that remembers what it needs itself: a closure takes three times the memory. */
export interface Task {
  run(): void
}

/** Something to do. */
export type Work = (() => void) | Task

/** Does it. */
export function perform(work: Work): void {
  if (typeof work === 'function') work()
  else work.run()
}

/** Something that `put` puts on a clock, once. Most of a large simulation are these. */
export abstract class Due implements Timer {
  /** The clock's to set. */
  atMs = 0
  /** Where it is due; undefined when it has run, or will not. */
  clock: { cancelled(): void } | undefined = undefined

  abstract run(): void

  cancel(): void {
    const { clock } = this
    this.clock = undefined
    clock?.cancelled()
  }
}

/** Any work that is due. */
class DueWork extends Due {
  readonly #work: Work

  constructor(work: Work) {
    super()
    this.#work = work
  }

  run(): void {
    perform(this.#work)
  }
}

/**
 * Runs work at virtual moments: the earlier first, and of one moment what was asked for first.
 *
 * Cancelled timers stay in the heap until their moment, or until they are a third of it.
 */
export class VirtualClock {
  readonly #heap: Due[] = []
  /** The moments of the heap again: comparing them must not look into every timer. */
  #times = new Float64Array(TIDY_MIN)
  /** Of one moment, what has the smaller number was asked for first. */
  #orders = new Float64Array(TIDY_MIN)
  #size = 0
  /** The first is running: its place is free, and what it asks for most likely takes it. */
  #hollow = false
  #cancelled = 0
  #nowMs = 0
  #order = 0

  /** In milliseconds, from 0. */
  get nowMs(): number {
    return this.#nowMs
  }

  /** How many will run, if nobody cancels them. */
  get pending(): number {
    return this.#size - this.#cancelled - Number(this.#hollow)
  }

  /** How many places are taken, those of cancelled timers included. */
  get held(): number {
    return this.#size
  }

  /** @param atMs a moment in the past is now; `Infinity` never comes */
  at(atMs: number, work: Work): Timer {
    return this.put(atMs, new DueWork(work))
  }

  /** The same, for something that was never put on any clock before. */
  put(atMs: number, due: Due): Timer {
    due.atMs = atMs > this.#nowMs ? atMs : this.#nowMs
    due.clock = this
    if (this.#hollow) {
      this.#hollow = false
      this.#sink(0, due, due.atMs, this.#order++)
    } else {
      this.#rise(due, this.#order++)
    }
    return due
  }

  /**
   * Runs what is due next, if that is not later than `untilMs`. What it throws is thrown here, and
   * the clock goes on.
   *
   * @returns whether it did
   */
  step(untilMs: number): boolean {
    for (;;) {
      if (this.#hollow) this.#fill()
      if (this.#size === 0) return false
      const first = this.#heap[0] as Due
      const { atMs } = first
      if (atMs > untilMs || atMs === Infinity) return false
      this.#hollow = true
      if (first.clock === undefined) {
        this.#cancelled--
        continue
      }
      first.clock = undefined
      this.#nowMs = atMs
      first.run()
      return true
    }
  }

  /** Nothing is due until then any more: it is that time now. */
  reach(nowMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs)
  }

  #rise(due: Due, order: number): void {
    const index = this.#size++
    if (index === this.#times.length) {
      this.#times = twice(this.#times)
      this.#orders = twice(this.#orders)
    }
    const heap = this.#heap
    const times = this.#times
    const orders = this.#orders
    const { atMs } = due
    let at = index
    while (at > 0) {
      const above = ((at - 1) / CHILDREN) | 0
      // What was asked for later stays below what is due at the same moment.
      if (atMs >= (times[above] as number)) break
      heap[at] = heap[above] as Due
      times[at] = times[above] as number
      orders[at] = orders[above] as number
      at = above
    }
    heap[at] = due
    times[at] = atMs
    orders[at] = order
  }

  #sink(from: number, due: Due, atMs: number, order: number): void {
    const heap = this.#heap
    const times = this.#times
    const orders = this.#orders
    const size = this.#size
    let at = from
    for (;;) {
      let least = CHILDREN * at + 1
      if (least >= size) break
      let leastMs = times[least] as number
      const end = Math.min(least + CHILDREN, size)
      for (let child = least + 1; child < end; child++) {
        const childMs = times[child] as number
        if (childMs > leastMs) continue
        if (childMs === leastMs && (orders[child] as number) > (orders[least] as number)) continue
        least = child
        leastMs = childMs
      }
      if (leastMs > atMs || (leastMs === atMs && (orders[least] as number) > order)) break
      heap[at] = heap[least] as Due
      times[at] = leastMs
      orders[at] = orders[least] as number
      at = least
    }
    heap[at] = due
    times[at] = atMs
    orders[at] = order
  }

  /** Nobody has taken the first place: the last takes it. */
  #fill(): void {
    this.#hollow = false
    const size = --this.#size
    const last = this.#heap.pop() as Due
    if (size > 0) this.#sink(0, last, last.atMs, this.#orders[size] as number)
  }

  /** One more was cancelled, it says: throws them all away where they are more than a third. */
  cancelled(): void {
    this.#cancelled++
    if (this.#size < TIDY_MIN || this.#cancelled * 3 <= this.#size) return
    if (this.#hollow) this.#fill()
    const heap = this.#heap
    const [times, orders] = [this.#times, this.#orders]
    let kept = 0
    for (let at = 0; at < this.#size; at++) {
      const due = heap[at] as Due
      if (due.clock === undefined) continue
      heap[kept] = due
      times[kept] = due.atMs
      orders[kept++] = orders[at] as number
    }
    heap.length = kept
    this.#size = kept
    this.#cancelled = 0
    for (let at = Math.floor((kept - 2) / CHILDREN); at >= 0; at--) {
      this.#sink(at, heap[at] as Due, times[at] as number, orders[at] as number)
    }
  }
}

function twice(numbers: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * numbers.length)
  larger.set(numbers)
  return larger
}
