/** describeValue, formatPath and truncate: values and paths in messages. */
import { describe, expect, it } from 'vitest'
import { describeValue, formatPath, truncate } from '../../src/base/describe-value.ts'

describe('describeValue', () => {
  it('is short for every kind of value', () => {
    const made = [[1, 2], new Uint8Array(3), new Date(0), {}, null, undefined, Number.NaN]
    expect(['a', 1n, () => {}, Symbol('s'), ...made].map(describeValue)).toEqual([
      '"a"',
      '1n',
      'a function',
      'a symbol',
      'an array of 2',
      '3 bytes',
      'a date',
      'an object',
      'null',
      'undefined',
      'NaN',
    ])
  })

  it('cuts long texts and bigints', () => {
    expect(describeValue('x'.repeat(1_000))).toBe(`"${'x'.repeat(59)}…"`)
    expect(describeValue(10n ** 1_000n)).toHaveLength(61)
  })
})

describe('truncate', () => {
  it('keeps texts up to the limit', () => {
    expect(truncate('abc', 3)).toBe('abc')
    expect(truncate('abcd', 3)).toBe('ab…')
  })
})

describe('formatPath', () => {
  it.each([
    ['msg', [], 'msg'],
    ['msg', ['votes', 2, 'pid'], 'msg.votes[2].pid'],
    ['msg', ['a b', '2', ''], 'msg["a b"]["2"][""]'],
    ['', ['peers', 0, 'pid'], 'peers[0].pid'],
    ['', [0, 'pid'], '[0].pid'],
    ['', ['é', '$a', '_b'], 'é.$a._b'],
    ['msg', ['x'.repeat(61)], `msg["${'x'.repeat(59)}…"]`],
  ])('%j and %j', (root, keys, path) => {
    expect(formatPath(root, keys)).toBe(path)
  })
})
