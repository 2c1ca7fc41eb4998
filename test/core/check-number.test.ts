/** checkNumber: what it lets through, and what it says otherwise. */
import { describe, expect, it } from 'vitest'
import { checkNumber } from '../../src/core/check-number.ts'
import type { NumberRule } from '../../src/core/check-number.ts'

function refused(value: unknown, rule: NumberRule): () => void {
  return () => checkNumber('size', value as number, rule)
}

describe('checkNumber', () => {
  it('lets through what fits', () => {
    checkNumber('count', 0, { least: 0, whole: true })
    checkNumber('jitter', 0.5, { least: 0, most: 1 })
    checkNumber('everyMs', 1e9, { least: 1 })
  })

  it('says what was expected and what it got', () => {
    expect(refused(1.5, { least: 1, whole: true })).toThrow(
      'size: expected an integer of at least 1, got 1.5',
    )
    expect(refused(NaN, { least: 0 })).toThrow('size: expected a number of at least 0, got NaN')
    expect(refused(2, { least: 0, most: 1 })).toThrow('size: expected a number from 0 to 1, got 2')
    expect(refused('3', { least: 0 })).toThrow(RangeError)
    expect(refused(undefined, { least: 0 })).toThrow(RangeError)
  })
})
