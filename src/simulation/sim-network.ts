/** The simulated network: who listens where, the lines between processes, and what breaks them. */
import type { Caller, ConnectionId, Frame, Listener } from '../ports/transport.ts'
import type { Chance } from '../core/chance.ts'
import type { Pid } from '../model/pid.ts'
import type { SimProcess } from './sim-process.ts'
import type { Terrain } from './conditions.ts'
import type { VirtualClock } from './virtual-clock.ts'
import { SimLine } from './sim-line.ts'

/** ZMTP heartbeats give up a connection that has been silent for so long. */
const SILENCE_MS = 6_000

/** Somebody who listens. */
export interface SimListener {
  readonly process: SimProcess
  readonly endpoint: string
  readonly listener: Listener
  readonly maxPartBytes: number
  readonly lines: Map<ConnectionId, SimLine>
}

/** Somebody who calls. */
export interface SimCaller {
  readonly process: SimProcess
  readonly endpoint: string
  readonly caller: Caller
  readonly maxPartBytes: number
}

/** What every transport of a world shares. */
export class SimNetwork {
  readonly clock: VirtualClock
  readonly terrain: Terrain
  readonly chance: Chance
  /** Hears of every frame that leaves a process, whether it arrives or not; of a call without. */
  tap: ((from: Pid, to: Pid, frame?: Frame) => void) | undefined
  readonly #listeners = new Map<string, SimListener>()
  readonly #lines = new Set<SimLine>()
  readonly #hosts = new Map<string, Pid>()
  #nextLine = 1

  constructor(clock: VirtualClock, terrain: Terrain, chance: Chance) {
    this.clock = clock
    this.terrain = terrain
    this.chance = chance
  }

  /** @returns whether the endpoint was free */
  listen(listener: SimListener): boolean {
    if (this.#listeners.has(listener.endpoint)) return false
    this.#listeners.set(listener.endpoint, listener)
    return true
  }

  deafen(listener: SimListener): void {
    if (this.find(listener.endpoint) === listener) this.#listeners.delete(listener.endpoint)
  }

  find(endpoint: string): SimListener | undefined {
    return this.#listeners.get(endpoint)
  }

  /** The pid of the host in an endpoint; 0, which nobody has, where there is none. */
  hostOf(endpoint: string): Pid {
    let host = this.#hosts.get(endpoint)
    if (host === undefined) {
      host = Number(/^tcp:\/\/node-(\d+):/.exec(endpoint)?.[1] ?? 0)
      this.#hosts.set(endpoint, host)
    }
    return host
  }

  dial(caller: SimCaller): SimLine {
    const line = new SimLine(this, `line-${this.#nextLine++}`, caller)
    this.#lines.add(line)
    return line
  }

  over(line: SimLine): void {
    this.#lines.delete(line)
  }

  /** Something may pass that did not, or the other way round. */
  changed(): void {
    for (const line of this.#lines) {
      line.flow()
      if (line.stopped) this.#expectSilence(() => line.stopped, [line])
    }
  }

  /** A process stands still: the others give its connections up in time. */
  stopped(process: SimProcess): void {
    const lines = [...this.#lines].filter((line) => line.touches(process))
    this.#expectSilence(() => process.alive && process.paused, lines)
  }

  /** A process is gone: the others see its connections break. */
  died(process: SimProcess): void {
    for (const listener of this.#listeners.values()) {
      if (listener.process === process) this.#listeners.delete(listener.endpoint)
    }
    for (const line of [...this.#lines]) line.bury(process)
  }

  /** Connections between the two break. */
  reset(a: Pid, b: Pid): void {
    for (const line of [...this.#lines]) {
      if (line.between(a, b)) line.snap('the connection was reset')
    }
  }

  #expectSilence(silent: () => boolean, lines: readonly SimLine[]): void {
    const since = this.clock.nowMs
    for (const line of lines) {
      const heardMs = line.heardMs
      this.clock.at(since + SILENCE_MS, () => {
        const same = silent() && line.heardMs === heardMs
        if (same) line.snap('nothing was heard for 6 s')
      })
    }
  }
}
