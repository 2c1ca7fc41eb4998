/** Guards `marbles/operators`: every operator has its file, and every file shows what it must. */
import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { MarbleSign } from '../../src/testing/marbles/drawing.ts'
import { fileComments, parseMarbleTests } from '../../src/testing/marbles/parse.ts'
import type { MarblePart, MarbleTest } from '../../src/testing/marbles/marble-test.ts'

const ROOT = new URL('../../', import.meta.url)
const names = (folder: string, ending: string): readonly string[] =>
  readdirSync(new URL(folder, ROOT))
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .toSorted()

const OPERATORS = names('src/operators/', '.ts')

it('every operator has a stanza file, and every stanza file an operator', () => {
  expect(OPERATORS.length).toBeGreaterThan(0)
  expect(names('marbles/operators/', '.txt')).toEqual(OPERATORS)
})

describe.each(OPERATORS)('marbles/operators/%s.txt', (name) => {
  const path = `marbles/operators/${name}.txt`
  const text = readFileSync(new URL(path, ROOT), 'utf8')
  const located = parseMarbleTests(text, path)
  const marbleTests = located.map(({ test: marbleTest }) => marbleTest)
  const comments = fileComments(text)

  it('is about that operator', () => {
    const command = name.replaceAll(/-(.)/g, (_dash, letter: string) => letter.toUpperCase())
    expect(new Set(marbleTests.map(({ call: command }) => command.name))).toEqual(
      new Set([command]),
    )
  })

  it('says each thing once', () => {
    const titles = marbleTests.map(({ title }) => title)
    expect(titles).toEqual([...new Set(titles)])
  })

  it.each([
    ['|', 'complete'],
    ['#', 'error'],
  ] as const)('shows %s going in and coming out', (sign, kind) => {
    const reason = comments.some((comment) => new RegExp(`^without \\${sign}: .+`).test(comment))
    const advice = `${path}: draw a "${sign}", or write a line "// without ${sign}: why not"`
    expect(hasSign(marbleTests, 'given', kind), advice).toBe(!reason)
    expect(hasSign(marbleTests, 'expected', kind), `${path}: no result ends with "${sign}"`).toBe(
      true,
    )
  })

  it('shows a second subscriber', () => {
    const second = marbleTests.some(({ given }) =>
      given.lanes.some((lane) => lane.name === 'second'),
    )
    expect(second, `${path}: draw a lane "second"`).toBe(true)
  })

  it('shows its bound, or says why it has none', () => {
    const text = [...marbleTests.map(({ title }) => title), ...comments].join('\n')
    expect(text, `${path}: name the bound in a title, or in a line "// …"`).toMatch(/\bbound\b/)
  })
})

function hasSign(
  marbleTests: readonly MarbleTest[],
  half: 'given' | 'expected',
  kind: MarbleSign,
): boolean {
  const shows = ({ lanes }: MarblePart): boolean =>
    lanes.some(({ drawing }) => drawing.marks.some((mark) => mark.kind === kind))
  return marbleTests.some((marbleTest) => shows(marbleTest[half]))
}
