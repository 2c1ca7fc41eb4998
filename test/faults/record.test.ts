/** The checkers of `faults/`: what is wrong is counted, whatever it is. */
import { describe, expect, it } from 'vitest'
// @ts-expect-error plain JavaScript, as all of `faults/`
import { Record as Seen, runs } from '../../faults/record.js'
// @ts-expect-error plain JavaScript, as all of `faults/`
import { compare } from '../../faults/lives.js'

/** What a record says of sender 1, which sent so many. */
function tally(sequences: readonly number[], sent: number): unknown {
  const record = new Seen()
  for (const sequence of sequences) record.take({ sender: 1, sequence })
  return record.tally(1, sent)
}

const FLAWLESS = { lost: 0, duplicated: 0, reordered: 0, damaged: 0, invented: 0, holes: [] }

describe('a record', () => {
  it.each([
    [[0, 1, 2], {}],
    [[0, 1], { lost: 1, holes: ['2'] }],
    [[], { lost: 3, holes: ['0-2'] }],
    [[0, 1, 1, 2], { duplicated: 1 }],
    [[1, 0, 2], { reordered: 1 }],
    [[0, 1, 0, 2], { duplicated: 1 }],
    [[0, 1, 2, 3], { invented: 1 }],
  ])('of %j of 3', (sequences, wrong) => {
    expect(tally(sequences, 3)).toEqual({ ...FLAWLESS, sent: 3, ...wrong })
  })

  it('keeps senders apart', () => {
    const record = new Seen()
    for (const sender of [1, 2]) record.take({ sender, sequence: 0 })
    expect(record.tally(1, 1)).toEqual({ ...FLAWLESS, sent: 1 })
    expect(record.tally(2, 1)).toEqual({ ...FLAWLESS, sent: 1 })
  })

  it('runs are drawn together', () => {
    expect(runs([1, 2, 3, 5, 8, 9])).toEqual(['1-3', '5', '8-9'])
  })
})

describe('the logs of several lives', () => {
  const told = { sent: 4, letters: [], receipts: [], refusals: [] }
  const right = { lost: [], lies: [], duplicated: 0, reordered: 0, again: 0, deadTwice: 0 }
  const fine = { ...right, unknown: 0, unknownTaken: 0, unknownMost: 0 }
  const letter = (sequence: number, outcome: string): object => ({
    letters: [[sequence, 'peer-restarted', outcome, 1]],
  })

  it.each<[string, number[][], object, object]>([
    [
      'all came',
      [
        [0, 1],
        [2, 3],
      ],
      {},
      {},
    ],
    ['one came nowhere', [[0, 1], [3]], {}, { lost: [2] }],
    ['and is dead', [[0, 1], [3]], letter(2, 'not-delivered'), {}],
    ['or unknown', [[0, 1], [3]], letter(2, 'unknown'), { unknown: 1, unknownMost: 1 }],
    [
      'unknown, and had come',
      [[0, 1, 2], [3]],
      letter(2, 'unknown'),
      { unknown: 1, unknownTaken: 1, unknownMost: 1 },
    ],
    [
      'said not to have come',
      [[0, 1, 2], [3]],
      letter(2, 'not-delivered'),
      { lies: [[2, 'not-delivered']] },
    ],
    ['a receipt of nobody', [[0, 1, 2]], { receipts: [3] }, { lost: [3], lies: [3] }],
    [
      'an error of nothing',
      [[0, 1, 2, 3]],
      { refusals: [[3, 'NOT_DELIVERED']] },
      { lies: [[3, 'NOT_DELIVERED']] },
    ],
    [
      'in both lives',
      [
        [0, 1, 2],
        [2, 3],
      ],
      {},
      { again: 1 },
    ],
    ['twice in a life', [[0, 1, 1, 2, 3]], {}, { duplicated: 1 }],
    ['late', [[0, 2, 1, 3]], {}, { reordered: 1 }],
  ])('%s', (_, incarnations, more, wrong) => {
    expect(compare(incarnations, { ...told, ...more })).toEqual({ ...fine, ...wrong })
  })
})
