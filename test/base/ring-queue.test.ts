/** RingQueue compared with an array. */
import { expect, it } from 'vitest'
import fc from 'fast-check'
import { RingQueue } from '../../src/base/ring-queue.ts'

it('behaves as an array', () => {
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
