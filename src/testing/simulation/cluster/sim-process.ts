/** A simulated process: its clock, its chance, and whether it runs at all. */
import {
  ScheduledTask,
  type Timer,
  type VirtualClock,
  type Work,
  runWork,
} from '../time/virtual-clock.ts'
import type { MicrotaskQueue, TimedProcess } from '../time/microtask-queue.ts'
import { type Random, seededRandom } from '../../../base/seeded-random.ts'
import type { Pid } from '../../../model/pid.ts'
import { atOrAfter } from '../time/micros.ts'

/** A timer of a process. */
class ProcessTimer extends ScheduledTask {
  readonly #process: SimProcess
  /** What was due while it was paused waits, and may still be cancelled. */
  #work: Work | undefined

  constructor(process: SimProcess, work: Work) {
    super()
    this.#process = process
    this.#work = work
  }

  run(): void {
    if (this.#process.paused)
      this.#process.run(() => this.#work !== undefined && runWork(this.#work))
    else if (this.#work !== undefined) this.#process.run(this.#work)
  }

  override cancel(): void {
    this.#work = undefined
    super.cancel()
  }
}

/**
 * One life of a process. Whatever runs in it runs through `turn`: when it is paused that waits, and
 * when it is dead that never happens.
 */
export class SimProcess implements TimedProcess {
  readonly pid: Pid
  readonly restarts: number
  readonly random: Random
  readonly storage: Map<string, unknown>
  readonly #clock: VirtualClock
  readonly #microtasks: MicrotaskQueue
  #state: 'running' | 'paused' | 'dead' = 'running'
  /** What was due while it was paused. */
  #deferred: Work[] = []
  /** Its own time was `#localMs` when the world's was `#worldMs`, and runs `#rate` as fast. */
  #rate = 1
  #localMs = 0
  #worldMs = 0
  #offsetMs = 0

  constructor(
    clock: VirtualClock,
    microtasks: MicrotaskQueue,
    identity: { readonly pid: Pid; readonly restarts: number; readonly seed: number },
    storage = new Map<string, unknown>(),
  ) {
    this.#clock = clock
    this.#microtasks = microtasks
    this.pid = identity.pid
    this.restarts = identity.restarts
    this.random = seededRandom(identity.seed * 1_000_003 + identity.pid * 1_009 + identity.restarts)
    this.storage = storage
    this.#localMs = clock.nowMs
    this.#worldMs = clock.nowMs
  }

  get alive(): boolean {
    return this.#state !== 'dead'
  }

  get paused(): boolean {
    return this.#state === 'paused'
  }

  /** By its own steady clock, in milliseconds: it may run fast or slow, and never goes back. */
  get nowMs(): number {
    return this.#localMs + (this.#clock.nowMs - this.#worldMs) * this.#rate
  }

  /** By its own clock on the wall, which may be wrong. */
  get wallMs(): number {
    return this.nowMs + this.#offsetMs
  }

  /** Runs `work` when its own clock says so. @param atMs by its own clock */
  at(atMs: number, work: Work): Timer {
    const { nowMs } = this.#clock
    const inMs = (atMs - this.nowMs) / this.#rate
    return this.#clock.schedule(atOrAfter(nowMs + inMs, nowMs), new ProcessTimer(this, work))
  }

  /** Something happens to it: now, when it is resumed, or never. */
  run(work: Work): void {
    if (this.#state === 'paused') this.#deferred.push(work)
    if (this.#state !== 'running') return
    const microtasks = this.#microtasks
    const previous = microtasks.process
    microtasks.process = this
    try {
      runWork(work)
    } finally {
      microtasks.process = previous
    }
  }

  /** Does something as this process. */
  runAs<T>(work: () => T): T {
    const microtasks = this.#microtasks
    const previous = microtasks.process
    microtasks.process = this
    try {
      return work()
    } finally {
      microtasks.process = previous
    }
  }

  /** Runs `work` when the present event is done. */
  microtask(work: Work): void {
    this.#microtasks.enqueue(work, this)
  }

  pause(): void {
    if (this.#state === 'running') this.#state = 'paused'
  }

  /** What was due meanwhile comes now, each in a turn of its own. */
  resume(): void {
    if (this.#state !== 'paused') return
    this.#state = 'running'
    const deferred = this.#deferred
    this.#deferred = []
    for (const work of deferred) this.#clock.at(this.#clock.nowMs, () => this.run(work))
  }

  /** Nothing of it runs any more. */
  die(): void {
    this.#state = 'dead'
    this.#deferred = []
  }

  /** From now on its clocks run so fast, and that on the wall is ahead by so much more. */
  skew(rate: number, offsetMs: number): void {
    this.#offsetMs += offsetMs
    this.#localMs = this.nowMs
    this.#worldMs = this.#clock.nowMs
    this.#rate = rate
  }
}
