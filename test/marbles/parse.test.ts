/** The parser of marble tests, and its error messages. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { notation, marbleTest } from './arbitraries.ts'
import { parseNotation, renderNotation } from '../../src/testing/marbles/notation.ts'
import { fileComments, parseMarbleTests } from '../../src/testing/marbles/parse.ts'
import { renderMarbleTest } from '../../src/testing/marbles/render.ts'

const FILE = `// about all of them

// about the first
# a title
dedupe 3 mode=x
source    -a-b-|
subscribe ^-----
a = 2/7f as b: {"a": 1} re c
# = PEER_DOWN
----
result    -a-B-|
B = to all: [1] re 1000 ttl 50
# in result = CLOSED
# another title
broadcast
----
`

describe('a file of marble tests', () => {
  it('is parsed into marble tests with their lines', () => {
    const [first, second] = parseMarbleTests(FILE, 'some.txt')
    expect(first).toMatchObject({
      test: {
        title: 'a title',
        comments: ['about the first'],
        call: { name: 'dedupe', args: ['3'], options: { mode: 'x' } },
        given: {
          lanes: [{ name: 'source' }, { name: 'subscribe' }],
          definitions: [
            {
              letter: 'a',
              value: {
                kind: 'envelope',
                pid: 2,
                incarnation: '7f',
                as: 'b',
                json: '{"a":1}',
                re: 'c',
              },
            },
          ],
          failures: [{ error: 'PEER_DOWN' }],
        },
        expected: {
          definitions: [
            { value: { kind: 'outgoing', to: 'all', json: '[1]', re: 1000, ttlMs: 50 } },
          ],
          failures: [{ lane: 'result', error: 'CLOSED' }],
        },
      },
      range: { path: 'some.txt', firstLine: 3, separatorLine: 10, lastLine: 13 },
    })
    expect(second).toMatchObject({
      test: { title: 'another title', call: { name: 'broadcast' } },
      range: { firstLine: 14, separatorLine: 16, lastLine: 16 },
    })
    expect(fileComments(FILE)).toEqual(['about all of them'])
  })

  it.each([
    ['dedupe 3\nsource -a\n----', 1, 'a marble test begins with a title'],
    ['# a title\n----', 1, 'the line after the title must be a command'],
    ['# a title\ndedupe 3\nsource -a', 1, 'the marble test has no line "----"'],
    ['# a title\n-a-b-|\n----', 2, '"-a-b-|" is not a command'],
    ['# a title\ndedupe\n-a-b\n----', 3, 'cannot parse "-a-b": write a lane'],
    ['# a title\ndedupe\nsource -1-\n----', 3, 'in the lane "source": "1" is not a mark'],
    ['# a title\ndedupe\nsource -a\nsource -a\n----', 4, 'there are two lanes "source"'],
    ['# a title\ndedupe\nab = 1\n----', 3, '"ab" is not a single letter'],
    ['# a title\ndedupe\na = 1\na = 2\n----', 4, '"a" is defined twice'],
    ['# a title\ndedupe\na = 1\n----\nresult -\na = 2', 6, '"a" is already defined above the line'],
    [
      '# a title\ndedupe\n----\nresult -\n// why',
      5,
      'only lanes, values and errors may follow "----"',
    ],
    ['\n\n# a title\ndedupe\n----\nresult -\n\nresult2 -', 8, 'the marble test has no line'],
  ])('%j is invalid in line %i', (text, line, problem) => {
    expect(() => parseMarbleTests(text, 'bad.txt')).toThrow(`bad.txt:${line}: `)
    expect(() => parseMarbleTests(text, 'bad.txt')).toThrow(problem)
  })
})

describe('the headers of a value', () => {
  it('are an object of texts behind the message, in front of re and ttl', () => {
    expect(parseNotation('2: "a with {}" with { "x": "y with {}" } re c')).toEqual({
      kind: 'envelope',
      pid: 2,
      json: '"a with {}"',
      headers: '{"x":"y with {}"}',
      re: 'c',
    })
    for (const headers of ['1', '["x"]', '{"x":1}', 'x', '', '{"x":"y"} with {}']) {
      const text = `to 2: "a" with ${headers}`
      expect(parseNotation(text)).toEqual({ kind: 'literal', text })
    }
  })
})

describe('rendering', () => {
  it('of a value is inverse to parsing', () => {
    fc.assert(
      fc.property(notation, (value) => {
        expect(parseNotation(renderNotation(value))).toEqual(value)
      }),
    )
  })

  it('of marble tests is inverse to parsing', () => {
    fc.assert(
      fc.property(fc.array(marbleTest, { maxLength: 3 }), (marbleTests) => {
        const text = marbleTests.map(renderMarbleTest).join('\n\n')
        const parsed = parseMarbleTests(text, 'x.txt')
        expect(parsed.map((located) => located.test)).toEqual(marbleTests)
      }),
    )
  })
})
