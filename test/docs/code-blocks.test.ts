/**
 * Runs the `ts` blocks of the documents. Each `console.log(x) // value` must print that value; a
 * block ` ```ts test ` is a test file. Of blocks ` ```ts no-run ` and ` ```ts usage ` only the types are
 * checked; a usage has no imports.
 */
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import {
  BLOCK,
  checkTypes,
  formatPrinted,
  expectedOutputOf,
  removeBlocks,
  writeBlocks,
} from './code-blocks.ts'
import { decodeConfig } from '../../src/config/decode-config.ts'
import { documentsWith } from './documents.ts'
import { fencesOf } from './fences.ts'
import type { CodeBlock } from './code-blocks.ts'

/** How long a block may take to print its values, and how long it must then be quiet. */
const WAIT_MS = 5_000
const QUIET_MS = 50
/** `explore` shrinks a failure in some seconds on an idle machine. */
const BLOCK_TIMEOUT_MS = 60_000

const DOCUMENTS = documentsWith(BLOCK)

afterEach(() => {
  vi.restoreAllMocks()
})

it('the README and the documents have blocks', () => {
  const paths = DOCUMENTS.map(({ path }) => path)
  const expected = ['README.md', 'docs/simulation.md', 'docs/tour.md']
  expect(paths).toEqual(expect.arrayContaining(expected))
})

describe.each(DOCUMENTS)('$path', async ({ path, text }) => {
  const blocks = writeBlocks(text, path)
  afterAll(() => removeBlocks(path))

  it(`has ${blocks.length} blocks, and tsc accepts them`, () => {
    expect(checkTypes(path)).toBe('')
  })

  // Their tests become tests of this file.
  for (const { file } of blocks.filter(({ isTest }) => isTest))
    await import(/* @vite-ignore */ file)

  for (const block of blocks.filter(({ isRun }) => isRun)) {
    it(`prints its values, at ${block.location}`, { timeout: BLOCK_TIMEOUT_MS }, async () => {
      expect(await runBlock(block)).toEqual(block.expectedOutput.toSorted())
    })
  }
})

describe.each(documentsWith(/^json$/))('$path', ({ text }) => {
  it('has configs that can be decoded', () => {
    const configs = fencesOf(text).filter(({ info }) => info === 'json')
    for (const { body } of configs) {
      expect(decodeConfig(JSON.parse(body)).members.size).toBeGreaterThan(0)
    }
  })
})

describe('the runner of blocks', () => {
  const path = 'made-up.md'
  afterAll(() => removeBlocks(path))

  it('reads the values that a block is to print', () => {
    const body = ['console.log(1) // 1', 'print((x) => console.log(x)) // 2', '  // 3', '', '// no']
    expect(expectedOutputOf(body.join('\n'))).toEqual(['1', '2', '3'])
  })

  it('runs a block with its types and imports', async () => {
    const text = document(
      "import { from } from 'rxjs'",
      'const two: number = await Promise.resolve(2)',
      'console.log({ two }) // { two: 2 }',
      "from(['a', 'b']).subscribe((x) => console.log(x)) // a",
      '  // b',
    )
    const [block] = writeBlocks(text, path)
    if (block === undefined) throw new Error('no block')
    expect(checkTypes(path)).toBe('')
    expect(await runBlock(block)).toEqual(block.expectedOutput.toSorted())
  })

  it('reports a wrong type, also in a block that is not run', () => {
    const text = "```ts no-run\nconst two: number = 'two'\nconsole.log(two) // two\n```"
    expect(writeBlocks(text, path)).toMatchObject([{ location: 'made-up.md:2', isRun: false }])
    expect(checkTypes(path)).toContain('line-2.ts(2,7)')
  })

  it('gives a usage its imports, and reports its wrong types', () => {
    const usage = (key: string): string =>
      `\`\`\`ts usage\nnode.inbox.pipe(decodeMessage(Vote)).subscribe(({ msg }) => msg.${key})\n\`\`\``
    writeBlocks(`${usage('term')}\n${usage('turn')}`, path)
    expect(checkTypes(path)).toMatch(/^[^\n]*line-5\.ts\(5,[^\n]*turn[^\n]*$/)
  })

  it('reports a wrong value', async () => {
    const text = `\ntext\n${document('const three: number = 3', 'console.log(three) // 4')}`
    const [block] = writeBlocks(text, path)
    if (block === undefined) throw new Error('no block')
    expect(await runBlock(block)).toEqual(['3'])
    expect(block.expectedOutput).toEqual(['4'])
  })
})

function document(...lines: readonly string[]): string {
  return ['```ts', ...lines, '```'].join('\n')
}

/** Imports a block, and waits until it has formatPrinted its values and is quiet. */
async function runBlock({ file, expectedOutput }: CodeBlock): Promise<readonly string[]> {
  const lines: string[] = []
  vi.spyOn(console, 'log').mockImplementation((...args: unknown[]) =>
    lines.push(formatPrinted(args)),
  )
  await import(/* @vite-ignore */ file)
  const enough = (): void => expect(lines.length).toBeGreaterThanOrEqual(expectedOutput.length)
  await vi.waitFor(enough, WAIT_MS).catch(() => undefined)
  await new Promise((resolve) => {
    setTimeout(resolve, QUIET_MS)
  })
  return lines.toSorted()
}
