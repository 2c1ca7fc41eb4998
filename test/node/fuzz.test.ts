/** Random faults in small clusters. More seeds: `SEEDS=200 npx vitest run test/node/fuzz`. */
import { Fuzz, type FuzzOptions } from './fuzz.ts'
import { describe, expect, it } from 'vitest'

const SEEDS = Number(process.env['SEEDS'] ?? 6)

const modes: Record<string, FuzzOptions> = {
  'cuts and pauses': {},
  'tiny queues and windows': { small: true },
  'processes that end': { kills: true, small: true },
  'processes that end, and envelopes that follow their pid': { kills: true, resend: true },
  'peers that come and go': { members: true },
  'peers that come and go, from within callbacks': { members: true, reentrant: true, small: true },
  'peers that move': { moves: true, kills: true },
  'callbacks that act': { reentrant: true, kills: true },
  'shared links': { shared: true, members: true, reentrant: true },
  'shared links of nodes that end': { shared: true, kills: true, members: true },
  twins: { duplicatePids: true, small: true },
  'twins, moves and callbacks': {
    duplicatePids: true,
    members: true,
    reentrant: true,
    moves: true,
  },
  everything: {
    members: true,
    moves: true,
    kills: true,
    reentrant: true,
    small: true,
    resend: true,
  },
}

describe('every envelope is delivered once and in order, or dead with a true outcome, under', () => {
  it.each(Object.entries(modes))('%s', { timeout: 600_000 }, (_, options) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      expect(new Fuzz(seed, options).run(), `seed ${seed}`).toEqual([])
    }
  })
})
