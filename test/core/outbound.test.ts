/** The queue of a session: its bounds, its clock, and what has to go. */
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import {
  type Outbound,
  enqueue,
  expire,
  openOutbound,
  withdraw,
  writeNext,
} from '../../src/core/outbound.ts'
import { giveUpAll, rewind, settle } from '../../src/core/settle.ts'
import { type LIMITS, entryOf, senderOf } from './lab.ts'
import { Queue } from '../../src/core/queue.ts'
import { reconcile } from '../../src/core/reconcile.ts'

function session(limits: Partial<typeof LIMITS> = {}): Outbound {
  const out = openOutbound(senderOf(limits), 2, 0)
  out.credit = 1e9
  return out
}

describe('the queue', () => {
  it('drops the newest over bufSize', () => {
    const out = session({ bufSize: 2 })
    const all = [1, 2, 3].map((id) => entryOf(id, 10, 100))
    const dead = all.flatMap((entry) => enqueue(out, entry))
    expect(dead).toMatchObject([{ entry: all[2], reason: 'queue-full', outcome: 'not-delivered' }])
  })

  it('drops the oldest that is not yet written, where so configured', () => {
    const out = session({ bufSize: 2, overflow: 'drop-oldest' })
    const all = [1, 2, 3, 4].map((id) => entryOf(id, 10, 100))
    enqueue(out, all[0]!)
    expect(writeNext(out)).toBe(all[0])
    const dead = all.slice(1).flatMap((entry) => enqueue(out, entry))
    expect(dead).toMatchObject([{ entry: all[1], reason: 'queue-full' }])
    expect(out.mail.at(0)).toBe(all[0])
  })

  it('is bounded in bytes too, and one envelope always fits', () => {
    const out = session({ bufBytes: 50 })
    expect(enqueue(out, entryOf(1, 100, 100))).toEqual([])
    expect(enqueue(out, entryOf(2, 1, 100))).toHaveLength(1)
  })

  it('does not take what its receiver is known not to take', () => {
    const out = session()
    out.maxMessageBytes = 10
    expect(enqueue(out, entryOf(1, 10, 100))).toEqual([])
    expect(enqueue(out, entryOf(2, 11, 100))).toMatchObject([{ reason: 'too-large' }])
  })

  it('forgets what has waited too long, whatever its neighbours do', () => {
    const out = session()
    for (const [id, expiry] of [
      [1, 50],
      [2, 20],
      [3, 90],
    ] as const)
      enqueue(out, entryOf(id, 1, expiry))
    expect(out.nextExpiryMs).toBe(20)
    expect(expire(out, 19)).toEqual([])
    expect(expire(out, 50)).toHaveLength(2)
    expect(out.nextExpiryMs).toBe(90)
    expect(out.waitingBytes).toBe(14)
  })

  it('gives back what is not written, and only that', () => {
    const out = session()
    const [one, two] = [entryOf(1, 1, 9), entryOf(2, 1, 9)]
    enqueue(out, one)
    enqueue(out, two)
    writeNext(out)
    expect(withdraw(out, one)).toBe(undefined)
    expect(withdraw(out, two)).toMatchObject({ entry: two, outcome: 'not-delivered' })
    expect(withdraw(out, two)).toBe(undefined)
  })

  it('says of what was written that its fate is unknown, of the rest that it did not arrive', () => {
    const out = session()
    for (const id of [1, 2, 3]) enqueue(out, entryOf(id, 1, 9))
    writeNext(out)
    const outcomes = giveUpAll(out, 'peer-removed').map(({ outcome }) => outcome)
    expect(outcomes).toEqual(['unknown', 'not-delivered', 'not-delivered'])
    expect(out).toMatchObject({ waitingBytes: 0, unackedBytes: 0 })
  })
})

describe('settling', () => {
  it('tells the taken from the rejected', () => {
    const out = session()
    for (const id of [1, 2, 3]) enqueue(out, entryOf(id, 1, 9))
    while (writeNext(out) !== undefined);
    const rejections = [{ sequence: 2, reason: 'too-large', detail: '9 bytes' } as const]
    const settlement = settle(out, { settled: 3, received: 3, rejections })
    expect(settlement.delivered).toBe(2)
    expect(settlement.dead).toMatchObject([
      { reason: 'rejected', outcome: 'not-delivered', detail: 'too-large: 9 bytes' },
    ])
  })

  it('never settles more than there is, whatever the receiver claims', () => {
    const out = session()
    enqueue(out, entryOf(1, 1, 9))
    writeNext(out)
    expect(settle(out, { settled: 99, received: 99, rejections: [] }).delivered).toBe(1)
    expect(out.settled).toBe(1)
  })

  it('goes back to the first that has not arrived', () => {
    const out = session()
    const all = [1, 2, 3].map((id) => entryOf(id, 1, 9))
    for (const entry of all) enqueue(out, entry)
    while (writeNext(out) !== undefined);
    settle(out, { settled: 0, received: 1, rejections: [] })
    rewind(out)
    expect(writeNext(out)).toBe(all[1])
  })
})

describe('a queue', () => {
  it('does what an array does', () => {
    const deed = fc.oneof({ weight: 2, arbitrary: fc.nat() }, fc.constant('shift' as const))
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 200 }), (deeds) => {
        const queue = new Queue<number>()
        const array: number[] = []
        for (const one of deeds) {
          if (one === 'shift') expect(queue.shift()).toBe(array.shift())
          else {
            queue.push(one)
            array.push(one)
          }
          expect(Array.from({ length: queue.length }, (_, index) => queue.at(index))).toEqual(array)
        }
        expect(queue.drain()).toEqual(array)
        expect([queue.length, queue.shift(), queue.at(0)]).toEqual([0, undefined, undefined])
      }),
    )
  })
})

describe('reconcile(open, wanted)', () => {
  const peers = (...all: [number, string][]): Map<number, { pid: number; endpoint: string }> =>
    new Map(all.map(([pid, endpoint]) => [pid, { pid, endpoint }]))
  const table: [string, [number, string][], [number, string][], object][] = [
    ['nothing to do', [[1, 'a']], [[1, 'a']], { close: [], open: [], move: [] }],
    ['a new peer', [], [[1, 'a']], { close: [], open: [{ pid: 1, endpoint: 'a' }], move: [] }],
    ['a peer less', [[1, 'a']], [], { close: [1], open: [], move: [] }],
    [
      'another address',
      [[1, 'a']],
      [[1, 'b']],
      { close: [], open: [], move: [{ pid: 1, endpoint: 'b' }] },
    ],
    [
      'all at once',
      [
        [1, 'a'],
        [2, 'b'],
      ],
      [
        [2, 'c'],
        [3, 'd'],
      ],
      { close: [1], open: [{ pid: 3, endpoint: 'd' }], move: [{ pid: 2, endpoint: 'c' }] },
    ],
  ]
  it.each(table)('%s', (_, open, wanted, expected) => {
    expect(reconcile(new Map(open), peers(...wanted))).toEqual(expected)
  })
})
