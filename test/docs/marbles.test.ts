/** Runs the `marbles` fences of every operator's docstring, and those of the docs. */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { sideBySide } from '../../src/testing/marbles/diff.ts'
import { parseMarbleTests } from '../../src/testing/marbles/parse.ts'
import { compareMarbleTest } from '../../src/testing/marbles/rewrite.ts'
import { COMMANDS } from '../marbles/commands/registry.ts'
import { marblesOf } from './fences.ts'

const ROOT = new URL('../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8')

const OPERATORS = readdirSync(new URL('src/operators/', ROOT))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `src/operators/${name}`)
const DOCS = ['README.md', 'docs/marbles.md', 'docs/simulation.md', 'docs/exploring.md'].filter(
  (path) => existsSync(new URL(path, ROOT)),
)

it.each(OPERATORS)('%s draws what it does in a marbles fence', (path) => {
  const text = marblesOf(read(path))
  expect(parseMarbleTests(text, path).length, `${path}: no \`\`\`marbles fence`).toBeGreaterThan(0)
})

describe.each([...OPERATORS, ...DOCS])('%s', (path) => {
  const text = marblesOf(read(path))

  it('draws what comes out', () => {
    for (const test of parseMarbleTests(text, path)) {
      const { expected: written, actual: drawn } = compareMarbleTest(text, test, COMMANDS)
      const isSame =
        written.map(normalizeSpaces).join('\n') === drawn.map(normalizeSpaces).join('\n')
      if (isSame) continue
      expect.fail(`${path}:${test.range.firstLine}\n${sideBySide(written, drawn)}`)
    }
  })
})

it('there are operators', () => {
  expect(OPERATORS.length).toBeGreaterThan(0)
})

/** A drawing in the text is indented, and goes on after its last mark, as its author likes. */
function normalizeSpaces(line: string): string {
  return line.replaceAll(/ +/g, ' ').replace(/-+$/, '')
}
