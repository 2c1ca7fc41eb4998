/** Runs the `marbles` fences of every operator's docstring, and those of the docs. */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { sideBySide } from '../../src/marbles/diff.ts'
import { parseStanzas } from '../../src/marbles/parse.ts'
import { compare } from '../../src/marbles/rewrite.ts'
import { VERBS } from '../marbles/commands/registry.ts'
import { marblesOf } from './fences.ts'

const ROOT = new URL('../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8')

const OPERATORS = readdirSync(new URL('src/operators/', ROOT))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `src/operators/${name}`)
const DOCS = ['README.md', 'docs/marbles.md', 'docs/simulation.md', 'docs/exploring.md'].filter((path) =>
  existsSync(new URL(path, ROOT)),
)

it.each(OPERATORS)('%s draws what it does in a marbles fence', (path) => {
  const text = marblesOf(read(path))
  expect(parseStanzas(text, path).length, `${path}: no \`\`\`marbles fence`).toBeGreaterThan(0)
})

describe.each([...OPERATORS, ...DOCS])('%s', (path) => {
  const text = marblesOf(read(path))

  it('draws what comes out', () => {
    for (const placed of parseStanzas(text, path)) {
      const { written, drawn } = compare(text, placed, VERBS)
      const same = written.map(squeezed).join('\n') === drawn.map(squeezed).join('\n')
      if (same) continue
      expect.fail(`${path}:${placed.place.line}\n${sideBySide(written, drawn)}`)
    }
  })
})

it('there are operators', () => {
  expect(OPERATORS.length).toBeGreaterThan(0)
})

/** A drawing in the text is indented, and goes on after its last mark, as its author likes. */
function squeezed(line: string): string {
  return line.replaceAll(/ +/g, ' ').replace(/-+$/, '')
}
