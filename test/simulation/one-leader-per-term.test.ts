/** The check `oneLeaderPerTerm`, and the election of the examples under it. */
import { describe, expect, it } from 'vitest'
import {
  type Leadership,
  type Scenario,
  explore,
  oneLeaderPerTerm,
  simulate,
} from '../../src/testing.ts'
import { type ElectionState, elect } from '../../examples/elect.ts'
import { of } from 'rxjs'

const leadershipOf = (value: unknown): Leadership | undefined => {
  const { leader, term } = value as ElectionState
  return leader === undefined ? undefined : { leader, term }
}

/** The example election does not persist votes, so the scenario has no crashes. */
const election: Scenario = {
  peers: [3, 5],
  untilMs: 20_000,
  recoveryMs: 8_000,
  faults: {
    everyMs: 400,
    durationMs: 600,
    kinds: [
      'loss',
      'duplication',
      'reordering',
      'delay',
      'partition',
      'cut',
      'one-way',
      'reset',
      'pause',
      'skew',
    ],
  },
  protocol: (node, { random, scheduler }) => elect(node, {}, { random, scheduler }),
  checks: (world, { healedMs }) => {
    world.check('one leader per term', oneLeaderPerTerm(leadershipOf))
    if (healedMs === undefined) return
    const last = new Map<number, ElectionState>()
    world.trace.subscribe((event) => {
      if (event.type === 'output') last.set(event.pid, event.value as ElectionState)
    })
    world.at(healedMs, () =>
      world.eventually('all follow one leader', 8_000, () => {
        const leaderships = new Set(
          [...last.values()].map(({ leader, term }) => `${leader} ${term}`),
        )
        return (
          leaderships.size === 1 &&
          last.size === world.pids.length &&
          [...last.values()][0]?.leader !== undefined
        )
      }),
    )
  },
}

describe('one leader per term', () => {
  it(
    'holds for the example election, which elects a leader after faults, for 100 seeds',
    { timeout: 60_000 },
    async () => {
      const { failure, seeds, faults } = await explore({
        scenario: election,
        seeds: 100,
        progress: false,
      })
      expect(failure?.toString()).toBeUndefined()
      expect(seeds).toBe(100)
      expect(faults).toBeGreaterThan(500)
    },
  )

  it('reports each further leader of a term once', () => {
    const leaderships: string[] = []
    const protocol = ({ pid }: { readonly pid: number }) =>
      of({ leader: pid, term: pid === 4 ? 2 : 1 }, { leader: pid, term: 3 - (pid % 2) })
    const run = (): void =>
      simulate({ peers: 4, connected: true, protocol }, (world) => {
        oneLeaderPerTerm(leadershipOf)(world.trace).subscribe((one) => leaderships.push(one))
        world.check('one leader per term', oneLeaderPerTerm(leadershipOf))
        world.run(1)
      })
    expect(run).toThrow('one leader per term: 1 and 2 lead in term 1')
    expect(leaderships).toEqual([
      '1 and 2 lead in term 1',
      '1 and 3 lead in term 1',
      '1 and 3 lead in term 2',
      '1 and 4 lead in term 2',
      '2 and 4 lead in term 3',
    ])
  })
})
