/** The links of a transport: one per address and expected pid, shared by the nodes of a process. */
import { LinkDriver, type LinkTarget } from './link-driver.ts'
import type { Environment } from '../../ports/environment.ts'
import { ClusterError } from '../../model/cluster-error.ts'
import { EMPTY_LIST, append } from '../../base/list.ts'
import type { OutboundSession } from '../../protocol/session/outbound-session.ts'
import type { Transport } from '../../ports/transport.ts'

/** So many more links are opened without looking at the budget first. */
const LINKS_UNCHECKED_MAX = 3

const pools = new WeakMap<Transport, LinkPool>()

/** The links of a transport, so that sockets grow with addresses and not with pairs of nodes. */
export class LinkPool {
  readonly #transport: Transport
  /** By endpoint; nearly always one. */
  readonly #drivers = new Map<string, LinkDriver[]>()
  readonly #lagObservers = new Set<(lagMs: number) => void>()
  #lagReportedAtMs = -Infinity
  /** One for all the links. */
  readonly #onLag = (lagMs: number, environment: Environment): void =>
    this.#emitLag(lagMs, environment)

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
  observeLag(notify: (lagMs: number) => void): () => void {
    this.#lagObservers.add(notify)
    return () => this.#lagObservers.delete(notify)
  }

  /**
   * Tells what is missing to call so many more addresses; undefined for nothing. A few more are
   * not counted: each looks for itself when it is opened.
   *
   * @param endpoints whom a node wants to call; those that are called already cost nothing
   */
  descriptorShortage(endpoints: Iterable<string>): ClusterError | undefined {
    let links = 0
    for (const endpoint of endpoints) if (!this.#drivers.has(endpoint)) links++
    const budget =
      links > LINKS_UNCHECKED_MAX ? this.#transport.descriptorBudget?.(links) : undefined
    if (budget === undefined || budget.needed <= budget.available) return undefined
    const { needed, available, limit } = budget
    const message =
      `${links} new links need ${needed} file descriptors, and ${available} of ${limit} are free: ` +
      'raise the limit (ulimit -n), or share the nodes among more processes'
    return new ClusterError('DESCRIPTORS_EXHAUSTED', message)
  }

  /**
   * Puts a session on the link to an address; the link is opened for the first one and closed after
   * the last.
   */
  attach(environment: Environment, target: LinkTarget, session: OutboundSession): LinkDriver {
    const { pid } = session.localNode
    const drivers = this.#drivers.get(target.endpoint) ?? EMPTY_LIST
    // Two nodes of one pid in one process are two callers to everybody else: they get a link each.
    let driver = drivers.find((one) => one.matches(target) && !one.hasLocal(pid))
    if (driver === undefined) {
      driver = new LinkDriver(environment, this.#transport, target, this.#onLag)
      this.#drivers.set(target.endpoint, append(drivers, driver))
    }
    driver.add(session)
    return driver
  }

  /** Takes a session off its link; `moves` where it goes on at another address. */
  detach(driver: LinkDriver, session: OutboundSession, migrates: boolean): void {
    driver.remove(session, migrates)
    if (!driver.isIdle) return
    driver.close()
    const others = (this.#drivers.get(driver.endpoint) ?? []).filter((one) => one !== driver)
    if (others.length > 0) this.#drivers.set(driver.endpoint, others)
    else this.#drivers.delete(driver.endpoint)
  }

  /** Every link notices; each node is told once. */
  #emitLag(lagMs: number, { monotonicMs }: Environment): void {
    const nowMs = monotonicMs()
    if (nowMs - this.#lagReportedAtMs < lagMs) return
    this.#lagReportedAtMs = nowMs
    for (const notify of [...this.#lagObservers]) notify(lagMs)
  }
}
