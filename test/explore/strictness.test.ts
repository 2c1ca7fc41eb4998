/** `explore` refuses what it does not understand, and loses neither failure nor seed. */
import { describe, expect, it } from 'vitest'
import { filter, map, mergeMap, of, timer } from 'rxjs'
import { ClusterError } from '../../src/model/cluster-error.ts'
import type { ChaosOptions } from '../../src/testing/explore/chaos-options.ts'
import { type ExploreOptions, explore } from '../../src/testing/explore/explore.ts'
import type { Scenario } from '../../src/testing/explore/scenario.ts'
import { chaos } from '../../src/testing/explore/chaos.ts'
import { outputs } from './planted/outputs.ts'
import { replay } from '../../src/testing/explore/failure.ts'
import { seededRandom } from '../../src/base/seeded-random.ts'

const quiet: Scenario = { peers: 2, untilMs: 100, protocol: () => undefined }

async function refusal(options: object): Promise<string> {
  try {
    await explore({ seeds: 5, progress: false, ...options } as ExploreOptions)
    return 'nothing was refused'
  } catch (error) {
    if (error instanceof ClusterError) return `${error.code}: ${error.message}`
    throw error
  }
}

describe('explore refuses', () => {
  it.each<[object, string]>([
    [{}, 'INVALID_ARGUMENT: explore: scenario: expected a scenario with a protocol, or the URL'],
    [{ scenario: './trials.js' }, 'scenario: expected a scenario with a protocol, or the URL'],
    [{ scenario: quiet, seeds: 0 }, 'seeds: expected an integer of at least 1'],
    [{ scenario: quiet, seed: 5 }, '(did you mean seeds?)'],
    [{ scenario: quiet, shrink: { run: 5 } }, 'explore: shrink: run: expected no such option'],
    [{ scenario: { ...quiet, peers: 0 } }, 'explore: scenario: peers: expected a number of nodes'],
    [{ scenario: { ...quiet, peers: [3, 2] } }, 'scenario: peers: expected a number of nodes'],
    [
      { scenario: { ...quiet, protocl: 1 } },
      'protocl: expected no such option, got 1 (did you mean',
    ],
    [{ scenario: { ...quiet, untilMs: undefined } }, 'scenario: untilMs: expected a number'],
    [{ scenario: { ...quiet, limits: { bufSiz: 1 } } }, 'limits.bufSiz: expected no such key'],
    [
      { scenario: { ...quiet, conditions: { drop: 3 } } },
      'conditions: drop: expected a probability',
    ],
    [
      { scenario: { ...quiet, faults: { kinds: ['los'] } } },
      'scenario.faults: kinds: expected a list',
    ],
    [
      { scenario: { ...quiet, faults: { every: 5 } } },
      'scenario.faults: every: expected no such option',
    ],
    [
      { scenario: { ...quiet, commands: () => [{ atMs: 1, pid: 3, name: 'go' }] } },
      'PLAN_INVALID: at 1 ms: command 3 go: there is no node 3: there are 1, 2 (with seed 1; ',
    ],
  ])('%j', async (options, message) => {
    expect(await refusal(options)).toContain(message)
  })

  it('options of chaos that it does not know', () => {
    const options = { peers: 2, untilMs: 100, evryMs: 5 } as ChaosOptions
    expect(() => chaos(seededRandom(1), options)).toThrow('(did you mean everyMs?)')
  })

  it.each([
    ['seed x', 'PLAN_INVALID'],
    ['seed 1; peers 0; until 9', 'PLAN_INVALID'],
    ['seed 1; peers 2; until 9; 5 command 3 go', 'PLAN_INVALID'],
    ['seed 1; peers 2; until 9; 5 crash 3', 'FAULT_INVALID'],
    ['seed 1; peers 2; until 9; 5 explode', 'FAULT_INVALID'],
  ])('to replay %j: %s', (line, code) => {
    expect(() => replay(line, quiet)).toThrow(expect.objectContaining({ code }) as Error)
  })
})

/** Each node starts and ends works; from the sixth second on, one of them takes too long. */
const works: Scenario = {
  peers: 2,
  untilMs: 10_000,
  protocol: (node) =>
    timer(500, 500).pipe(
      mergeMap((id) => {
        const slow = node.pid === 2 && id > 10 ? 200 : 20
        const ends = timer(slow).pipe(map(() => ({ end: id, pid: node.pid })))
        return of(of({ start: id, pid: node.pid }), ends).pipe(mergeMap((each) => each))
      }),
    ),
}

type Work = { readonly pid: number; readonly start?: number; readonly end?: number }

describe('a check that throws', () => {
  const stateful = (world: Parameters<NonNullable<Scenario['checks']>>[0]): void =>
    world.check('is fast', (trace) => {
      const began = new Map<string, number>()
      return trace.pipe(
        outputs<Work>(),
        filter(({ atMs, value: { pid, start, end } }) => {
          if (start !== undefined) began.set(`${pid} ${start}`, atMs)
          // Throws where the output of the start is hidden.
          else
            return atMs - (began.get(`${pid} ${end}`) as { at?: number } & number).valueOf() > 100
          return false
        }),
        map(() => 'too slow'),
      )
    })

  it('while a failure is shrunk loses neither the failure nor its seed', async () => {
    const scenario = { ...works, checks: stateful }
    const { failure } = await explore({ scenario, shrink: { runs: 60 }, progress: false })
    expect(failure).toMatchObject({ violation: { check: 'is fast' } })
    const line = /'(.*)'/.exec(failure?.replay ?? '')?.[1] ?? ''
    expect(() => replay(line, scenario)).toThrow('is fast: too slow')
  })

  it('in the run itself is an error with the moment, the seed and the plan', async () => {
    const checks: Scenario['checks'] = (world) =>
      world.always('is early', () => {
        if (world.nowMs >= 70) throw new TypeError('broken')
        return true
      })
    const conditions = { delay: { kind: 'fixed', ms: 1 } } as const
    const scenario: Scenario = { ...quiet, faults: false, conditions, checks }
    expect(await refusal({ scenario, firstSeed: 4 })).toMatch(
      /^CHECK_FAILED: broken \(at \d+ ms, seed 4\) \(with seed 4; peers 2; until 100; healed \d+\)$/,
    )
    const failed = explore({ scenario, progress: false })
    await expect(failed).rejects.toMatchObject({ cause: expect.any(TypeError) as unknown })
  })
})
