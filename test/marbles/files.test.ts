/** Runs every stanza of `marbles/`, or redraws them: `npm run marbles -- --rewrite`. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { VERBS } from './commands/registry.ts'
import { parseStanzas } from '../../src/marbles/parse.ts'
import { compare, rewriteFile } from '../../src/marbles/rewrite.ts'
import type { PlacedStanza } from '../../src/marbles/stanza.ts'

const ROOT = new URL('../../', import.meta.url)
const FILES = readdirSync(new URL('marbles/', ROOT), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.txt'))
  .map((name) => `marbles/${name}`)
  .toSorted()
const REWRITE = process.env['MARBLES'] === 'rewrite'

for (const path of FILES) {
  const file = new URL(path, ROOT)
  const text = readFileSync(file, 'utf8')
  if (REWRITE) {
    it(`redraws ${path}`, () => {
      const redrawn = rewriteFile(text, path, VERBS)
      if (redrawn === text) return
      writeFileSync(file, redrawn)
      console.log(`redrawn: ${path}`)
    })
  } else {
    describe(path, () => {
      for (const placed of readable(text, path)) {
        it(placed.stanza.title, () => {
          const { difference } = compare(text, placed, VERBS)
          if (difference === undefined) return
          const { line } = placed.place
          const advice = 'Read both; if what came out is right: npm run marbles -- --rewrite'
          expect.fail(`${path}:${line}\n${difference}\n  ${advice}`)
        })
      }

      it('would not be changed by a rewrite', () => {
        expect(rewriteFile(text, path, VERBS), 'run: npm run marbles -- --rewrite').toBe(text)
      })
    })
  }
}

/** The stanzas of a file; where it cannot be read, a test that says why. */
function readable(text: string, path: string): readonly PlacedStanza[] {
  try {
    return parseStanzas(text, path)
  } catch (error) {
    it('can be read', () => {
      throw error
    })
    return []
  }
}

it('there are stanza files', () => {
  expect(FILES.length).toBeGreaterThan(0)
})
