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
const COMPACT_MIN = 64

/** Something to do that remembers what it needs itself: a closure takes three times the memory. */
export interface Runnable {
  run(): void
}

/** Something to do. */
export type Work = (() => void) | Runnable

/** Does it. */
export function runWork(work: Work): void {
  if (typeof work === 'function') work()
  else work.run()
}

/** Something that `put` puts on a clock, once. Most of a large simulation are these. */
export abstract class ScheduledTask implements Timer {
  /** The clock's to set. */
  atMs = 0
  /** Where it is due; undefined when it has run, or will not. */
  clock: { onCancelled(): void } | undefined = undefined

  abstract run(): void

  cancel(): void {
    const { clock } = this
    this.clock = undefined
    clock?.onCancelled()
  }
}

/** Any work that is due. */
class CallbackTask extends ScheduledTask {
  readonly #work: Work

  constructor(work: Work) {
    super()
    this.#work = work
  }

  run(): void {
    runWork(this.#work)
  }
}

/**
 * Runs work at virtual moments: the earlier first, and of one moment what was asked for first.
 *
 * Cancelled timers stay in the heap until their moment, or until they are a third of it.
 */
export class VirtualClock {
  readonly #heap: ScheduledTask[] = []
  /** The moments of the heap again: comparing them must not look into every timer. */
  #moments = new Float64Array(COMPACT_MIN)
  /** Of one moment, what has the smaller number was asked for first. */
  #sequences = new Float64Array(COMPACT_MIN)
  #size = 0
  /** The first is running: its place is free, and what it asks for most likely takes it. */
  #rootFree = false
  #cancelledCount = 0
  #nowMs = 0
  #nextSequence = 0

  /** In milliseconds, from 0. */
  get nowMs(): number {
    return this.#nowMs
  }

  /** How many will run, if nobody cancels them. */
  get pending(): number {
    return this.#size - this.#cancelledCount - Number(this.#rootFree)
  }

  /** How many places are taken, those of cancelled timers included. */
  get heapSize(): number {
    return this.#size
  }

  /** @param atMs a moment in the past is now; `Infinity` never comes */
  at(atMs: number, work: Work): Timer {
    return this.schedule(atMs, new CallbackTask(work))
  }

  /** The same, for something that was never put on any clock before. */
  schedule(atMs: number, task: ScheduledTask): Timer {
    task.atMs = atMs > this.#nowMs ? atMs : this.#nowMs
    task.clock = this
    if (this.#rootFree) {
      this.#rootFree = false
      this.#siftDown(0, task, task.atMs, this.#nextSequence++)
    } else {
      this.#siftUp(task, this.#nextSequence++)
    }
    return task
  }

  /**
   * Runs what is due next, if that is not later than `untilMs`. What it throws is thrown here, and
   * the clock goes on.
   *
   * @returns whether it did
   */
  step(untilMs: number): boolean {
    for (;;) {
      if (this.#rootFree) this.#refillRoot()
      if (this.#size === 0) return false
      const first = this.#heap[0] as ScheduledTask
      const { atMs } = first
      if (atMs > untilMs || atMs === Infinity) return false
      this.#rootFree = true
      if (first.clock === undefined) {
        this.#cancelledCount--
        continue
      }
      first.clock = undefined
      this.#nowMs = atMs
      first.run()
      return true
    }
  }

  /** Nothing is due until then any more: it is that time now. */
  advanceTo(nowMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs)
  }

  #siftUp(task: ScheduledTask, sequence: number): void {
    const index = this.#size++
    if (index === this.#moments.length) {
      this.#moments = doubled(this.#moments)
      this.#sequences = doubled(this.#sequences)
    }
    const heap = this.#heap
    const moments = this.#moments
    const sequences = this.#sequences
    const { atMs } = task
    let at = index
    while (at > 0) {
      const parent = ((at - 1) / CHILDREN) | 0
      // What was asked for later stays below what is due at the same moment.
      if (atMs >= (moments[parent] as number)) break
      heap[at] = heap[parent] as ScheduledTask
      moments[at] = moments[parent] as number
      sequences[at] = sequences[parent] as number
      at = parent
    }
    heap[at] = task
    moments[at] = atMs
    sequences[at] = sequence
  }

  #siftDown(from: number, task: ScheduledTask, atMs: number, sequence: number): void {
    const heap = this.#heap
    const moments = this.#moments
    const sequences = this.#sequences
    const size = this.#size
    let at = from
    for (;;) {
      let smallest = CHILDREN * at + 1
      if (smallest >= size) break
      let smallestMs = moments[smallest] as number
      const end = Math.min(smallest + CHILDREN, size)
      for (let child = smallest + 1; child < end; child++) {
        const childMs = moments[child] as number
        if (childMs > smallestMs) continue
        if (
          childMs === smallestMs &&
          (sequences[child] as number) > (sequences[smallest] as number)
        )
          continue
        smallest = child
        smallestMs = childMs
      }
      if (smallestMs > atMs || (smallestMs === atMs && (sequences[smallest] as number) > sequence))
        break
      heap[at] = heap[smallest] as ScheduledTask
      moments[at] = smallestMs
      sequences[at] = sequences[smallest] as number
      at = smallest
    }
    heap[at] = task
    moments[at] = atMs
    sequences[at] = sequence
  }

  /** Nobody has taken the first place: the last takes it. */
  #refillRoot(): void {
    this.#rootFree = false
    const size = --this.#size
    const last = this.#heap.pop() as ScheduledTask
    if (size > 0) this.#siftDown(0, last, last.atMs, this.#sequences[size] as number)
  }

  /** One more was cancelled, it says: throws them all away where they are more than a third. */
  onCancelled(): void {
    this.#cancelledCount++
    if (this.#size < COMPACT_MIN || this.#cancelledCount * 3 <= this.#size) return
    if (this.#rootFree) this.#refillRoot()
    const heap = this.#heap
    const [moments, sequences] = [this.#moments, this.#sequences]
    let kept = 0
    for (let at = 0; at < this.#size; at++) {
      const task = heap[at] as ScheduledTask
      if (task.clock === undefined) continue
      heap[kept] = task
      moments[kept] = task.atMs
      sequences[kept++] = sequences[at] as number
    }
    heap.length = kept
    this.#size = kept
    this.#cancelledCount = 0
    for (let at = Math.floor((kept - 2) / CHILDREN); at >= 0; at--) {
      this.#siftDown(at, heap[at] as ScheduledTask, moments[at] as number, sequences[at] as number)
    }
  }
}

function doubled(numbers: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * numbers.length)
  larger.set(numbers)
  return larger
}
