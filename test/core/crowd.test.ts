/** Many sessions on shared links: each of them exactly once and in order, whatever happens to the others. */
import { describe, expect, it } from 'vitest'
import { Crowd } from './crowd-lab.ts'
import { seededChance } from '../../src/core/chance.ts'

const RUNS = Number(process.env['CROWDS'] ?? 150)

/** What happens at a roll of the dice below so much. */
const DEEDS = [
  ['send', 0.62],
  ['cut', 0.67],
  ['move', 0.74],
  ['there-and-back', 0.76],
  ['again', 0.8],
  ['leave', 0.82],
  ['come', 0.86],
  ['expel', 0.89],
  ['readmit', 0.93],
  ['pause', 0.95],
  ['resume', 0.98],
  ['restart', 0.987],
  ['bye', 0.992],
  ['unreachable', 1],
] as const

function mistreat(seed: number, resend: boolean): Crowd {
  const chance = seededChance(seed * 6_151 + 5)
  const pick = (count: number): number => Math.floor(chance() * count)
  const crowd = new Crowd(seed, 2 + pick(5), resend)
  const faults = [
    { lose: 0, double: 0, delayMaxMs: 0 },
    { lose: 0.02, double: 0, delayMaxMs: 0 },
    { lose: 0.1, double: 0.1, delayMaxMs: 20 },
    { lose: 0.02, double: 0.3, delayMaxMs: 60 },
  ][pick(4)]!
  crowd.run(10)
  crowd.faults = faults
  for (let step = 0; step < 120; step++) {
    const pair = crowd.pairs[pick(crowd.pairs.length)]!
    const line = crowd.lines[pick(2)]!
    const roll = chance()
    switch (DEEDS.find(([, below]) => roll < below)?.[0]) {
      case 'send':
        for (let left = pick(8); left >= 0; left--) {
          crowd.send(pair, pick(60), chance() < 0.1 ? pick(500) : 1e9)
        }
        break
      case 'cut':
        crowd.cut(line)
        break
      case 'move':
        crowd.move(pair, line)
        break
      case 'there-and-back':
        for (const other of [...crowd.lines, ...crowd.lines]) crowd.move(pair, other)
        break
      case 'again':
        crowd.leave(pair)
        crowd.join(pair, line)
        break
      case 'leave':
        crowd.leave(pair)
        break
      case 'come':
        if (pair.line === undefined) crowd.join(pair, line)
        break
      case 'expel':
        crowd.members(new Set([...crowd.present].filter((pid) => pid !== pair.sender.pid)))
        if (chance() < 0.3) crowd.members(new Set([...crowd.present, pair.sender.pid]))
        break
      case 'readmit':
        crowd.members(crowd.everybody())
        break
      case 'pause':
        crowd.pause()
        break
      case 'resume':
        crowd.resume()
        break
      case 'restart':
        crowd.restart(false)
        break
      case 'bye':
        // A farewell is only as good as the order and the safety of what came before it.
        crowd.restart(faults.lose === 0)
        break
      case 'unreachable':
        line.reachable = !line.reachable
    }
    crowd.run([0, 0, 1, pick(10), pick(100), pick(4_000)][pick(6)]!)
  }
  crowd.faults = { lose: 0, double: 0, delayMaxMs: 0 }
  for (const line of crowd.lines) line.reachable = true
  crowd.members(crowd.everybody())
  crowd.resume()
  for (const pair of crowd.pairs) if (pair.line === undefined) crowd.join(pair, crowd.lines[0]!)
  crowd.run(200_000)
  crowd.resume()
  crowd.run(20_000)
  crowd.judge()
  return crowd
}

describe('many sessions on shared links', () => {
  for (const resend of [false, true]) {
    it(`are taken exactly once and in order, each, resend ${resend}`, { timeout: 600_000 }, () => {
      for (let seed = 1; seed <= RUNS; seed++) {
        const { problems } = mistreat(seed, resend)
        expect([...new Set(problems)].slice(0, 8), `seed ${seed}`).toEqual([])
      }
    })
  }

  it('share frames', () => {
    const crowd = new Crowd(1, 6, false)
    crowd.run(10)
    for (const pair of crowd.pairs) crowd.send(pair, 10, 1e9)
    crowd.run(100)
    expect(crowd).toMatchObject({ frames: 4, runsMost: 3, problems: [] })
  })
})
