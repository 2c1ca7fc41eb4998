/** The queue of a session: its bounds, its clock, and what has to go. */
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import {
  type OutboundSession,
  enqueue,
  expire,
  createOutboundSession,
  cancel,
  sendNext,
} from '../../src/protocol/session/outbound-session.ts'
import { failAll, rewind, applyReport } from '../../src/protocol/session/settlement.ts'
import { type LIMITS, entryOf, localNodeOf } from './session-harness.ts'
import { RingQueue } from '../../src/base/ring-queue.ts'
import { reconcile } from '../../src/node/reconcile.ts'

function createSession(limits: Partial<typeof LIMITS> = {}): OutboundSession {
  const session = createOutboundSession(localNodeOf(limits), 2, 0)
  session.credit = 1e9
  return session
}

describe('the queue', () => {
  it('drops the newest over bufSize', () => {
    const session = createSession({ bufSize: 2 })
    const all = [1, 2, 3].map((id) => entryOf(id, 10, 100))
    const dead = all.flatMap((entry) => enqueue(session, entry))
    expect(dead).toMatchObject([{ entry: all[2], reason: 'queue-full', outcome: 'not-delivered' }])
  })

  it('drops the oldest that is not yet written, where so configured', () => {
    const session = createSession({ bufSize: 2, overflow: 'drop-oldest' })
    const all = [1, 2, 3, 4].map((id) => entryOf(id, 10, 100))
    enqueue(session, all[0]!)
    expect(sendNext(session)).toBe(all[0])
    const dead = all.slice(1).flatMap((entry) => enqueue(session, entry))
    expect(dead).toMatchObject([{ entry: all[1], reason: 'queue-full' }])
    expect(session.buffer.at(0)).toBe(all[0])
  })

  it('is bounded in bytes too, and one envelope always fits', () => {
    const session = createSession({ bufBytes: 50 })
    expect(enqueue(session, entryOf(1, 100, 100))).toEqual([])
    expect(enqueue(session, entryOf(2, 1, 100))).toHaveLength(1)
  })

  it('does not take what its receiver is known not to take', () => {
    const session = createSession()
    session.maxMessageBytes = 10
    expect(enqueue(session, entryOf(1, 10, 100))).toEqual([])
    expect(enqueue(session, entryOf(2, 11, 100))).toMatchObject([{ reason: 'too-large' }])
  })

  it('forgets what has waited too long, whatever its neighbours do', () => {
    const session = createSession()
    for (const [id, expiry] of [
      [1, 50],
      [2, 20],
      [3, 90],
    ] as const)
      enqueue(session, entryOf(id, 1, expiry))
    expect(session.nextExpiryMs).toBe(20)
    expect(expire(session, 19)).toEqual([])
    expect(expire(session, 50)).toHaveLength(2)
    expect(session.nextExpiryMs).toBe(90)
    expect(session.queuedBytes).toBe(14)
  })

  it('gives back what is not written, and only that', () => {
    const session = createSession()
    const [action, two] = [entryOf(1, 1, 9), entryOf(2, 1, 9)]
    enqueue(session, action)
    enqueue(session, two)
    sendNext(session)
    expect(cancel(session, action)).toBe(undefined)
    expect(cancel(session, two)).toMatchObject({ entry: two, outcome: 'not-delivered' })
    expect(cancel(session, two)).toBe(undefined)
  })

  it('says of what was written that its fate is unknown, of the rest that it did not arrive', () => {
    const session = createSession()
    for (const id of [1, 2, 3]) enqueue(session, entryOf(id, 1, 9))
    sendNext(session)
    const outcomes = failAll(session, 'peer-removed').map(({ outcome }) => outcome)
    expect(outcomes).toEqual(['unknown', 'not-delivered', 'not-delivered'])
    expect(session).toMatchObject({ queuedBytes: 0, unackedBytes: 0 })
  })
})

describe('settling', () => {
  it('tells the taken from the rejected', () => {
    const session = createSession()
    for (const id of [1, 2, 3]) enqueue(session, entryOf(id, 1, 9))
    while (sendNext(session) !== undefined);
    const rejections = [{ sequence: 2, reason: 'too-large', detail: '9 bytes' } as const]
    const settlement = applyReport(session, { settled: 3, received: 3, rejections })
    expect(settlement.delivered).toBe(2)
    expect(settlement.dead).toMatchObject([
      { reason: 'rejected', outcome: 'not-delivered', detail: 'too-large: 9 bytes' },
    ])
  })

  it('never settles more than there is, whatever the receiver claims', () => {
    const session = createSession()
    enqueue(session, entryOf(1, 1, 9))
    sendNext(session)
    expect(applyReport(session, { settled: 99, received: 99, rejections: [] }).delivered).toBe(1)
    expect(session.settled).toBe(1)
  })

  it('goes back to the first that has not arrived', () => {
    const session = createSession()
    const all = [1, 2, 3].map((id) => entryOf(id, 1, 9))
    for (const entry of all) enqueue(session, entry)
    while (sendNext(session) !== undefined);
    applyReport(session, { settled: 0, received: 1, rejections: [] })
    rewind(session)
    expect(sendNext(session)).toBe(all[1])
  })
})

describe('a queue', () => {
  it('does what an array does', () => {
    const action = fc.oneof({ weight: 2, arbitrary: fc.nat() }, fc.constant('shift' as const))
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const queue = new RingQueue<number>()
        const array: number[] = []
        for (const action of actions) {
          if (action === 'shift') expect(queue.shift()).toBe(array.shift())
          else {
            queue.push(action)
            array.push(action)
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
