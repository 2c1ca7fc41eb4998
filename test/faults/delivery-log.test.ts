/** The checks of `faults/`: every violation is counted. */
import { describe, expect, it } from 'vitest'
// @ts-expect-error plain JavaScript, as all of `faults/`
import { DeliveryLog, ranges } from '../../faults/delivery-log.js'
// @ts-expect-error plain JavaScript, as all of `faults/`
import { compare } from '../../faults/incarnation-logs.js'

/** The summary of sender 1 after these sequence numbers were received. */
function summaryOf(sequences: readonly number[], sent: number): unknown {
  const log = new DeliveryLog()
  for (const sequence of sequences) log.add({ sender: 1, sequence })
  return log.summary(1, sent)
}

const FLAWLESS = { lost: 0, duplicated: 0, reordered: 0, damaged: 0, unsent: 0, gaps: [] }

describe('a delivery log', () => {
  it.each([
    [[0, 1, 2], {}],
    [[0, 1], { lost: 1, gaps: ['2'] }],
    [[], { lost: 3, gaps: ['0-2'] }],
    [[0, 1, 1, 2], { duplicated: 1 }],
    [[1, 0, 2], { reordered: 1 }],
    [[0, 1, 0, 2], { duplicated: 1 }],
    [[0, 1, 2, 3], { unsent: 1 }],
  ])('of %j of 3', (sequences, wrong) => {
    expect(summaryOf(sequences, 3)).toEqual({ ...FLAWLESS, sent: 3, ...wrong })
  })

  it('has a log per sender', () => {
    const log = new DeliveryLog()
    for (const sender of [1, 2]) log.add({ sender, sequence: 0 })
    expect(log.summary(1, 1)).toEqual({ ...FLAWLESS, sent: 1 })
    expect(log.summary(2, 1)).toEqual({ ...FLAWLESS, sent: 1 })
  })

  it('formats consecutive numbers as ranges', () => {
    expect(ranges([1, 2, 3, 5, 8, 9])).toEqual(['1-3', '5', '8-9'])
  })
})

describe('the logs of several incarnations', () => {
  const report = { sent: 4, deadLetters: [], receipts: [], failures: [] }
  const flawless = {
    ...{ lost: [], falseReports: [], duplicated: 0, reordered: 0, redelivered: 0, deadTwice: 0 },
    ...{ unknown: 0, unknownDelivered: 0, unknownMax: 0 },
  }
  const deadLetter = (sequence: number, outcome: string): object => ({
    deadLetters: [[sequence, 'peer-restarted', outcome, 1]],
  })

  it.each<[string, number[][], object, object]>([
    [
      'all were delivered',
      [
        [0, 1],
        [2, 3],
      ],
      {},
      {},
    ],
    ['one was not delivered', [[0, 1], [3]], {}, { lost: [2] }],
    ['one was not delivered and is dead', [[0, 1], [3]], deadLetter(2, 'not-delivered'), {}],
    [
      'one was not delivered and is unknown',
      [[0, 1], [3]],
      deadLetter(2, 'unknown'),
      { unknown: 1, unknownMax: 1 },
    ],
    [
      'one is unknown and was delivered',
      [[0, 1, 2], [3]],
      deadLetter(2, 'unknown'),
      { unknown: 1, unknownDelivered: 1, unknownMax: 1 },
    ],
    [
      'one is reported as not delivered and was delivered',
      [[0, 1, 2], [3]],
      deadLetter(2, 'not-delivered'),
      { falseReports: [[2, 'not-delivered']] },
    ],
    [
      'a receipt without a delivery',
      [[0, 1, 2]],
      { receipts: [3] },
      { lost: [3], falseReports: [3] },
    ],
    [
      'an error without a dead letter',
      [[0, 1, 2, 3]],
      { failures: [[3, 'NOT_DELIVERED']] },
      { falseReports: [[3, 'NOT_DELIVERED']] },
    ],
    [
      'one was delivered to both incarnations',
      [
        [0, 1, 2],
        [2, 3],
      ],
      {},
      { redelivered: 1 },
    ],
    ['one was delivered twice', [[0, 1, 1, 2, 3]], {}, { duplicated: 1 }],
    ['one was delivered late', [[0, 2, 1, 3]], {}, { reordered: 1 }],
  ])('%s', (_, logs, more, wrong) => {
    expect(compare(logs, { ...report, ...more })).toEqual({ ...flawless, ...wrong })
  })
})
