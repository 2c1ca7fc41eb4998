/** `docs/operators.md` has what the docstrings of the operators have. */
import { readFileSync, readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { camelCase, kebabCase, operatorsPage } from './operators-page.ts'

const FOLDER = new URL('../../src/operators/', import.meta.url)

const sources = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({
    name: file.slice(0, -'.ts'.length),
    text: readFileSync(new URL(file, FOLDER), 'utf8'),
  }))

it('docs/operators.md is up to date: if not, run this file with -u', async () => {
  await expect(operatorsPage(sources)).toMatchFileSnapshot('../../docs/operators.md')
})

it('every operator has a picture, and a usage of three lines', () => {
  const sections = operatorsPage(sources).split(/^## /m).slice(1)
  expect(sections).toHaveLength(sources.length)
  const usage = /^!\[.+\]\(.+\.svg\)\n\n```ts usage\n(?:.+\n){3}```$/m
  expect(sections.filter((text) => !usage.test(text))).toEqual([])
})

it('the README lists every operator', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const names = sources.map(({ name }) => camelCase(name))
  expect(names.filter((name) => !readme.includes(`\`${name}(`))).toEqual([])
})

it('an operator without a docstring, or in no group, is an error', () => {
  const bare = { name: 'to-peer', text: 'export function toPeer(): void {\n}' }
  const others = sources.filter(({ name }) => name !== 'to-peer')
  expect(() => operatorsPage([...others, bare])).toThrow('toPeer has no docstring')
  const text = '/** New. */\nexport function newOne(): void {\n}'
  const plain = { name: 'to-peer', text: `/** Sends. */\n${bare.text}` }
  expect(() => operatorsPage([...others, plain])).toThrow('toPeer has no usage')
  const extra = { name: 'new-one', text }
  expect(() => operatorsPage([...sources, extra])).toThrow('newOne is in no group')
  expect(() => operatorsPage(others)).toThrow('there is no src/operators/to-peer.ts')
})

it('names of files and of operators', () => {
  expect(camelCase('group-by-peer')).toBe('groupByPeer')
  expect(kebabCase('groupByPeer')).toBe('group-by-peer')
})
