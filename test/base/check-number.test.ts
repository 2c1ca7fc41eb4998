/** checkNumber: accepted values, and messages. */
import { describe, expect, it } from 'vitest'
import { checkNumber } from '../../src/base/check-number.ts'
import type { NumberRule } from '../../src/base/check-number.ts'

function checking(value: unknown, rule: NumberRule): () => void {
  return () => checkNumber('size', value as number, rule)
}

describe('checkNumber', () => {
  it('accepts a number within the rule', () => {
    checkNumber('count', 0, { min: 0, integer: true })
    checkNumber('jitter', 0.5, { min: 0, max: 1 })
    checkNumber('everyMs', 1e9, { min: 1 })
  })

  it('names the expected range and the value', () => {
    expect(checking(1.5, { min: 1, integer: true })).toThrow(
      'size: expected an integer of at least 1, got 1.5',
    )
    expect(checking(NaN, { min: 0 })).toThrow('size: expected a number of at least 0, got NaN')
    expect(checking(2, { min: 0, max: 1 })).toThrow('size: expected a number from 0 to 1, got 2')
    expect(checking('3', { min: 0 })).toThrow(RangeError)
    expect(checking(undefined, { min: 0 })).toThrow(RangeError)
  })
})
