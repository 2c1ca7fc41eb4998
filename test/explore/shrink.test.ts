/** What is left of a failure that depends on a periodic timer. */
import { describe, expect, it } from 'vitest'
import { filter, map, timer } from 'rxjs'
import type { Scenario } from '../../src/testing/explore/scenario.ts'
import { outputs } from './planted/outputs.ts'
import { parsePlan } from '../../src/testing/explore/plan.ts'
import { runPlan } from '../../src/testing/explore/run-plan.ts'
import { shrink } from '../../src/testing/explore/shrink.ts'

/** A lease is renewed every `everyMs`; a crash within 3 ms of the renewal, from the second on, fails. */
function leases(everyMs: number): Scenario {
  return {
    peers: 2,
    untilMs: 10_000,
    protocol: ({ pid }, { restarts }) =>
      timer(everyMs, everyMs).pipe(map((renewal) => ({ pid, restarts, renewal }))),
    checks: (world) =>
      world.check('no crash during a renewal', (trace) => {
        let renewedMs = -Infinity
        trace.pipe(outputs<{ pid: number; renewal: number }>()).subscribe(({ atMs, value }) => {
          if (value.pid === 1 && value.renewal > 0) renewedMs = atMs
        })
        return trace.pipe(
          filter(({ type, atMs }) => type === 'crashed' && atMs - renewedMs < 3),
          map(() => 'crashed'),
        )
      }),
  }
}

describe('a failure that needs a periodic timer', () => {
  it.each([
    [300, 3_902],
    [150, 3_151],
    [70, 2_801],
  ])('of %i ms is moved to one of its first rounds, from %i ms', (everyMs, atMs) => {
    const scenario = leases(everyMs)
    const plan = parsePlan(`seed 1; peers 2; until 9000; ${atMs} crash 1`)
    const { violation } = runPlan(scenario, plan, { keepTrace: true })
    expect(violation).toBeDefined()
    const options = { runs: 60, seeds: 0, small: 0 }
    const { plan: shrunk, history } = shrink(scenario, plan, violation!, options)
    expect(shrunk.faults[0]?.atMs).toBeLessThan(3 * everyMs)
    expect(history.timers).toBeLessThanOrEqual(3)
  })
})
