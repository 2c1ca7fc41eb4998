/** Runs the `ts` blocks of the README and the docs: their `console.log(x) // value` must say what is printed. */
import { existsSync, readFileSync } from 'node:fs'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import {
  checkTypes,
  formatPrinted,
  expectedOutputOf,
  removeBlocks,
  writeBlocks,
} from './code-blocks.ts'
import type { CodeBlock } from './code-blocks.ts'

const PATHS = [
  'README.md',
  'docs/marbles.md',
  'docs/simulation.md',
  'docs/exploring.md',
  'docs/recording.md',
]
const ROOT = new URL('../../', import.meta.url)
/** How long a block may take to print what it promised, and how long it is listened to after it. */
const WAIT_MS = 5_000
const QUIET_MS = 50

afterEach(() => {
  vi.restoreAllMocks()
})

describe.each(PATHS)('%s', async (path) => {
  const document = new URL(path, ROOT)
  const blocks = existsSync(document) ? writeBlocks(readFileSync(document, 'utf8'), path) : []
  afterAll(() => removeBlocks(path))

  it(`has ${blocks.length} blocks, and tsc accepts them`, () => {
    expect(blocks.length === 0 ? '' : checkTypes(path)).toBe('')
  })

  // Their tests become tests of this file.
  for (const { file } of blocks.filter(({ isTest }) => isTest))
    await import(/* @vite-ignore */ file)

  for (const block of blocks.filter(({ isRun }) => isRun)) {
    it(`prints what it says, at ${block.location}`, async () => {
      expect(await runBlock(block)).toEqual(block.expectedOutput.toSorted())
    })
  }
})

describe('the runner of blocks', () => {
  const path = 'made-up.md'
  afterAll(() => removeBlocks(path))

  it('reads what is promised', () => {
    const body = ['console.log(1) // 1', 'print((x) => console.log(x)) // 2', '  // 3', '', '// no']
    expect(expectedOutputOf(body.join('\n'))).toEqual(['1', '2', '3'])
  })

  it('runs a block, with its types and what it imports', async () => {
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

  it('finds a wrong type, even where nothing is run', () => {
    const text = "```ts no-run\nconst two: number = 'two'\nconsole.log(two) // two\n```"
    expect(writeBlocks(text, path)).toMatchObject([{ place: 'made-up.md:2', runs: false }])
    expect(checkTypes(path)).toContain('line-2.ts(2,7)')
  })

  it('finds a wrong promise', async () => {
    const text = `\nwords\n${document('const three: number = 3', 'console.log(three) // 4')}`
    const [block] = writeBlocks(text, path)
    if (block === undefined) throw new Error('no block')
    expect(await runBlock(block)).toEqual(['3'])
    expect(block.expectedOutput).toEqual(['4'])
  })
})

function document(...lines: readonly string[]): string {
  return ['```ts', ...lines, '```'].join('\n')
}

/** Imports a block, and waits until it has printed what it promised and is quiet. */
async function runBlock({ file, expectedOutput }: CodeBlock): Promise<readonly string[]> {
  const output: string[] = []
  vi.spyOn(console, 'log').mockImplementation((...args: unknown[]) =>
    output.push(formatPrinted(args)),
  )
  await import(/* @vite-ignore */ file)
  const hasAllOutput = (): void =>
    expect(output.length).toBeGreaterThanOrEqual(expectedOutput.length)
  await vi.waitFor(hasAllOutput, WAIT_MS).catch(() => undefined)
  await new Promise((resolve) => {
    setTimeout(resolve, QUIET_MS)
  })
  return output.toSorted()
}
