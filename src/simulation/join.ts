/** Joining: the links that a cluster waits for before its story begins. */
import type { Life } from './sim-cluster.ts'
import type { Pid } from '../model/pid.ts'
import type { World } from './world.ts'

/** Links between processes that nothing happens to are up by then. */
const JOIN_MS = 10_000

/**
 * Lets time pass until every link between processes that live is up.
 *
 * @param lives the processes that live
 * @throws Error that names a link which is not up within so many milliseconds
 */
export function join(world: World, lives: ReadonlyMap<Pid, Life>, withinMs = JOIN_MS): void {
  const linksOf = (pid: Pid): readonly Link[] =>
    [...(lives.get(pid)?.node.links.value ?? [])].flatMap(([to, state]) =>
      lives.has(to) ? [{ pid, to, state }] : [],
    )
  const find = (): Link | undefined => {
    for (const pid of lives.keys()) {
      const late = linksOf(pid).find(({ state }) => state !== 'up')
      if (late !== undefined) return late
    }
    return undefined
  }
  let waiting: Link | undefined
  // All of them are looked at only when the one that was waited for is up.
  const joined = (): boolean => {
    if (waiting !== undefined && stateOf(lives, waiting) !== 'up') return false
    waiting = find()
    return waiting === undefined
  }
  if (world.runUntil(joined, withinMs) || waiting === undefined) return
  const { pid, to, state } = waiting
  throw new Error(`not every link is up within ${withinMs} ms: ${pid} to ${to} is ${state}`)
}

interface Link {
  readonly pid: Pid
  readonly to: Pid
  readonly state: string
}

function stateOf(lives: ReadonlyMap<Pid, Life>, { pid, to }: Link): string | undefined {
  return lives.get(pid)?.node.links.value.get(to)
}
