/** The dedupe window, compared with an array. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DedupeWindow } from '../../../src/operators/internal/dedupe-window.ts'

describe('DedupeWindow', () => {
  it('adds a key unless it is in an array of the last distinct keys', () => {
    const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 80 })
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 7 }), (keys, size) => {
        const window = new DedupeWindow(size)
        const model: string[] = []
        for (const key of keys) {
          const isNew = !model.includes(key)
          expect(window.add(key)).toBe(isNew)
          if (isNew) model.push(key)
          if (model.length > size) model.shift()
        }
      }),
    )
  })

  it('takes the same time for a large window and a small one', () => {
    const window = new DedupeWindow(50_000)
    let admitted = 0
    for (let key = 0; key < 300_000; key++) if (window.add(String(key))) admitted += 1
    expect(admitted).toBe(300_000)
    expect([window.add('250000'), window.add('249999')]).toEqual([false, true])
  })
})
