/** The simulated network: who listens where, the lines between processes, and what breaks them. */
import type { Frame } from '../../../ports/transport.ts'
import type { Random } from '../../../base/seeded-random.ts'
import type { Pid } from '../../../model/pid.ts'
import type { SimProcess } from '../cluster/sim-process.ts'
import type { NetworkConditions } from './conditions.ts'
import type { VirtualClock } from '../time/virtual-clock.ts'
import {
  type ConnectionHost,
  SimConnection,
  type SimDialer,
  type SimListener,
} from './sim-connection.ts'

/** ZMTP heartbeats give up a connection that has been silent for so long. */
const SILENCE_TIMEOUT_MS = 6_000

/** What every transport of a world shares. */
export class SimNetwork implements ConnectionHost {
  readonly clock: VirtualClock
  readonly conditions: NetworkConditions
  readonly random: Random
  /** Hears of every frame that leaves a process, whether it arrives or not; of a call without. */
  tap: ((from: Pid, to: Pid, frame?: Frame) => void) | undefined
  readonly #listeners = new Map<string, SimListener>()
  readonly #connections = new Set<SimConnection>()
  readonly #hosts = new Map<string, Pid>()
  #nextConnection = 1

  constructor(clock: VirtualClock, conditions: NetworkConditions, random: Random) {
    this.clock = clock
    this.conditions = conditions
    this.random = random
  }

  /** @returns whether the endpoint was free */
  listen(listener: SimListener): boolean {
    if (this.#listeners.has(listener.endpoint)) return false
    this.#listeners.set(listener.endpoint, listener)
    return true
  }

  unlisten(listener: SimListener): void {
    if (this.listenerAt(listener.endpoint) === listener) this.#listeners.delete(listener.endpoint)
  }

  listenerAt(endpoint: string): SimListener | undefined {
    return this.#listeners.get(endpoint)
  }

  /** The pid of the host in an endpoint; 0, which nobody has, where there is none. */
  pidOf(endpoint: string): Pid {
    let pid = this.#hosts.get(endpoint)
    if (pid === undefined) {
      pid = Number(/^tcp:\/\/node-(\d+):/.exec(endpoint)?.[1] ?? 0)
      this.#hosts.set(endpoint, pid)
    }
    return pid
  }

  dial(dialer: SimDialer): SimConnection {
    const connection = new SimConnection(this, `line-${this.#nextConnection++}`, dialer)
    this.#connections.add(connection)
    return connection
  }

  remove(connection: SimConnection): void {
    this.#connections.delete(connection)
  }

  /** Something may pass that did not, or the other way round. */
  conditionsChanged(): void {
    for (const connection of this.#connections) {
      connection.resume()
      if (connection.blocked) this.#breakAfterSilence(() => connection.blocked, [connection])
    }
  }

  /** A process stands still: the others give its connections up in time. */
  processPaused(process: SimProcess): void {
    const connections = [...this.#connections].filter((connection) => connection.touches(process))
    this.#breakAfterSilence(() => process.alive && process.paused, connections)
  }

  /** A process is gone: the others see its connections break. */
  processDied(process: SimProcess): void {
    for (const listener of this.#listeners.values()) {
      if (listener.process === process) this.#listeners.delete(listener.endpoint)
    }
    for (const connection of [...this.#connections]) connection.onProcessDied(process)
  }

  /** Connections between the two break. */
  reset(a: Pid, b: Pid): void {
    for (const connection of [...this.#connections]) {
      if (connection.between(a, b)) connection.sever('the connection was reset')
    }
  }

  #breakAfterSilence(isSilent: () => boolean, connections: readonly SimConnection[]): void {
    const sinceMs = this.clock.nowMs
    for (const connection of connections) {
      const lastReceivedMs = connection.lastReceivedMs
      this.clock.at(sinceMs + SILENCE_TIMEOUT_MS, () => {
        const isStillSilent = isSilent() && connection.lastReceivedMs === lastReceivedMs
        if (isStillSilent) connection.sever('nothing was heard for 6 s')
      })
    }
  }
}
