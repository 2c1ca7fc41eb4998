/** jsonFault: line and column of what is not JSON. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { locateJsonError } from '../../src/config/json-error.ts'

it.each([
  ['', 1, 1, 'a value', 'the end of the file'],
  ['{', 1, 2, 'a key in double quotes or }', 'the end of the file'],
  ['{"a":1,}', 1, 8, 'a key in double quotes', '"}"'],
  ['[1,]', 1, 4, 'a value', '"]"'],
  ['[1 2]', 1, 4, ', or ]', '"2"'],
  ['{"a":1]', 1, 7, ', or }', '"]"'],
  ["{'a':1}", 1, 2, 'a key in double quotes or }', '"\'"'],
  ['{"a":tru}', 1, 6, 'a value', '"tru"'],
  ['{"a":01}', 1, 6, 'a value', '"01"'],
  ['{\n  "a": 1\n  "b": 2\n}', 3, 3, ', or }', '"\\""'],
  ['\n\n  {"a" 1}', 3, 8, ':', '"1"'],
  ['{"a":"b\nc"}', 1, 8, 'the " that ends the string', 'the end of the line'],
  ['"\\x"', 1, 2, 'an escape that JSON has, such as \\n or \\\\', '"\\\\"'],
  ['1 // one', 1, 3, 'the end of the file', '"/"'],
])('%j', (text, line, column, expected, got) => {
  expect(locateJsonError(text)).toEqual({ line, column, expected, got })
})

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

it('agrees with JSON.parse on what is JSON', () => {
  const broken = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', ...'{}[]:,"\\ \n0-.eEtrue\u0001\u2028'))
    .map(([text, at, piece]) => {
      const start = at % (text.length + 1)
      return text.slice(0, start) + piece + text.slice(start + (at % 2))
    })
  fc.assert(
    fc.property(fc.oneof(fc.json(), broken, fc.string()), (text) => {
      expect(locateJsonError(text) === undefined).toBe(parses(text))
    }),
    { numRuns: 2_000 },
  )
})

it('does not mind depth', () => {
  expect(locateJsonError('['.repeat(500_000))?.column).toBe(500_001)
})
