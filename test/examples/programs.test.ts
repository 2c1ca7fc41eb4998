/** Runs every example as a reader does, and limits its length to 39 lines of code. */
import { describe, expect, it } from 'vitest'
import { readFileSync, readdirSync } from 'node:fs'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const FILES = readdirSync(`${ROOT}examples`).filter((name) => name.endsWith('.ts'))
const LINES_MAX = 39

const execute = promisify(execFile)

/** Returns the lines that an example prints, sorted. */
async function outputOf(name: string): Promise<readonly string[]> {
  const options = { cwd: ROOT, timeout: 15_000 }
  const { stdout } = await execute(process.execPath, ['examples/run.js', name], options)
  return stdout.trimEnd().split('\n').toSorted()
}

/** Counts the lines that are neither empty nor a comment. */
function countCodeLines(text: string): number {
  return text.split('\n').filter((line) => !/^\s*($|\/\/|\/\*\*|\*)/.test(line)).length
}

describe.each(FILES)('examples/%s', (name) => {
  const text = readFileSync(`${ROOT}examples/${name}`, 'utf8')

  it('has fewer than 40 lines of code', () => {
    expect(countCodeLines(text)).toBeLessThanOrEqual(LINES_MAX)
  })

  it('imports only published packages and other examples', () => {
    const specifiers = [...text.matchAll(/ from '([^']+)'/g)].map(([, specifier]) => specifier)
    const allowed = /^(?:rx-cluster|rxjs|io-ts|node:\w+|\.\/[\w-]+\.ts)$/
    expect(specifiers.filter((specifier) => !allowed.test(specifier ?? ''))).toEqual([])
  })
})

describe('npm run example', () => {
  it('lists the examples', async () => {
    const { stdout } = await execute(process.execPath, ['examples/run.js'], { cwd: ROOT })
    const names = [...stdout.matchAll(/^ {2}([\w-]+) {2}/gm)].map(([, name]) => name)
    expect(names).toEqual(['hello', 'leader-election', 'membership', 'quorum', 'request-and-reply'])
  })

  it('exits with 2 for an unknown example', async () => {
    const execution = execute(process.execPath, ['examples/run.js', 'nothing'], { cwd: ROOT })
    await expect(execution).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('hello'),
    })
  })

  it('hello: each of three processes receives two messages', async () => {
    const output = (await outputOf('hello')).map((line) => line.replace(/ process \d+$/, ''))
    expect(output).toEqual([
      'node 1 received from 2: hello from',
      'node 1 received from 3: hello from',
      'node 2 received from 1: hello from',
      'node 2 received from 3: hello from',
      'node 3 received from 1: hello from',
      'node 3 received from 2: hello from',
    ])
  })

  it('request-and-reply: a reply, or the reason why there is none', async () => {
    expect(await outputOf('request-and-reply')).toEqual([
      'apple: node 2 replied: 3',
      'invalid request: no reply from peer 2 within 200 ms',
      'moon: node 2 replied: not for sale',
      expect.stringMatching(/^unknown peer: .*unknown-pid/),
    ])
  })

  it('quorum: three of five nodes are enough, two are not', async () => {
    expect(await outputOf('quorum')).toEqual([
      'four of five nodes run: stored by this node and 2 others',
      'two of five nodes run: not stored, too few answers: 1 from 2, none from 3, 4, 5',
    ])
  })

  it('membership: a peer is added, moves, and is removed', async () => {
    expect(await outputOf('membership')).toEqual([
      'goodbye → unknown-pid',
      'node 1 received: hello',
      'node 2 is down',
      'node 2 is not a member',
      'node 2 is not a member',
      'node 2 is up',
      'node 2 is up',
      'node 2 received at its new address: queued while down',
    ])
  })

  it('leader-election: after its leader is killed, the two other nodes agree on another', async () => {
    const lines = await outputOf('leader-election')
    const killed = lines.flatMap((line) => /^node (\d) is killed$/.exec(line)?.[1] ?? [])
    expect(new Set(killed).size).toBe(2)
    const leaderships = lines.flatMap(
      (line) => /in term (\d+) node (\d) leads$/.exec(line)?.[0] ?? [],
    )
    const terms = new Set(leaderships.map((leadership) => leadership.split(' ')[2]))
    // All lines of a term name the same leader.
    expect(new Set(leaderships).size).toBe(terms.size)
  })
})
