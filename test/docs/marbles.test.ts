/** Runs the `marbles` fences of the documents, and those in the docstrings of the operators. */
import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { sideBySide } from '../../src/testing/marbles/diff.ts'
import { parseMarbleTests } from '../../src/testing/marbles/parse.ts'
import { compareMarbleTest } from '../../src/testing/marbles/rewrite.ts'
import { COMMANDS } from '../marbles/commands/registry.ts'
import { documentsWith } from './documents.ts'
import { marblesOf } from './fences.ts'

const OPERATORS = readdirSync(new URL('../../src/operators/', import.meta.url))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `src/operators/${name}`)
  .map((path) => ({ path, text: readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8') }))
const DOCUMENTS = documentsWith(/^marbles$/)

it.each(OPERATORS)('$path has a marble test in its docstring', ({ path, text }) => {
  expect(parseMarbleTests(marblesOf(text), path).length).toBeGreaterThan(0)
})

it('the documents have marble tests', () => {
  const paths = DOCUMENTS.map(({ path }) => path)
  expect(paths).toEqual(expect.arrayContaining(['docs/marbles.md', 'docs/operators.md']))
})

describe.each([...OPERATORS, ...DOCUMENTS])('$path', ({ path, text }) => {
  const source = marblesOf(text)

  it('shows the actual output', () => {
    for (const located of parseMarbleTests(source, path)) {
      const { expected, actual } = compareMarbleTest(source, located, COMMANDS)
      const isSame = expected.map(squeezed).join('\n') === actual.map(squeezed).join('\n')
      if (isSame) continue
      expect.fail(`${path}:${located.range.firstLine}\n${sideBySide(expected, actual)}`)
    }
  })
})

/** Ignores how a diagram is indented, and how far it goes on after its last mark. */
function squeezed(line: string): string {
  return line.replaceAll(/ +/g, ' ').replace(/-+$/, '')
}
