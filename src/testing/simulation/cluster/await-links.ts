/** Waits until the links of a simulated cluster are up. */
import type { NodeInstance } from './sim-cluster.ts'
import type { Pid } from '../../../model/pid.ts'
import { SimulationError } from '../checks/simulation-error.ts'
import { Subscription } from 'rxjs'
import type { World } from '../world.ts'

/** Without faults all links are up much earlier. */
const LINKS_UP_TIMEOUT_MS = 10_000

/**
 * Lets time pass until every link between running processes is up.
 *
 * @param instances the running processes
 * @param isLossy whether frames may be lost, which the message explains
 * @throws SimulationError that names a link which is not up within `withinMs`
 */
export function awaitLinks(
  world: World,
  instances: ReadonlyMap<Pid, NodeInstance>,
  isLossy: () => boolean,
  withinMs = LINKS_UP_TIMEOUT_MS,
): void {
  const watch = new LinkWatch(instances)
  try {
    if (world.runUntil(() => watch.allUp(), withinMs)) return
    const [pid, to] = watch.pending ?? []
    const advice = isLossy()
      ? 'frames are dropped, and a lost HELLO takes 5 s: awaitLinks(120_000) waits longer, and ' +
        'with the option connected: true frames are dropped only once every link is up'
      : 'end the faults that block it, or wait longer'
    const detail = `the link from ${pid} to ${to} is not up after ${withinMs} ms: ${advice}`
    throw new SimulationError({ atMs: world.nowMs, check: 'awaitLinks', detail }, world.seed)
  } finally {
    watch.stop()
  }
}

type Direction = readonly [pid: Pid, to: Pid]

/**
 * Follows which links are up. It is asked after every event, so it looks at one pending link; all
 * links are searched only when none of those is left that were pending at the last search.
 */
class LinkWatch {
  readonly #instances: ReadonlyMap<Pid, NodeInstance>
  readonly #up = new Map<NodeInstance, Set<Pid>>()
  readonly #subscriptions = new Subscription()
  #pending: Direction[] = []

  constructor(instances: ReadonlyMap<Pid, NodeInstance>) {
    this.#instances = instances
  }

  /** A link that was not up at the last look. */
  get pending(): Direction | undefined {
    return this.#pending.at(-1)
  }

  allUp(): boolean {
    for (;;) {
      for (let last = this.pending; last !== undefined; last = this.pending) {
        if (this.#isDown(last)) return false
        this.#pending.pop()
      }
      this.#pending = this.#findDown()
      if (this.#pending.length === 0) return true
    }
  }

  stop(): void {
    this.#subscriptions.unsubscribe()
  }

  #isDown([pid, to]: Direction): boolean {
    const instance = this.#instances.get(pid)
    if (instance === undefined || !this.#instances.has(to)) return false
    return instance.node.peers.value.has(to) && !this.#upLinks(instance).has(to)
  }

  #findDown(): Direction[] {
    const down: Direction[] = []
    for (const [pid, instance] of this.#instances) {
      const up = this.#upLinks(instance)
      for (const to of instance.node.peers.value.keys()) {
        if (this.#instances.has(to) && !up.has(to)) down.push([pid, to])
      }
    }
    return down
  }

  /** Returns the peers of a node whose link is up, kept up to date by its events. */
  #upLinks(instance: NodeInstance): ReadonlySet<Pid> {
    const known = this.#up.get(instance)
    if (known !== undefined) return known
    const links = [...instance.node.links.value]
    const up = new Set(links.filter(([, { state }]) => state === 'up').map(([pid]) => pid))
    this.#up.set(instance, up)
    this.#subscriptions.add(
      instance.node.events.subscribe((event) => {
        if (event.type !== 'link') return
        if (event.state === 'up') up.add(event.pid)
        else up.delete(event.pid)
      }),
    )
    return up
  }
}
