/** Runs every marble test of `marbles/`, or rewrites them: `npm run marbles -- --rewrite`. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from './commands/registry.ts'
import { parseMarbleTests } from '../../src/testing/marbles/parse.ts'
import { compareMarbleTest, rewriteMarbleTests } from '../../src/testing/marbles/rewrite.ts'
import type { LocatedMarbleTest } from '../../src/testing/marbles/marble-test.ts'

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
    it(`rewrites ${path}`, () => {
      const rewritten = rewriteMarbleTests(text, path, COMMANDS)
      if (rewritten === text) return
      writeFileSync(file, rewritten)
      console.log(`rewritten: ${path}`)
    })
  } else {
    describe(path, () => {
      for (const located of readTests(text, path)) {
        it(located.test.title, () => {
          const { difference } = compareMarbleTest(text, located, COMMANDS)
          if (difference === undefined) return
          const { firstLine: line } = located.range
          const advice = 'If the actual output is right, run: npm run marbles -- --rewrite'
          expect.fail(`${path}:${line}\n${difference}\n  ${advice}`)
        })
      }

      it('is unchanged by a rewrite', () => {
        expect(rewriteMarbleTests(text, path, COMMANDS), 'run: npm run marbles -- --rewrite').toBe(
          text,
        )
      })
    })
  }
}

/** Returns the tests of a file; if it cannot be parsed, adds a test that fails with the reason. */
function readTests(text: string, path: string): readonly LocatedMarbleTest[] {
  try {
    return parseMarbleTests(text, path)
  } catch (error) {
    it('can be parsed', () => {
      throw error
    })
    return []
  }
}

it('there are marble files', () => {
  expect(FILES.length).toBeGreaterThan(0)
})
