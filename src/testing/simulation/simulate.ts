/** `simulate`: runs a cluster of real nodes in virtual time. */
import type { SimulationOptions, World } from './world.ts'
import { SimWorld } from './sim-world.ts'
import { A_FUNCTION, type Rule, checkArgument } from '../../model/check-arguments.ts'
import { ClusterError } from '../../model/cluster-error.ts'
import { withMoment } from './checks/with-moment.ts'
import { inVirtualTime } from './time/in-virtual-time.ts'

const A_BODY: Rule = {
  ...A_FUNCTION,
  expected: 'a function such as (world) => world.run(1_000)',
}

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
 * @param body the test: without letting time pass it sees nothing of what the options say
 * @returns what `body` returned
 * @throws ClusterError `INVALID_ARGUMENT` for an option that is unknown or out of range;
 *   SimulationError (`CHECK_FAILED`) if a check fails; ClusterError `NONDETERMINISTIC` for a
 *   real timer, a Promise or another source of time or randomness, `FAULT_INVALID` for a fault that
 *   cannot be parsed, or names a node that does not exist; any error that `body`, a check or a
 *   subscriber throws, with the moment and the seed in its message
 */
export function simulate<T = void>(options: SimulationOptions, body: (world: World) => T): T {
  const world = new SimWorld(options)
  checkArgument('simulate', 'body', body, A_BODY)
  try {
    return inVirtualTime(world.time, () => {
      world.start()
      const result = body(world)
      if (result instanceof Promise) rejectAsyncBody(result)
      world.end()
      return result
    })
  } catch (error) {
    throw withMoment(error, world.nowMs, world.seed)
  }
}

function rejectAsyncBody(promise: Promise<unknown>): never {
  // The error below reports it, so a rejection must not also end the process.
  promise.catch(() => undefined)
  const advice = 'remove `async` and `await`, and let time pass with world.run(ms)'
  throw new ClusterError('NONDETERMINISTIC', `the body of simulate must not be async: ${advice}`)
}
