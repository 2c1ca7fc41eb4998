/** Guards `marbles/operators`: each operator has a file, and each file shows the required cases. */
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

it('every operator has a marble file, and every marble file an operator', () => {
  expect(OPERATORS.length).toBeGreaterThan(0)
  expect(names('marbles/operators/', '.txt')).toEqual(OPERATORS)
})

describe.each(OPERATORS)('marbles/operators/%s.txt', (name) => {
  const path = `marbles/operators/${name}.txt`
  const text = readFileSync(new URL(path, ROOT), 'utf8')
  const located = parseMarbleTests(text, path)
  const marbleTests = located.map(({ test: marbleTest }) => marbleTest)
  const comments = fileComments(text)

  it('uses only that operator', () => {
    const command = name.replaceAll(/-(.)/g, (_dash, letter: string) => letter.toUpperCase())
    expect(new Set(marbleTests.map(({ call }) => call.name))).toEqual(new Set([command]))
  })

  it('has unique titles', () => {
    const titles = marbleTests.map(({ title }) => title)
    expect(titles).toEqual([...new Set(titles)])
  })

  it.each([
    ['|', 'complete'],
    ['#', 'error'],
  ] as const)('shows %s in the input and in the output', (sign, kind) => {
    const reason = comments.some((comment) => new RegExp(`^without \\${sign}: .+`).test(comment))
    const advice = `${path}: draw a "${sign}", or add a comment "// without ${sign}: reason"`
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

  it('shows its bound, or states why it has none', () => {
    const text = [...marbleTests.map(({ title }) => title), ...comments].join('\n')
    const advice = `${path}: name the bound in a title, or in a comment "// …"`
    expect(text, advice).toMatch(/\bbound\b/)
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
