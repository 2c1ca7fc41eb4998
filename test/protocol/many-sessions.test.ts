/** Many sessions on shared links: each delivers exactly once and in order. */
import { describe, expect, it } from 'vitest'
import { ManySessions } from './many-sessions-harness.ts'
import { seededRandom } from '../../src/base/seeded-random.ts'

const SEEDS = Number(process.env['SEEDS'] ?? 150)

/** An action is chosen by the first bound above a random number. */
const ACTIONS = [
  ['send', 0.62],
  ['cut', 0.67],
  ['migrate', 0.74],
  ['migrate-and-back', 0.76],
  ['reattach', 0.8],
  ['detach', 0.82],
  ['attach', 0.86],
  ['remove-member', 0.89],
  ['add-members', 0.93],
  ['pause', 0.95],
  ['resume', 0.98],
  ['restart', 0.987],
  ['bye', 0.992],
  ['unreachable', 1],
] as const

function runScenario(seed: number, resend: boolean): ManySessions {
  const random = seededRandom(seed * 6_151 + 5)
  const pick = (count: number): number => Math.floor(random() * count)
  const harness = new ManySessions(seed, 2 + pick(5), resend)
  const faults = [
    { lose: 0, double: 0, delayMaxMs: 0 },
    { lose: 0.02, double: 0, delayMaxMs: 0 },
    { lose: 0.1, double: 0.1, delayMaxMs: 20 },
    { lose: 0.02, double: 0.3, delayMaxMs: 60 },
  ][pick(4)]!
  harness.run(10)
  harness.faults = faults
  for (let step = 0; step < 120; step++) {
    const pair = harness.pairs[pick(harness.pairs.length)]!
    const testLink = harness.testLinks[pick(2)]!
    const sample = random()
    switch (ACTIONS.find(([, below]) => sample < below)?.[0]) {
      case 'send':
        for (let remaining = pick(8); remaining >= 0; remaining--) {
          harness.send(pair, pick(60), random() < 0.1 ? pick(500) : 1e9)
        }
        break
      case 'cut':
        harness.cut(testLink)
        break
      case 'migrate':
        harness.migrate(pair, testLink)
        break
      case 'migrate-and-back':
        for (const other of [...harness.testLinks, ...harness.testLinks])
          harness.migrate(pair, other)
        break
      case 'reattach':
        harness.detach(pair)
        harness.attach(pair, testLink)
        break
      case 'detach':
        harness.detach(pair)
        break
      case 'attach':
        if (pair.testLink === undefined) harness.attach(pair, testLink)
        break
      case 'remove-member':
        harness.setMembers(
          new Set([...harness.present].filter((pid) => pid !== pair.localNode.pid)),
        )
        if (random() < 0.3) harness.setMembers(new Set([...harness.present, pair.localNode.pid]))
        break
      case 'add-members':
        harness.setMembers(harness.allPids())
        break
      case 'pause':
        harness.pause()
        break
      case 'resume':
        harness.resume()
        break
      case 'restart':
        harness.restart(false)
        break
      case 'bye':
        // BYE states the truth only if no frame in front of it was lost.
        harness.restart(faults.lose === 0)
        break
      case 'unreachable':
        testLink.reachable = !testLink.reachable
    }
    harness.run([0, 0, 1, pick(10), pick(100), pick(4_000)][pick(6)]!)
  }
  harness.faults = { lose: 0, double: 0, delayMaxMs: 0 }
  for (const testLink of harness.testLinks) testLink.reachable = true
  harness.setMembers(harness.allPids())
  harness.resume()
  for (const pair of harness.pairs)
    if (pair.testLink === undefined) harness.attach(pair, harness.testLinks[0]!)
  harness.run(200_000)
  harness.resume()
  harness.run(20_000)
  harness.checkFinalState()
  return harness
}

describe('many sessions on shared links', () => {
  for (const resend of [false, true]) {
    it(`deliver exactly once and in order, resend ${resend}`, { timeout: 600_000 }, () => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const { problems } = runScenario(seed, resend)
        expect([...new Set(problems)].slice(0, 8), `seed ${seed}`).toEqual([])
      }
    })
  }

  it('share DATA frames', () => {
    const harness = new ManySessions(1, 6, false)
    harness.run(10)
    for (const pair of harness.pairs) harness.send(pair, 10, 1e9)
    harness.run(100)
    expect(harness).toMatchObject({ dataFrames: 4, batchesMax: 3, problems: [] })
  })
})
