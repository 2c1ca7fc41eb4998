/** `simulate`: a whole cluster in one call, on virtual time. */
import type { SimulationOptions, World } from './world.ts'
import { SimWorld } from './sim-world.ts'
import { ClusterError } from '../../model/cluster-error.ts'
import { inVirtualTime } from './time/in-virtual-time.ts'

/**
 * Simulates a cluster: real nodes and the real link protocol, over a network whose faults are
 * data, in virtual time, from a seed that replays exactly.
 *
 * Every process opens its node and runs `protocol`; then `body` lets time pass, does harm, and
 * looks. Checks of all mail run all the time: taken at most once, in order for each pair, and
 * nothing unaccounted. When `body` returns, what must still come to be is waited for, every node
 * is closed, and the last accounts are made. Everything is synchronous: RxJS's time, `Date`,
 * `performance.now` and `Math.random` are virtual meanwhile, and what would make the next run
 * different (a Promise, a `setTimeout`) is an error.
 *
 * ```ts
 * simulate({ seed: 7, peers: 3, protocol: elect, network: '-- 2s (partition 1|2,3) 5s (heal)' },
 *   (world) => world.run(20_000))
 * ```
 *
 * @param options how many peers, what they run, and what goes wrong
 * @param body what the test does; default: nothing but to let a second pass
 * @returns what `body` returned
 * @throws SimulationError (`CHECK_FAILED`) where a check did not hold; ClusterError
 *   `NONDETERMINISTIC` for a stray timer or Promise, `FAULT_INVALID` for a fault that cannot be
 *   read; whatever `body` throws
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
  // It is told here, and need not end the process as well.
  promise.catch(() => undefined)
  const advice = 'leave out `async` and `await`; let time pass with world.run(ms)'
  throw new ClusterError('NONDETERMINISTIC', `the body of simulate may not be async: ${advice}`)
}
