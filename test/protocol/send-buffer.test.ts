/** SendBuffer compared with two arrays. */
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { SendBuffer } from '../../src/protocol/session/send-buffer.ts'

const action = fc.oneof(
  { weight: 6, arbitrary: fc.constant('push' as const) },
  { weight: 4, arbitrary: fc.constant('send' as const) },
  { weight: 3, arbitrary: fc.constant('acknowledge' as const) },
  { weight: 3, arbitrary: fc.constant('drop' as const) },
  { weight: 1, arbitrary: fc.constant('retainEven' as const) },
  { weight: 1, arbitrary: fc.constant('requeueSent' as const) },
  { weight: 1, arbitrary: fc.constantFrom('drainUnacked' as const, 'drainQueued' as const) },
)

describe('SendBuffer', () => {
  it('behaves as two queues, one behind the other', () => {
    const model = fc.property(fc.array(action, { maxLength: 200, size: 'max' }), (actions) => {
      const buffer = new SendBuffer<number>()
      let unacked: number[] = []
      let queued: number[] = []
      let next = 0
      for (const action of actions) {
        if (action === 'push') {
          buffer.push(next)
          queued.push(next++)
        } else if (action === 'send' && queued.length > 0) {
          buffer.markSent()
          unacked.push(queued.shift()!)
        } else if (action === 'acknowledge' && unacked.length > 0) {
          expect(buffer.acknowledge()).toBe(unacked.shift())
        } else if (action === 'drop' && queued.length > 0) {
          expect(buffer.dropOldestQueued()).toBe(queued.shift())
        } else if (action === 'retainEven') {
          expect(buffer.retain((item) => item % 2 === 0)).toEqual(
            queued.filter((item) => item % 2 === 1),
          )
          queued = queued.filter((item) => item % 2 === 0)
        } else if (action === 'requeueSent') {
          buffer.requeueSent()
          queued = [...unacked, ...queued]
          unacked = []
        } else if (action === 'drainUnacked') {
          expect(buffer.drainUnacked()).toEqual(unacked)
          unacked = []
        } else if (action === 'drainQueued') {
          expect(buffer.drainQueued()).toEqual(queued)
          queued = []
        }
        expect(unacked.map((_, index) => buffer.at(index))).toEqual(unacked)
        expect(queued.map((_, index) => buffer.queuedAt(index))).toEqual(queued)
        expect([buffer.unacked, buffer.queued, buffer.length]).toEqual([
          unacked.length,
          queued.length,
          unacked.length + queued.length,
        ])
        expect(buffer.at(unacked.length)).toBeUndefined()
        expect(buffer.queuedAt(queued.length)).toBeUndefined()
      }
    })
    fc.assert(model, { numRuns: 500 })
  })

  it('drops the oldest queued item in constant time, without growing', () => {
    const buffer = new SendBuffer<number>()
    for (let item = 0; item < 100_000; item++) buffer.push(item)
    for (let item = 0; item < 99_990; item++) buffer.markSent()
    for (let item = 0; item < 300_000; item++) {
      buffer.dropOldestQueued()
      buffer.push(item)
    }
    expect([buffer.unacked, buffer.queued, buffer.at(0), buffer.queuedAt(9)]).toEqual([
      99_990, 10, 0, 299_999,
    ])
  })
})
