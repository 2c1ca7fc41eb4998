/** SmallMap compared with `Map`. */
import { expect, it } from 'vitest'
import fc from 'fast-check'
import { SmallMap } from '../../src/base/small-map.ts'

const key = fc.integer({ min: 0, max: 4 })
const action = fc.oneof(
  fc.record({ do: fc.constant('set' as const), key, value: fc.nat() }),
  fc.record({ do: fc.constant('delete' as const), key }),
)

it('behaves as Map, in the same order', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
      const [small, plain] = [new SmallMap<number, number>(), new Map<number, number>()]
      for (const action of actions) {
        if (action.do === 'delete') expect(small.delete(action.key)).toBe(plain.delete(action.key))
        else {
          small.set(action.key, action.value)
          plain.set(action.key, action.value)
        }
        expect(small.size).toBe(plain.size)
        expect([...small.values()]).toEqual([...plain.values()])
        expect(small.first).toBe([...plain.values()][0])
        for (let any = 0; any <= 5; any++) {
          expect(small.get(any)).toBe(plain.get(any))
          expect(small.has(any)).toBe(plain.has(any))
        }
      }
    }),
  )
})
