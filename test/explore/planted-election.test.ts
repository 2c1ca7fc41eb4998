/** Planted bugs of the election: `explore` finds, shrinks and replays each one. */
import { BUGS, plantedScenario } from './planted/planted.ts'
import { describe, expect, it } from 'vitest'
import { explore } from '../../src/testing/explore/explore.ts'
import { expectFound } from './planted/expect-found.ts'

describe('election', () => {
  it('without a bug, every check holds under 40 seeds', { timeout: 60_000 }, async () => {
    const { failure, seeds, faults } = await explore({
      scenario: plantedScenario('election'),
      seeds: 40,
      progress: false,
    })
    expect(failure?.toString()).toBeUndefined()
    expect(seeds).toBe(40)
    expect(faults / seeds).toBeGreaterThan(5)
  })

  it.each(BUGS.election)('%s', { timeout: 60_000 }, async (bug) => {
    await expectFound('election', bug)
  })
})
