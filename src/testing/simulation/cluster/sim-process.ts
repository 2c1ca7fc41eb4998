/** A simulated process: its clock, its random source, and whether it runs. */
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

/** A timer that belongs to a process. */
class ProcessTimer extends ScheduledTask {
  readonly #process: SimProcess
  /** Undefined once cancelled, which is possible even while it is deferred by a pause. */
  #work: Work | undefined

  constructor(process: SimProcess, work: Work) {
    super()
    this.#process = process
    this.#work = work
  }

  run(): void {
    if (this.#work !== undefined) this.#process.runTimer(this)
  }

  /** Runs its work, unless it was cancelled while a pause deferred it. */
  fire(): void {
    if (this.#work !== undefined) this.#process.run(this.#work)
  }

  override cancel(): void {
    this.#work = undefined
    super.cancel()
  }
}

/**
 * A process, from its start to its end. All its work runs through `run`, which defers it while the
 * process is paused, and drops it when the process is dead.
 */
export class SimProcess implements TimedProcess {
  readonly pid: Pid
  readonly restarts: number
  readonly random: Random
  readonly storage: Map<string, unknown>
  readonly #clock: VirtualClock
  readonly #microtasks: MicrotaskQueue
  #state: 'running' | 'paused' | 'dead' = 'running'
  /** What became due, or arrived, while the process was paused. */
  #deferredMicrotasks: Work[] = []
  #deferredTimers: ProcessTimer[] = []
  #deferredPackets: Work[] = []
  /** How many deferred packets have not been received since the process was resumed. */
  #backlog = 0
  /** Local time is `#localMs + (now - #worldMs) * #rate`, where `now` is the time of the world. */
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

  /** Its monotonic clock, in milliseconds. It may run fast or slow, but never goes back. */
  get nowMs(): number {
    return this.#localMs + (this.#clock.nowMs - this.#worldMs) * this.#rate
  }

  /** Its wall clock, which `skew` may set wrong. */
  get wallMs(): number {
    return this.nowMs + this.#offsetMs
  }

  /** Schedules `work` at `atMs` of its own clock. */
  at(atMs: number, work: Work): Timer {
    const { nowMs } = this.#clock
    const inMs = (atMs - this.nowMs) / this.#rate
    return this.#clock.schedule(atOrAfter(nowMs + inMs, nowMs), new ProcessTimer(this, work))
  }

  /** Runs `work` as this process: now, after its resume, or never if it is dead. */
  run(work: Work): void {
    if (this.#state === 'paused') this.#deferredMicrotasks.push(work)
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

  /** Fires a timer that is due: now, or after the resume. */
  runTimer(timer: ProcessTimer): void {
    if (this.#state === 'paused') this.#deferredTimers.push(timer)
    else timer.fire()
  }

  /** Runs `work` for a packet that arrived: now, or after the packets that arrived before. */
  receive(work: Work): void {
    if (this.#backlog === 0) this.#receiveNow(work)
    else this.#clock.at(this.#clock.nowMs, () => this.receive(work))
  }

  #receiveNow(work: Work): void {
    if (this.#state === 'paused') this.#deferredPackets.push(work)
    else this.run(work)
  }

  /** Runs `work` as this process now, even if it is paused. */
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

  /** Queues `work` to run after the current event. */
  microtask(work: Work): void {
    this.#microtasks.enqueue(work, this)
  }

  pause(): void {
    if (this.#state === 'running') this.#state = 'paused'
  }

  /**
   * Schedules the deferred work now, each piece as an event of its own. Timers come before packets:
   * after a stall, Node.js runs the timers that are due before it reads its sockets.
   */
  resume(): void {
    if (this.#state !== 'paused') return
    this.#state = 'running'
    const [microtasks, timers, packets] = this.#takeDeferred()
    const { nowMs } = this.#clock
    for (const work of microtasks) this.#clock.at(nowMs, () => this.run(work))
    for (const timer of timers) this.#clock.at(nowMs, () => this.runTimer(timer))
    this.#backlog += packets.length
    for (const work of packets) {
      this.#clock.at(nowMs, () => {
        this.#backlog--
        this.#receiveNow(work)
      })
    }
  }

  #takeDeferred(): readonly [Work[], ProcessTimer[], Work[]] {
    const deferred = [
      this.#deferredMicrotasks,
      this.#deferredTimers,
      this.#deferredPackets,
    ] as const
    this.#deferredMicrotasks = []
    this.#deferredTimers = []
    this.#deferredPackets = []
    return deferred
  }

  /** Ends the process: none of its work runs from now on. */
  die(): void {
    this.#state = 'dead'
    this.#takeDeferred()
  }

  /** Sets the rate of its clocks, and moves its wall clock ahead by `offsetMs`. */
  skew(rate: number, offsetMs: number): void {
    this.#offsetMs += offsetMs
    this.#localMs = this.nowMs
    this.#worldMs = this.#clock.nowMs
    this.#rate = rate
  }
}
