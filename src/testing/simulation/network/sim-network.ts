/** The simulated network: its listeners, its connections, and the faults that break them. */
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

/** Like ZMTP heartbeats: a connection without frames for this time breaks. */
const SILENCE_TIMEOUT_MS = 6_000

/** Connects the transports of all processes of a world. */
export class SimNetwork implements ConnectionHost {
  readonly clock: VirtualClock
  readonly conditions: NetworkConditions
  readonly random: Random
  /** Observes every frame that leaves a process, and every dial, which has no frame. */
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

  /** Returns false if the endpoint is in use. */
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

  pidOf(endpoint: string): Pid {
    let pid = this.#hosts.get(endpoint)
    if (pid === undefined) {
      pid = Number(/^tcp:\/\/node-(\d+):/.exec(endpoint)?.[1] ?? 0)
      this.#hosts.set(endpoint, pid)
    }
    return pid
  }

  dial(dialer: SimDialer): SimConnection {
    const connection = new SimConnection(this, `connection-${this.#nextConnection++}`, dialer)
    this.#connections.add(connection)
    return connection
  }

  remove(connection: SimConnection): void {
    this.#connections.delete(connection)
  }

  /** Resumes held packets, and breaks connections that stay blocked. Call after each change. */
  conditionsChanged(): void {
    for (const connection of this.#connections) {
      connection.resume()
      if (connection.blocked) this.#breakAfterSilence(() => connection.blocked, [connection])
    }
  }

  /** Breaks the connections of a process, unless it is resumed in time. */
  processPaused(process: SimProcess): void {
    const connections = [...this.#connections].filter((connection) => connection.touches(process))
    this.#breakAfterSilence(() => process.alive && process.paused, connections)
  }

  /** Removes the listeners of a dead process, and ends its connections. */
  processDied(process: SimProcess): void {
    for (const listener of this.#listeners.values()) {
      if (listener.process === process) this.#listeners.delete(listener.endpoint)
    }
    for (const connection of [...this.#connections]) connection.onProcessDied(process)
  }

  /** Breaks all connections between two processes. */
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
        if (isStillSilent) connection.sever('no frame arrived for 6 s')
      })
    }
  }
}
