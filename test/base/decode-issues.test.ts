/** formatIssues: the errors of decoders as readable lines. */
import fc from 'fast-check'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { formatIssues } from '../../src/base/decode-issues.ts'

const FORMAT = { root: 'msg', max: 20 }

function issues(codec: t.Decoder<unknown, unknown>, value: unknown): readonly string[] {
  const decoded = codec.decode(value)
  return 'left' in decoded ? formatIssues(decoded.left, FORMAT) : []
}

describe('formatIssues, for io-ts', () => {
  it('names the path through objects, arrays, dictionaries and tuples', () => {
    const votes = t.array(t.type({ pid: t.number }))
    const codec = t.type({ votes, log: t.record(t.string, t.Int) })
    expect(issues(codec, { votes: [{ pid: 1 }, { pid: null }], log: { 'a b': 1.5 } })).toEqual([
      'msg.votes[1].pid: expected number, got null',
      'msg.log["a b"]: expected Int, got 1.5',
    ])
    expect(issues(t.tuple([t.string]), [7])).toEqual(['msg[0]: expected string, got 7'])
  })

  it('leaves members of unions and intersections out of the path', () => {
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

  it('names the root when the whole value is wrong', () => {
    expect(issues(t.type({ a: t.string }), 'hi')).toEqual(['msg: expected { a: string }, got "hi"'])
  })

  it('stays short for any number of issues', () => {
    const lines = issues(t.array(t.string), Array.from({ length: 5_000 }))
    expect(lines).toHaveLength(21)
    expect(lines.at(-1)).toBe('msg: … and 4980 more')
    const keys = Array.from({ length: 99 }, (_, n) => `key${n}`)
    const wide = t.type(Object.fromEntries(keys.map((key) => [key, t.string])))
    expect(issues(wide, 'x'.repeat(9_999))[0]?.length).toBeLessThan(160)
  })
})

describe('formatIssues, for other decoders', () => {
  it('reads strings, errors, and objects with a path and a message', () => {
    expect(formatIssues('too late', FORMAT)).toEqual(['too late'])
    expect(formatIssues(new Error('too late'), FORMAT)).toEqual(['msg: too late'])
    expect(formatIssues([{ path: ['votes', 0], message: 'wrong' }], FORMAT)).toEqual([
      'msg.votes[0]: wrong',
    ])
  })

  it('formats anything without throwing', () => {
    fc.assert(
      fc.property(fc.anything(), (error) => {
        const lines = formatIssues(error, FORMAT)
        expect(lines.length).toBeGreaterThan(0)
        for (const line of lines) expect(typeof line).toBe('string')
      }),
    )
  })
})

describe('formatIssues, without a root', () => {
  it('begins a path with its first key, and names the whole input', () => {
    const codec = t.type({ a: t.array(t.string) })
    const format = (value: unknown): readonly string[] => {
      const decoded = codec.decode(value)
      return 'left' in decoded ? formatIssues(decoded.left, { whole: 'config' }) : []
    }
    expect(format({ a: ['x', 1] })).toEqual(['a[1]: expected string, got 1'])
    expect(format(7)).toEqual(['config: expected { a: Array<string> }, got 7'])
  })
})
