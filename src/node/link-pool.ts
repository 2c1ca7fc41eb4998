/** The links of a transport: one per address and expected pid, shared by the nodes of a process. */
import { LinkDriver, type LinkNames } from './link-driver.ts'
import type { Environment } from '../ports/environment.ts'
import type { Outbound } from '../core/outbound.ts'
import type { Transport } from '../ports/transport.ts'

const pools = new WeakMap<Transport, LinkPool>()

/** The links of a transport, so that sockets grow with addresses and not with pairs of nodes. */
export class LinkPool {
  readonly #transport: Transport
  readonly #drivers = new Map<string, LinkDriver>()

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

  /** How many links there are. */
  get size(): number {
    return this.#drivers.size
  }

  /**
   * Puts a session on the link to an address; the link is opened for the first one and closed after
   * the last.
   */
  join(environment: Environment, names: LinkNames, session: Outbound): LinkDriver {
    // Two nodes of one pid in one process are two callers to everybody else: they get a link each.
    for (let twin = 0; ; twin++) {
      const key = keyOf(names, twin)
      const driver =
        this.#drivers.get(key) ?? new LinkDriver(environment, this.#transport, names, key)
      if (driver.carries(session.sender.pid)) continue
      this.#drivers.set(key, driver)
      driver.add(session)
      return driver
    }
  }

  /** Takes a session off its link; `moves` where it goes on at another address. */
  leave(driver: LinkDriver, session: Outbound, moves: boolean): void {
    driver.remove(session, moves)
    if (!driver.idle) return
    driver.close()
    if (this.#drivers.get(driver.key) === driver) this.#drivers.delete(driver.key)
  }
}

/** No two links share it: what is of any length stands last, behind the length of the first. */
function keyOf({ cluster, endpoint, to, options }: LinkNames, twin: number): string {
  return `${to} ${options.maxPartBytes} ${twin} ${endpoint.length} ${endpoint}${cluster}`
}
