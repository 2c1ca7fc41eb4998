/** Guards the pictures in `docs/marbles`, or renders them: `npm run marbles -- --svg`. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { PICTURES, pages, slugOf, marbleFiles } from './pictures.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const RENDER = process.env['MARBLES'] === 'svg'
const ADVICE = 'run: npm run marbles -- --svg'
/** The pictures are part of every clone, so their total size is limited. */
const BYTES_MAX = 1_500_000

const expectedPages = pages()
const existingPaths = (): readonly string[] =>
  readdirSync(`${ROOT}${PICTURES}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(ROOT.length).replaceAll('//', '/'))
    .toSorted()

if (RENDER) {
  it('renders every marble test', () => {
    mkdirSync(`${ROOT}${PICTURES}`, { recursive: true })
    const paths = new Set(expectedPages.map(({ path }) => path))
    for (const path of existingPaths()) {
      if (paths.has(path)) continue
      rmSync(`${ROOT}${path}`)
      console.log(`removed: ${path}`)
    }
    for (const { path, text } of expectedPages) {
      const file = `${ROOT}${path}`
      if (existsSync(file) && readFileSync(file, 'utf8') === text) continue
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
      console.log(`rendered: ${path}`)
    }
  })
} else {
  describe('docs/marbles', () => {
    it('has a picture of every marble test, and no other file', () => {
      expect(expectedPages.length).toBeGreaterThan(marbleFiles().length)
      const paths = expectedPages.map(({ path }) => path).toSorted()
      const now = existingPaths()
      expect(
        paths.filter((path) => !now.includes(path)),
        `missing; ${ADVICE}`,
      ).toEqual([])
      expect(
        now.filter((path) => !paths.includes(path)),
        `without a marble test; ${ADVICE}`,
      ).toEqual([])
    })

    it('is up to date', () => {
      const outdated = expectedPages.filter(({ path, text }) => {
        return existsSync(`${ROOT}${path}`) && readFileSync(`${ROOT}${path}`, 'utf8') !== text
      })
      expect(
        outdated.map(({ path }) => path),
        `out of date; ${ADVICE}`,
      ).toEqual([])
    })

    it('stays within its size limit', () => {
      expect(expectedPages.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(BYTES_MAX)
    })
  })
}

describe('the file name of a picture', () => {
  it.each([
    [
      'it waits 2 ms, then 4 ms: the count is the bound',
      'it-waits-2-ms-then-4-ms-the-count-is-the-bound',
    ],
    ['…', 'untitled'],
    ['a'.repeat(90), 'a'.repeat(64)],
  ])('%j', (title, slug) => {
    expect(slugOf(title)).toBe(slug)
  })
})
