/** describeJsonError: line, column and reason of what is not JSON. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeJsonError } from '../../src/config/json-error.ts'

/** Undefined where the text is JSON. */
function describeError(text: string): string | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    return describeJsonError(text, error)
  }
}

describe('describeJsonError', () => {
  it.each([
    ['', 1, 1, /end of JSON/],
    ['{', 1, 2, /property name or '}'/],
    ['{"a":', 1, 6, /end of JSON/],
    ['{"a":}', 1, 6, /token '}'/],
    ['{"a":1,}', 1, 8, /double-quoted property name/],
    ['[1,]', 1, 4, /token ']'/],
    ['{\n  "peers": [\n    {},\n  ]\n}', 4, 3, /token ']'/],
    ['[1 2]', 1, 4, /',' or ']'/],
    ['{"a":1]', 1, 7, /',' or '}'/],
    ["{'a':1}", 1, 2, /property name or '}'/],
    ['{"a":tru}', 1, 9, /token '}'/],
    ['{"a":01}', 1, 7, /number/],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3, /',' or '}'/],
    ['\n\n  {"a" 1}', 3, 8, /':'/],
    ['{"a":"b\nc"}', 1, 8, /control character/],
    ['"\\x"', 1, 3, /escaped character/],
    ['1 // one', 1, 3, /after JSON/],
    ['nonsense', 1, 2, /token 'o'/],
    ['"in JSON at position 3" x', 1, 25, /after JSON/],
    ['{"in JSON at position 3": x}', 1, 27, /token 'x'/],
  ])('%j', (text, line, column, reason) => {
    const described = describeError(text)
    expect(described).toMatch(new RegExp(`^line ${line}, column ${column}: [A-Z]`))
    expect(described).toMatch(reason)
  })

  it('replaces the position and the excerpt of V8', () => {
    expect(describeError(`[${'1,'.repeat(100)}]`)).toBe("line 1, column 202: Unexpected token ']'")
    expect(describeError('{"a" 1}')).not.toMatch(/position|\(line/)
  })

  it('escapes control characters', () => {
    expect(describeError('[\u0007]')).toContain('\\u0007')
  })

  it('leaves an error of another engine as it is', () => {
    expect(describeJsonError('[x]', new SyntaxError('JSON Parse error'))).toMatch(
      /JSON Parse error$/,
    )
    expect(describeJsonError('[x]', 'thrown')).toMatch(/thrown$/)
  })

  it('finds a position within the text for any broken text', () => {
    const broken = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', ...'{}[]:,"\\ \n0-.eEtrue\u0001\u2028'))
      .map(([text, at, piece]) => {
        const start = at % (text.length + 1)
        return text.slice(0, start) + piece + text.slice(start + (at % 2))
      })
    fc.assert(
      fc.property(fc.oneof(broken, fc.string()), (text) => {
        const described = describeError(text)
        if (described === undefined) return
        const [, line, column] = /^line (\d+), column (\d+): /.exec(described) ?? []
        const before = text.split('\n').slice(0, Number(line) - 1)
        const position = before.join('\n').length + (before.length > 0 ? 1 : 0) + Number(column) - 1
        expect(position).toBeGreaterThanOrEqual(0)
        expect(position).toBeLessThanOrEqual(text.length)
        // What comes before the position can still become JSON: it fails only at its end.
        const prefix = describeError(text.slice(0, position))
        if (prefix !== undefined) expect(prefix).toMatch(`line ${line}, column ${column}: `)
      }),
      { numRuns: 2_000 },
    )
  })

  it('takes little time for 1 MiB, and does not mind depth', () => {
    expect(describeError(`[${'1,\n'.repeat(350_000)}x]`)).toBe(
      "line 350001, column 1: Unexpected token 'x'",
    )
    expect(describeError('['.repeat(500_000))).toMatch(/^line 1, column 500001: /)
  })
})
