/** issuesOf: readable lines from whatever a decoder complains of. */
import fc from 'fast-check'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { describeValue, formatIssues } from '../../../src/operators/internal/decode-issues.ts'

function issues(codec: t.Decoder<unknown, unknown>, value: unknown): readonly string[] {
  const decoded = codec.decode(value)
  return 'left' in decoded ? formatIssues(decoded.left, 'msg') : []
}

describe('issuesOf, for io-ts', () => {
  it('walks into objects, arrays, dictionaries and tuples', () => {
    const votes = t.array(t.type({ pid: t.number }))
    const codec = t.type({ votes, log: t.record(t.string, t.Int) })
    expect(issues(codec, { votes: [{ pid: 1 }, { pid: null }], log: { 'a b': 1.5 } })).toEqual([
      'msg.votes[1].pid: expected number, got null',
      'msg.log["a b"]: expected Int, got 1.5',
    ])
    expect(issues(t.tuple([t.string]), [7])).toEqual(['msg[0]: expected string, got 7'])
  })

  it('leaves out the members of unions and intersections, which are not in the value', () => {
    const both = t.intersection([t.type({ a: t.string }), t.partial({ b: t.number })])
    const within = t.exact(t.intersection([t.type({ a: t.string }), both]))
    expect(issues(t.type({ x: within }), { x: {} })).toEqual([
      'msg.x.a: expected string, got undefined',
    ])
    expect(issues(t.type({ x: t.union([t.string, t.number]) }), { x: true })).toEqual([
      'msg.x: expected string, got true',
      'msg.x: expected number, got true',
    ])
    type Tree = number | Tree[]
    const Tree: t.Type<Tree> = t.recursion('Tree', () => t.union([t.number, t.array(Tree)]))
    expect(issues(Tree, [[true]])).toContain('msg[0][0]: expected number, got true')
  })

  it('names the whole message when all of it is wrong', () => {
    expect(issues(t.type({ a: t.string }), 'hi')).toEqual(['msg: expected { a: string }, got "hi"'])
  })

  it('stays short, however much is wrong', () => {
    const lines = issues(t.array(t.string), Array.from({ length: 5_000 }))
    expect(lines).toHaveLength(21)
    expect(lines.at(-1)).toBe('msg: … and 4980 more')
    const keys = Array.from({ length: 99 }, (_, n) => `key${n}`)
    const wide = t.type(Object.fromEntries(keys.map((key) => [key, t.string])))
    expect(issues(wide, 'x'.repeat(9_999))[0]?.length).toBeLessThan(160)
  })
})

describe('issuesOf, for others', () => {
  it('reads strings, errors, and what has a path and a message', () => {
    expect(formatIssues('too late', 'msg')).toEqual(['too late'])
    expect(formatIssues(new Error('too late'), 'msg')).toEqual(['msg: too late'])
    expect(formatIssues([{ path: ['votes', 0], message: 'wrong' }], 'msg')).toEqual([
      'msg.votes[0]: wrong',
    ])
  })

  it('says something of anything, and never throws', () => {
    fc.assert(
      fc.property(fc.anything(), (error) => {
        const lines = formatIssues(error, 'msg')
        expect(lines.length).toBeGreaterThan(0)
        for (const line of lines) expect(typeof line).toBe('string')
      }),
    )
  })
})

describe('a value in words', () => {
  it('is short for every kind of value', () => {
    const made = [[1, 2], new Uint8Array(3), new Date(0), {}, null]
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
    ])
  })
})
