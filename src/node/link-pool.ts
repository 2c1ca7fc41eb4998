/** The links of a transport: one per address and expected pid, shared by the nodes of a process. */
import { LinkDriver, type LinkNames, type SessionOwner } from './link-driver.ts'
import type { Environment } from '../ports/environment.ts'
import type { Outbound } from '../core/outbound.ts'
import type { Pid } from '../model/pid.ts'
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
  join(environment: Environment, names: LinkNames, session: Outbound, owner: SessionOwner): Seat {
    const key = this.#keyFor(names, session.from)
    const driver = this.#drivers.get(key) ?? new LinkDriver(environment, this.#transport, names)
    this.#drivers.set(key, driver)
    driver.add(session, owner)
    return {
      flush: () => driver.flush(),
      leave: (moves) => {
        driver.remove(session, moves)
        if (!driver.idle) return
        driver.close()
        if (this.#drivers.get(key) === driver) this.#drivers.delete(key)
      },
    }
  }

  #keyFor({ cluster, endpoint, to, options }: LinkNames, from: Pid): string {
    // Two nodes of one pid in one process are two callers to everybody else: they get a link each.
    for (let twin = 0; ; twin++) {
      const key = JSON.stringify([cluster, endpoint, to, options.maxPartBytes, twin])
      if (this.#drivers.get(key)?.carries(from) !== true) return key
    }
  }
}

/** A session's place on a link. */
export interface Seat {
  /** Writes what is waiting, soon. */
  flush(): void
  /** Takes the session off the link; `moves` where it goes on at another address. */
  leave(moves: boolean): void
}
