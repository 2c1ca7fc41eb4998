/** `simulate`: runs a cluster of real nodes in virtual time. */
import type { SimulationOptions, World } from './world.ts'
import { SimWorld } from './sim-world.ts'
import { ClusterError } from '../../model/cluster-error.ts'
import { inVirtualTime } from './time/in-virtual-time.ts'

/**
 * Simulates a cluster: real nodes and the real link protocol over a simulated network, in virtual
 * time. The same seed gives the same run.
 *
 * Every process opens its node and runs `protocol`. `body` then lets time pass, injects faults and
 * checks results. Built-in checks run all the time: each envelope is delivered at most once, in
 * order for each pair of nodes, and none is unaccounted for. When `body` returns, `simulate` waits
 * for pending `eventually` checks and expected marbles, closes every node and checks again.
 *
 * `simulate` is synchronous. Meanwhile RxJS's time, `Date`, `performance.now` and `Math.random` are
 * virtual. Anything that would make the next run differ (a Promise, a `setTimeout`, `randomUUID`)
 * is an error; docs/simulation.md lists it.
 *
 * ```ts
 * simulate({ seed: 7, peers: 3, protocol: elect, network: '-- 2s (partition 1|2,3) 5s (heal)' },
 *   (world) => world.run(20_000))
 * ```
 *
 * @param options the peers, their protocol, and the faults
 * @param body the test; default: lets one second pass
 * @returns what `body` returned
 * @throws SimulationError (`CHECK_FAILED`) if a check fails; ClusterError `NONDETERMINISTIC` for a
 *   real timer, a Promise or another source of time or randomness, `FAULT_INVALID` for a fault that
 *   cannot be parsed; any error that `body` throws
 */
export function simulate<T = void>(
  options: SimulationOptions,
  body: (world: World) => T = (world) => world.run(1_000) as T,
): T {
  const world = new SimWorld(options)
  return inVirtualTime(world.time, () => {
    world.start()
    const result = body(world)
    if (result instanceof Promise) rejectAsyncBody(result)
    world.end()
    return result
  })
}

function rejectAsyncBody(promise: Promise<unknown>): never {
  // The error below reports it, so a rejection must not also end the process.
  promise.catch(() => undefined)
  const advice = 'remove `async` and `await`, and let time pass with world.run(ms)'
  throw new ClusterError('NONDETERMINISTIC', `the body of simulate must not be async: ${advice}`)
}
