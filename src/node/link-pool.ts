/** The links of a transport: one per address and expected pid, shared by the nodes of a process. */
import { LinkDriver, type LinkNames } from './link-driver.ts'
import type { Environment } from '../ports/environment.ts'
import { ClusterError } from '../model/cluster-error.ts'
import { EMPTY_ROW, appended } from '../core/row.ts'
import type { Outbound } from '../core/outbound.ts'
import type { Transport } from '../ports/transport.ts'

/** So many more links are opened without looking at the budget first. */
const FEW_LINKS = 3

const pools = new WeakMap<Transport, LinkPool>()

/** The links of a transport, so that sockets grow with addresses and not with pairs of nodes. */
export class LinkPool {
  readonly #transport: Transport
  /** By endpoint; nearly always one. */
  readonly #drivers = new Map<string, LinkDriver[]>()
  readonly #lagged = new Set<(lagMs: number) => void>()
  #laggedAtMs = -Infinity
  /** One for all the links. */
  readonly #tellLag = (lagMs: number, environment: Environment): void =>
    this.#lag(lagMs, environment)

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** The pool of a transport: nodes that share the one share the other. */
  static of(transport: Transport): LinkPool {
    let pool = pools.get(transport)
    if (pool === undefined) {
      pool = new LinkPool(transport)
      pools.set(transport, pool)
    }
    return pool
  }

  /** Calls `lagged` when the process did not run for a while. @returns no more */
  watchLag(lagged: (lagMs: number) => void): () => void {
    this.#lagged.add(lagged)
    return () => this.#lagged.delete(lagged)
  }

  /**
   * Tells what is missing to call so many more addresses; undefined for nothing. A few more are
   * not counted: each looks for itself when it is opened.
   *
   * @param endpoints whom a node wants to call; those that are called already cost nothing
   */
  shortage(endpoints: Iterable<string>): ClusterError | undefined {
    let links = 0
    for (const endpoint of endpoints) if (!this.#drivers.has(endpoint)) links++
    const room = links > FEW_LINKS ? this.#transport.room?.(links) : undefined
    if (room === undefined || room.need <= room.have) return undefined
    const { need, have, limit } = room
    const message =
      `${links} new links need ${need} file descriptors, and ${have} of ${limit} are free: ` +
      'raise the limit (ulimit -n), or share the nodes among more processes'
    return new ClusterError('DESCRIPTORS_EXHAUSTED', message)
  }

  /**
   * Puts a session on the link to an address; the link is opened for the first one and closed after
   * the last.
   */
  join(environment: Environment, names: LinkNames, session: Outbound): LinkDriver {
    const { pid } = session.sender
    const there = this.#drivers.get(names.endpoint) ?? EMPTY_ROW
    // Two nodes of one pid in one process are two callers to everybody else: they get a link each.
    let driver = there.find((one) => one.calls(names) && !one.carries(pid))
    if (driver === undefined) {
      driver = new LinkDriver(environment, this.#transport, names, this.#tellLag)
      this.#drivers.set(names.endpoint, appended(there, driver))
    }
    driver.add(session)
    return driver
  }

  /** Takes a session off its link; `moves` where it goes on at another address. */
  leave(driver: LinkDriver, session: Outbound, moves: boolean): void {
    driver.remove(session, moves)
    if (!driver.idle) return
    driver.close()
    const others = (this.#drivers.get(driver.endpoint) ?? []).filter((one) => one !== driver)
    if (others.length > 0) this.#drivers.set(driver.endpoint, others)
    else this.#drivers.delete(driver.endpoint)
  }

  /** Every link notices; each node is told once. */
  #lag(lagMs: number, { monotonicMs }: Environment): void {
    const nowMs = monotonicMs()
    if (nowMs - this.#laggedAtMs < lagMs) return
    this.#laggedAtMs = nowMs
    for (const lagged of [...this.#lagged]) lagged(lagMs)
  }
}
