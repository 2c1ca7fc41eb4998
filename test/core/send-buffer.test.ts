/** The send buffer against two plain arrays. */
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { SendBuffer } from '../../src/core/send-buffer.ts'

const deed = fc.oneof(
  { weight: 6, arbitrary: fc.constant('push' as const) },
  { weight: 4, arbitrary: fc.constant('send' as const) },
  { weight: 3, arbitrary: fc.constant('acknowledge' as const) },
  { weight: 3, arbitrary: fc.constant('drop' as const) },
  { weight: 1, arbitrary: fc.constant('odd' as const) },
  { weight: 1, arbitrary: fc.constant('unsend' as const) },
  { weight: 1, arbitrary: fc.constantFrom('drainUnacked' as const, 'drainWaiting' as const) },
)

describe('a send buffer', () => {
  it('is two queues, one behind the other', () => {
    const model = fc.property(fc.array(deed, { maxLength: 200, size: 'max' }), (deeds) => {
      const buffer = new SendBuffer<number>()
      let unacked: number[] = []
      let waiting: number[] = []
      let next = 0
      for (const one of deeds) {
        if (one === 'push') {
          buffer.push(next)
          waiting.push(next++)
        } else if (one === 'send' && waiting.length > 0) {
          buffer.send()
          unacked.push(waiting.shift()!)
        } else if (one === 'acknowledge' && unacked.length > 0) {
          expect(buffer.acknowledge()).toBe(unacked.shift())
        } else if (one === 'drop' && waiting.length > 0) {
          expect(buffer.drop()).toBe(waiting.shift())
        } else if (one === 'odd') {
          expect(buffer.retain((item) => item % 2 === 0)).toEqual(
            waiting.filter((item) => item % 2 === 1),
          )
          waiting = waiting.filter((item) => item % 2 === 0)
        } else if (one === 'unsend') {
          buffer.unsend()
          waiting = [...unacked, ...waiting]
          unacked = []
        } else if (one === 'drainUnacked') {
          expect(buffer.drainUnacked()).toEqual(unacked)
          unacked = []
        } else if (one === 'drainWaiting') {
          expect(buffer.drainWaiting()).toEqual(waiting)
          waiting = []
        }
        expect(unacked.map((_, index) => buffer.at(index))).toEqual(unacked)
        expect(waiting.map((_, index) => buffer.waitingAt(index))).toEqual(waiting)
        expect([buffer.unacked, buffer.waiting, buffer.length]).toEqual([
          unacked.length,
          waiting.length,
          unacked.length + waiting.length,
        ])
        expect(buffer.at(unacked.length)).toBeUndefined()
        expect(buffer.waitingAt(waiting.length)).toBeUndefined()
      }
    })
    fc.assert(model, { numRuns: 500 })
  })

  it('drops the oldest in constant time, however much is unacknowledged, and does not grow for it', () => {
    const buffer = new SendBuffer<number>()
    for (let item = 0; item < 100_000; item++) buffer.push(item)
    for (let item = 0; item < 99_990; item++) buffer.send()
    for (let item = 0; item < 300_000; item++) {
      buffer.drop()
      buffer.push(item)
    }
    expect([buffer.unacked, buffer.waiting, buffer.at(0), buffer.waitingAt(9)]).toEqual([
      99_990, 10, 0, 299_999,
    ])
  })
})
