/** The links of a transport, shared by the nodes of a process: one per address and expected pid. */
import { LinkDriver, type LinkTarget } from './link-driver.ts'
import type { Environment } from '../../ports/environment.ts'
import { ClusterError } from '../../model/cluster-error.ts'
import { EMPTY_LIST, append } from '../../base/list.ts'
import type { OutboundSession } from '../../protocol/session/outbound-session.ts'
import type { Transport } from '../../ports/transport.ts'

/** Up to this many new links are opened without a check of the budget. */
const LINKS_UNCHECKED_MAX = 3

const pools = new WeakMap<Transport, LinkPool>()

/** Sharing makes the number of sockets grow with addresses instead of pairs of nodes. */
export class LinkPool {
  readonly #transport: Transport
  /** By endpoint, nearly always one each. */
  readonly #drivers = new Map<string, LinkDriver[]>()
  readonly #lagObservers = new Set<(lagMs: number) => void>()
  #lagReportedAtMs = -Infinity
  /** Shared by all links. */
  readonly #onLag = (lagMs: number, environment: Environment): void =>
    this.#emitLag(lagMs, environment)

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Returns the pool of a transport. */
  static of(transport: Transport): LinkPool {
    let pool = pools.get(transport)
    if (pool === undefined) {
      pool = new LinkPool(transport)
      pools.set(transport, pool)
    }
    return pool
  }

  /** Calls `notify` when the process stalled. @returns stops that */
  observeLag(notify: (lagMs: number) => void): () => void {
    this.#lagObservers.add(notify)
    return () => this.#lagObservers.delete(notify)
  }

  /**
   * Returns the error for links that need more descriptors than are free; undefined where they fit.
   *
   * @param endpoints the addresses of the links; those with a link already need no descriptor
   */
  descriptorShortage(endpoints: Iterable<string>): ClusterError | undefined {
    let links = 0
    for (const endpoint of endpoints) if (!this.#drivers.has(endpoint)) links++
    const budget =
      links > LINKS_UNCHECKED_MAX ? this.#transport.descriptorBudget?.(links) : undefined
    if (budget === undefined || budget.needed <= budget.available) return undefined
    const { needed, available, limit } = budget
    const message =
      `${links} new links need ${needed} file descriptors, ${available} of ${limit} are free: ` +
      'raise the limit (ulimit -n), or share the nodes among more processes'
    return new ClusterError('DESCRIPTORS_EXHAUSTED', message)
  }

  /** Adds a session to the link to an address. The first session opens the link. */
  attach(environment: Environment, target: LinkTarget, session: OutboundSession): LinkDriver {
    const { pid } = session.localNode
    const drivers = this.#drivers.get(target.endpoint) ?? EMPTY_LIST
    // A peer admits one session per pid and connection: two nodes of one pid need a link each.
    let driver = drivers.find((one) => one.matches(target) && !one.hasLocal(pid))
    if (driver === undefined) {
      driver = new LinkDriver(environment, this.#transport, target, this.#onLag)
      this.#drivers.set(target.endpoint, append(drivers, driver))
    }
    driver.add(session)
    return driver
  }

  /** Removes a session from its link, and closes the link after the last session. */
  detach(driver: LinkDriver, session: OutboundSession, migrates: boolean): void {
    driver.remove(session, migrates)
    if (!driver.isIdle) return
    driver.close()
    const others = (this.#drivers.get(driver.endpoint) ?? []).filter((one) => one !== driver)
    if (others.length > 0) this.#drivers.set(driver.endpoint, others)
    else this.#drivers.delete(driver.endpoint)
  }

  /** Every link of the process notices the same lag: reported once. */
  #emitLag(lagMs: number, { monotonicMs }: Environment): void {
    const nowMs = monotonicMs()
    if (nowMs - this.#lagReportedAtMs < lagMs) return
    this.#lagReportedAtMs = nowMs
    for (const notify of [...this.#lagObservers]) notify(lagMs)
  }
}
