/** Guards `marbles/operators`: every operator has its file, and every file shows what it must. */
import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { SignKind } from '../../src/marbles/drawing.ts'
import { fileRemarks, parseStanzas } from '../../src/marbles/parse.ts'
import type { Part, Stanza } from '../../src/marbles/stanza.ts'

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
  const placed = parseStanzas(text, path)
  const stanzas = placed.map(({ stanza }) => stanza)
  const remarks = fileRemarks(text)

  it('is about that operator', () => {
    const verb = name.replaceAll(/-(.)/g, (_dash, letter: string) => letter.toUpperCase())
    expect(new Set(stanzas.map(({ command }) => command.name))).toEqual(new Set([verb]))
  })

  it('says each thing once', () => {
    const titles = stanzas.map(({ title }) => title)
    expect(titles).toEqual([...new Set(titles)])
  })

  it.each([
    ['|', 'complete'],
    ['#', 'error'],
  ] as const)('shows %s going in and coming out', (sign, kind) => {
    const reason = remarks.some((remark) => new RegExp(`^without \\${sign}: .+`).test(remark))
    const advice = `${path}: draw a "${sign}", or write a line "// without ${sign}: why not"`
    expect(draws(stanzas, 'given', kind), advice).toBe(!reason)
    expect(draws(stanzas, 'expected', kind), `${path}: no result ends with "${sign}"`).toBe(true)
  })

  it('shows a second subscriber', () => {
    const second = stanzas.some(({ given }) => given.lanes.some((lane) => lane.name === 'second'))
    expect(second, `${path}: draw a lane "second"`).toBe(true)
  })

  it('shows its bound, or says why it has none', () => {
    const said = [...stanzas.map(({ title }) => title), ...remarks].join('\n')
    expect(said, `${path}: name the bound in a title, or in a line "// …"`).toMatch(/\bbound\b/)
  })
})

function draws(stanzas: readonly Stanza[], half: 'given' | 'expected', kind: SignKind): boolean {
  const shows = ({ lanes }: Part): boolean =>
    lanes.some(({ drawing }) => drawing.marks.some((mark) => mark.kind === kind))
  return stanzas.some((stanza) => shows(stanza[half]))
}
