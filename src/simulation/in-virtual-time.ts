/** Runs the whole of a simulation in virtual time. */
import type { SimWorld } from './sim-world.ts'

/** Runs `body`; `allow` runs what may do what others may not. */
export function inVirtualTime<T>(_world: SimWorld, body: (allow: <R>(work: () => R) => R) => T): T {
  return body((work) => work())
}
