/** Runs every example as a reader does, and holds it to its forty lines. */
import { describe, expect, it } from 'vitest'
import { readFileSync, readdirSync } from 'node:fs'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const FILES = readdirSync(`${ROOT}examples`).filter((name) => name.endsWith('.ts'))
const LINES_MAX = 39

const execute = promisify(execFile)

/** The lines that an example prints, in the order of the alphabet. */
async function outputOf(name: string): Promise<readonly string[]> {
  const options = { cwd: ROOT, timeout: 15_000 }
  const { stdout } = await execute(process.execPath, ['examples/run.js', name], options)
  return stdout.trimEnd().split('\n').toSorted()
}

/** Lines that are neither empty nor comment. */
function countCodeLines(text: string): number {
  return text.split('\n').filter((line) => !/^\s*($|\/\/|\/\*\*|\*)/.test(line)).length
}

describe.each(FILES)('examples/%s', (name) => {
  const text = readFileSync(`${ROOT}examples/${name}`, 'utf8')

  it('has fewer than forty lines', () => {
    expect(countCodeLines(text)).toBeLessThanOrEqual(LINES_MAX)
  })

  it('imports what its readers can import', () => {
    const specifiers = [...text.matchAll(/ from '([^']+)'/g)].map(([, specifier]) => specifier)
    const allowed = /^(?:rx-cluster|rxjs|io-ts|node:\w+|\.\/[\w-]+\.ts)$/
    expect(specifiers.filter((specifier) => !allowed.test(specifier ?? ''))).toEqual([])
  })
})

describe('npm run example', () => {
  it('tells what there is', async () => {
    const { stdout } = await execute(process.execPath, ['examples/run.js'], { cwd: ROOT })
    const names = [...stdout.matchAll(/^ {2}([\w-]+) {2}/gm)].map(([, name]) => name)
    expect(names).toEqual(['hello', 'leader-election', 'membership', 'quorum', 'request-and-reply'])
  })

  it('does not run what there is not', async () => {
    const execution = execute(process.execPath, ['examples/run.js', 'nothing'], { cwd: ROOT })
    await expect(execution).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('hello'),
    })
  })

  it('hello: three processes hear from two others each', async () => {
    const output = (await outputOf('hello')).map((line) => line.replace(/ process \d+$/, ''))
    expect(output).toEqual([
      'node 1 hears from node 2: hello from',
      'node 1 hears from node 3: hello from',
      'node 2 hears from node 1: hello from',
      'node 2 hears from node 3: hello from',
      'node 3 hears from node 1: hello from',
      'node 3 hears from node 2: hello from',
    ])
  })

  it('request-and-reply: an answer, or why there is none', async () => {
    expect(await outputOf('request-and-reply')).toEqual([
      'a joke? no reply from peer 2 within 200 ms',
      'an apple? node 2 says 3',
      expect.stringMatching(/^anybody else\? .*unknown-pid/),
      'the moon? node 2 says not for sale',
    ])
  })

  it('quorum: three of five are enough, two are not', async () => {
    expect(await outputOf('quorum')).toEqual([
      'four of five: stored by me and 2 others',
      'two of five: not stored, too few answers: 1 from 2, none from 3, 4, 5',
    ])
  })

  it('membership: a peer is added, moves, and is removed', async () => {
    expect(await outputOf('membership')).toEqual([
      'goodbye → unknown-pid',
      'in the house: a letter',
      'node 2 is a stranger',
      'node 2 is a stranger',
      'node 2 is down',
      'node 2 is up',
      'node 2 is up',
      'node 2 says hello from my flat',
    ])
  })

  it('leader-election: a leader is killed, and the two others agree on another', async () => {
    const lines = await outputOf('leader-election')
    const killed = lines.flatMap((line) => /^node (\d) is killed$/.exec(line)?.[1] ?? [])
    expect(new Set(killed).size).toBe(2)
    const reigns = lines.flatMap((line) => /in term (\d+) node (\d) leads$/.exec(line)?.[0] ?? [])
    const terms = new Set(reigns.map((reign) => reign.split(' ')[2]))
    // One leader per term, however many nodes have said so.
    expect(new Set(reigns).size).toBe(terms.size)
  })
})
