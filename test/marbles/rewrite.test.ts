/** Tests of the runner: what it draws, how it rewrites, and how it says that a drawing is wrong. */
import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from './commands/registry.ts'
import { sideBySide } from '../../src/testing/marbles/diff.ts'
import { parseMarbleTests } from '../../src/testing/marbles/parse.ts'
import { compareMarbleTest, rewriteMarbleTests } from '../../src/testing/marbles/rewrite.ts'

const redrawn = (text: string): string =>
  rewriteMarbleTests(text, 'x.txt', COMMANDS).split('----\n')[1] ?? ''

const WRONG = `# a wrong drawing
dedupe 3
source -a-a-b-|
----
result -a-a-b-|
`

describe('rewriting', () => {
  it('redraws what is below the line, aligns the lanes above, and touches nothing else', () => {
    const text = `//  odd   spacing stays\n\n\n${WRONG}\n# another\ndedupe  1\nsource  -a#\n----\n`
    expect(rewriteMarbleTests(text, 'x.txt', COMMANDS)).toBe(
      text
        .replace('result -a-a-b-|', 'result -a---b-|')
        .replace('source  -a#\n----\n', 'source -a#\n----\nresult -a#\n'),
    )
  })

  it('changes nothing the second time', () => {
    const folder = new URL('../../marbles/operators/', import.meta.url)
    for (const name of readdirSync(folder)) {
      const bare = readFileSync(new URL(name, folder), 'utf8').replaceAll(
        /(?<=^----\n)(.+\n)+/gm,
        '',
      )
      const once = rewriteMarbleTests(bare, name, COMMANDS)
      expect(rewriteMarbleTests(once, name, COMMANDS)).toBe(once)
    }
  })

  it('says in two columns where the file and what came out differ', () => {
    const shown = parseMarbleTests(WRONG, 'x.txt').map((located) => {
      const { expected: written, actual: lines } = compareMarbleTest(WRONG, located, COMMANDS)
      return sideBySide(written, lines)
    })
    expect(shown).toEqual([
      '  the file says   | what came out\n  result -a-a-b-| | result -a---b-|   <<<',
    ])
  })
})

describe('what is drawn', () => {
  it('uses the letters above the line', () => {
    const text = '# t\ntoPeer 2\nsource -a-b-|\nx = to 2: "b"\n----\n'
    expect(redrawn(text)).toBe('result -A-x-|\nA = to 2: "a"\n')
  })

  it('keeps the letters below the line that still fit, and drops the others', () => {
    const text = '# t\ntoPeer 2\nsource -a-b-|\n----\nresult -\ny = to 2: "a"\nz = to 2: "gone"\n'
    expect(redrawn(text)).toBe('result -y-B-|\ny = to 2: "a"\nB = to 2: "b"\n')
  })

  it('draws the visits of a lane that is named again below the line', () => {
    const text = '# t\ndedupe 1\nsource -a-b-\nsubscribe --^-!\n----\nsource\n'
    expect(redrawn(text)).toBe('result    ---b\nsource    --^-!\n')
  })

  it('names each error where they differ, and once where they do not', () => {
    const head = '# t\ndedupe 1\nsource -a--#\nsecond --^\n# in source = PEER_DOWN\n----\n'
    expect(redrawn(head)).toBe('result  -a--#\nresult2 ----#\n# = PEER_DOWN\n')
    const differ = '# t\nheartbeat 3 throws=1\nsecond -^\nsubscribe ^--!\n----\n'
    expect(redrawn(differ)).toBe('result    p--\nresult2   -p--#\np = 0\n# = beat 1 failed\n')
  })

  it.each([
    ['# t\nnothing 3\n----', 'there is no command "nothing"; there are broadcast'],
    ['# t\ndedupe 3\n----', 'the command "dedupe" needs a lane "source"'],
    ['# t\ndedupe\nsource -\n----', 'the command "dedupe" needs a word in place 1'],
    ['# t\ndedupe 3 4 x=1\nsource -\nother -\n----', '"4", "x", "other" means nothing here'],
    ['# t\nheartbeat 3\n----', 'a result does not end: cut it with'],
    [
      '# t\ndetectFailures everyMs=3\nsource (ab)---|\nb = 3: 1\n----',
      'lies under the group before',
    ],
    ['# t\nrequest q\n----', '"q" is not defined above the line'],
    ['# t\ntoPeer 2\nsource -a\na = nonsense\n----', '"nonsense" is no value'],
    ['# t\nretryBackoff count=many\nsource -\n----', 'the option "count=many" is not a number'],
  ])('%j is refused: %s', (text, problem) => {
    const run = () => rewriteMarbleTests(`\n${text}\n`, 'x.txt', COMMANDS)
    expect(run).toThrow('x.txt:2: ')
    expect(run).toThrow(problem)
  })
})
