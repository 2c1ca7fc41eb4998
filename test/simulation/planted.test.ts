/** Planted bugs of short protocols: `explore` finds each one, makes it small, and replays it. */
import { BUGS, KINDS, scenarioOf } from './planted/planted.ts'
import { describe, expect, it } from 'vitest'
import { finds } from './planted/finds.ts'
import { explore } from '../../src/simulation/explore/explore.ts'

const SHORT = KINDS.filter((kind) => kind !== 'election')

describe.each(SHORT)('%s', (kind) => {
  it('without a bug: every check holds under 100 seeds', { timeout: 60_000 }, async () => {
    const { failure, seeds, faults } = await explore({
      scenario: scenarioOf(kind),
      seeds: 100,
      progress: false,
    })
    expect(failure?.toString()).toBeUndefined()
    expect(seeds).toBe(100)
    expect(faults / seeds).toBeGreaterThan(5)
  })

  it.each(BUGS[kind])('%s', { timeout: 60_000 }, async (bug) => {
    await finds(kind, bug)
  })
})
