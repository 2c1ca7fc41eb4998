/** Waits until the links of a simulated cluster are up. */
import type { NodeInstance } from './sim-cluster.ts'
import type { Pid } from '../../../model/pid.ts'
import type { World } from '../world.ts'

/** Without faults all links are up much earlier. */
const LINKS_UP_TIMEOUT_MS = 10_000

/**
 * Lets time pass until every link between running processes is up.
 *
 * @param instances the running processes
 * @throws Error that names a link which is not up within `withinMs`
 */
export function awaitLinks(
  world: World,
  instances: ReadonlyMap<Pid, NodeInstance>,
  withinMs = LINKS_UP_TIMEOUT_MS,
): void {
  const linksOf = (pid: Pid): readonly PendingLink[] =>
    [...(instances.get(pid)?.node.links.value ?? [])].flatMap(([to, state]) =>
      instances.has(to) ? [{ pid, to, state }] : [],
    )
  const findDown = (): PendingLink | undefined => {
    for (const pid of instances.keys()) {
      const notUp = linksOf(pid).find(({ state }) => state !== 'up')
      if (notUp !== undefined) return notUp
    }
    return undefined
  }
  let pending: PendingLink | undefined
  // Searches all links only when the pending one is up: this runs after every event.
  const allUp = (): boolean => {
    if (pending !== undefined && stateOf(instances, pending) !== 'up') return false
    pending = findDown()
    return pending === undefined
  }
  if (world.runUntil(allUp, withinMs) || pending === undefined) return
  const { pid, to, state } = pending
  const problem = `the link from ${pid} to ${to} is ${state} after ${withinMs} ms`
  throw new Error(`${problem}: end the faults that block it, or wait longer`)
}

interface PendingLink {
  readonly pid: Pid
  readonly to: Pid
  readonly state: string
}

function stateOf(
  instances: ReadonlyMap<Pid, NodeInstance>,
  { pid, to }: PendingLink,
): string | undefined {
  return instances.get(pid)?.node.links.value.get(to)
}
