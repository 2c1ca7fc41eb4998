/** Planted bugs of the small protocols: `explore` finds, shrinks and replays each one. */
import { BUGS, PROTOCOL_NAMES, plantedScenario } from './planted/planted.ts'
import { describe, expect, it } from 'vitest'
import { expectFound } from './planted/expect-found.ts'
import { explore } from '../../src/testing/explore/explore.ts'

const SMALL_PROTOCOLS = PROTOCOL_NAMES.filter((protocolName) => protocolName !== 'election')

describe.each(SMALL_PROTOCOLS)('%s', (protocolName) => {
  it('without a bug, every check holds under 100 seeds', { timeout: 60_000 }, async () => {
    const { failure, seeds, faults } = await explore({
      scenario: plantedScenario(protocolName),
      seeds: 100,
      progress: false,
    })
    expect(failure?.toString()).toBeUndefined()
    expect(seeds).toBe(100)
    expect(faults / seeds).toBeGreaterThan(5)
  })

  it.each(BUGS[protocolName])('%s', { timeout: 60_000 }, async (bug) => {
    await expectFound(protocolName, bug)
  })
})
