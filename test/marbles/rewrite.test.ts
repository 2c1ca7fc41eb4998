/** The runner of marble tests: its output, rewriting, and its error messages. */
import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from './commands/registry.ts'
import { EMPTY } from 'rxjs'
import type { MarbleCommand } from '../../src/testing/marbles/command.ts'
import { isClusterError } from '../../src/model/cluster-error.ts'
import { sideBySide } from '../../src/testing/marbles/diff.ts'
import { parseMarbleTests } from '../../src/testing/marbles/parse.ts'
import { compareMarbleTest, rewriteMarbleTests } from '../../src/testing/marbles/rewrite.ts'

const rewritten = (text: string): string =>
  rewriteMarbleTests(text, 'x.txt', COMMANDS).split('----\n')[1] ?? ''

const WRONG = `# a wrong output
dedupe 3
source -a-a-b-|
----
result -a-a-b-|
`

describe('rewriting', () => {
  it('replaces the lines below the separator, aligns those above, and keeps all other text', () => {
    const text = `//  odd   spacing stays\n\n\n${WRONG}\n# another\ndedupe  1\nsource  -a#\n----\n`
    expect(rewriteMarbleTests(text, 'x.txt', COMMANDS)).toBe(
      text
        .replace('result -a-a-b-|', 'result -a---b-|')
        .replace('source  -a#\n----\n', 'source -a#\n----\nresult -a#\n'),
    )
  })

  it('is idempotent', () => {
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

  it('follows a comparison of expected and actual lines in two columns', () => {
    const shown = parseMarbleTests(WRONG, 'x.txt').map((located) => {
      const { expected: written, actual: lines } = compareMarbleTest(WRONG, located, COMMANDS)
      return sideBySide(written, lines)
    })
    expect(shown).toEqual(['  expected        | actual\n  result -a-a-b-| | result -a---b-|   <<<'])
  })
})

describe('the output', () => {
  it('uses the letters above the line', () => {
    const text = '# t\ntoPeer 2\nsource -a-b-|\nx = to 2: "b"\n----\n'
    expect(rewritten(text)).toBe('result -A-x-|\nA = to 2: "a"\n')
  })

  it('keeps letters below the line whose value still occurs', () => {
    const text = '# t\ntoPeer 2\nsource -a-b-|\n----\nresult -\ny = to 2: "a"\nz = to 2: "gone"\n'
    expect(rewritten(text)).toBe('result -y-B-|\ny = to 2: "a"\nB = to 2: "b"\n')
  })

  it('shows the subscriptions of an input lane that is named below the line', () => {
    const text = '# t\ndedupe 1\nsource -a-b-\nsubscribe --^-!\n----\nsource\n'
    expect(rewritten(text)).toBe('result    ---b\nsource    --^-!\n')
  })

  it('names the error of each lane only if they differ', () => {
    const head = '# t\ndedupe 1\nsource -a--#\nsecond --^\n# in source = PEER_DOWN\n----\n'
    expect(rewritten(head)).toBe('result  -a--#\nresult2 ----#\n# = PEER_DOWN\n')
    const differ = '# t\nheartbeat 3 throws=1\nsecond -^\nsubscribe ^--!\n----\n'
    expect(rewritten(differ)).toBe('result    p--\nresult2   -p--#\np = 0\n# = beat 1 failed\n')
  })

  it.each([
    ['# t\nnothing 3\n----', 'there is no command "nothing"; write one of broadcast'],
    ['# t\ndedupe 3\n----', 'the command "dedupe" needs a lane "source"'],
    ['# t\ndedupe\nsource -\n----', 'the command "dedupe" needs argument 1'],
    ['# t\ndedupe 3 4 x=1\nsource -\nother -\n----', 'unused "4", "x", "other": write dedupe'],
    ['# t\nheartbeat 3\n----', 'a result emits more than 500 values: end it with'],
    ['# t\ndetectFailures everyMs=3\nsource (ab)---|\nb = 3: 1\n----', 'overlaps the group before'],
    ['# t\nrequest q\n----', '"q" is not defined above the line'],
    ['# t\ntoPeer 2\nsource -a\na = nonsense\n----', '"nonsense" is not a value'],
    ['# t\nretryBackoff count=many\nsource -\n----', 'the option "count=many" is not a number'],
  ])('%j is invalid: %s', (text, problem) => {
    const run = () => rewriteMarbleTests(`\n${text}\n`, 'x.txt', COMMANDS)
    expect(run).toThrow('x.txt:2: ')
    expect(run).toThrow(problem)
    expect(run).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }) as Error)
  })

  it('that is invalid gives a command of your own errors with a code', () => {
    const codes: unknown[] = []
    const own: MarbleCommand = {
      name: 'own',
      usage: 'own n=5',
      build: (context) => {
        const uses = [
          () => context.arg(0),
          () => context.number('n'),
          () => context.values('missing'),
          () => context.values('subscribe'),
          () => context.definition('q'),
        ]
        for (const use of uses) {
          try {
            use()
          } catch (error) {
            codes.push(isClusterError(error) ? error.code : error)
          }
        }
        return { result: EMPTY }
      },
    }
    rewriteMarbleTests('# t\nown n=x\nsubscribe ^\n----\n', 'x.txt', [own])
    expect(codes).toEqual(Array.from({ length: 5 }, () => 'INVALID_ARGUMENT'))
  })
})
