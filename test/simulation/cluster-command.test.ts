/** Stanzas of whole clusters, as a user writes them. */
import { describe, expect, it } from 'vitest'
import { interval, map } from 'rxjs'
import {
  type Protocol,
  MarbleTestError,
  clusterCommand,
  rewriteMarbleTests,
  runMarbleTests,
} from '../../src/testing.ts'

/** Says `tick 0`, `tick 1`, … */
const ticks: Protocol<unknown> = (_node, { scheduler }) =>
  interval(10, scheduler).pipe(map((tick) => `tick ${tick}`))

/** Says what it is told, and fails when it is told to. */
const parrot: Protocol<unknown> = (_node, _local, commands) =>
  commands.pipe(
    map((command) => {
      if (command === 'fail') throw new Error('as it was told')
      return command
    }),
  )

const RUNNERS = [clusterCommand({ ticks, parrot })]

/** What belongs below the line. */
function redrawn(...lines: readonly string[]): string {
  const text = rewriteMarbleTests(['# t', ...lines, '----', ''].join('\n'), 'a.txt', RUNNERS)
  return text.slice(text.indexOf('\n----\n') + 6).trimEnd()
}

function problem(...lines: readonly string[]): string {
  try {
    redrawn(...lines)
  } catch (error) {
    if (error instanceof MarbleTestError) return error.message
    throw error
  }
  return 'nothing'
}

describe('a stanza of a cluster', () => {
  it('shows inboxes, where a message keeps its letter', () => {
    const lanes = ['outbox1 -a-b', 'b = to 3: {"term":1}']
    expect(redrawn('cluster 3', ...lanes)).toBe(
      ['inbox1  ----', 'inbox2  --a-', 'inbox3  --a-'].join('\n'),
    )
    expect(redrawn('cluster 3 show=inbox3', ...lanes, 'outbox2 -----')).toBe('inbox3  --a-b')
  })

  it('shows what its protocol says, in ticks of the length that it asks for', () => {
    expect(redrawn('cluster 1 protocol=ticks tick=10ms', 'network ---')).toBe(
      ['output1 -pq', 'p = "tick 0"', 'q = "tick 1"'].join('\n'),
    )
  })

  it('tells its protocol what the lane says, and does what the lane orders', () => {
    const lanes = ['command2 ab-c--', 'a = {"x":1}', 'b = "b"', 'c = close']
    expect(redrawn('cluster 2 protocol=parrot show=output,inbox2', ...lanes)).toBe(
      ['output1  ------', 'output2  ab----', 'inbox2   ---|--'].join('\n'),
    )
  })

  it('shows the mail of a later life of its sender', () => {
    const lanes = ['network -k-r 20ms -', 'outbox2 a 20ms -----b--', 'k = crash 2', 'r = restart 2']
    expect(redrawn('cluster 2 show=inbox1', ...lanes, 'a = to 1: 1', 'b = to 1: 2')).toMatch(
      /^inbox1 {2}-a \d+ms b-/,
    )
  })

  it('is of the pids that it names', () => {
    expect(redrawn('cluster 4,7', 'outbox7 a-')).toBe(['inbox4  -a', 'inbox7  --'].join('\n'))
  })

  it('keeps its letters when it is drawn again', () => {
    const head = ['# t', 'cluster 1 protocol=ticks tick=10ms', 'network ---', '----']
    const below = ['output1 -xq', 'x = "tick 0"', 'q = "tick 1"', '']
    const text = [...head, ...below].join('\n')
    expect(rewriteMarbleTests(text, 'a.txt', RUNNERS)).toBe(text)
  })

  it('that is wrong is set beside what came out', () => {
    const text = ['# t', 'cluster 2', 'outbox1 -a-', '----', 'inbox1  ---', 'inbox2  -a-'].join(
      '\n',
    )
    const [comparison] = runMarbleTests(text, 'a.txt', RUNNERS)
    expect(comparison?.difference).toContain('inbox2  -a-   | inbox2  --a   <<<')
  })

  it('is the same with the same seed, and another with another', () => {
    const run = (seed: number) =>
      redrawn(
        `cluster 2 seed=${seed} show=inbox2`,
        'network x',
        'outbox1 --a 30ms b 30ms c 99ms -',
        'x = delay 1..20ms',
      )
    expect(run(5)).toBe(run(5))
    expect(new Set([1, 2, 3, 4, 5].map(run)).size).toBeGreaterThan(1)
  })
})

describe('a stanza that cannot be run', () => {
  it.each([
    ['"" says neither how many nodes there are nor which: cluster N', 'cluster'],
    ['"x" says neither how many', 'cluster x'],
    ['"y" means nothing here: cluster N', 'cluster 2 y'],
    ['there is no protocol "gossip"; there are ticks, parrot', 'cluster 2 protocol=gossip'],
    ['"outbox" cannot be shown; there are inbox,', 'cluster 2 show=outbox'],
    ['"ttl=" means nothing here', 'cluster 2 ttl=5'],
    ['"seed=x" is no whole number', 'cluster 2 seed=x'],
    ['"tick=0ms" is how long one character is', 'cluster 2 tick=0ms'],
    ['"outbox3" is no lane here', 'cluster 2', 'outbox3 a'],
    ['"h" stands for nothing: define it', 'cluster 2', 'network h'],
    ['"leap" is no order: write add 3', 'cluster 2', 'command1 a', 'a = leap'],
    ['the lane "outbox1" has letters only', 'cluster 2', 'outbox1 a|'],
    ['"a" is sent by 1 and by 2: give each', 'cluster 2', 'outbox1 a', 'outbox2 -a'],
    ['process 2 has crashed', 'cluster 2', 'network k', 'outbox2 -a', 'k = crash 2'],
    ['no errors: the protocol of 1 failed: Error: as it was told', ...failing()],
  ])('says %j', (said, ...lines) => {
    expect(problem(...lines)).toMatch(/^a\.txt:[12]: /)
    expect(problem(...lines)).toContain(said)
  })

  it('with a fault that nobody knows says which there are', () => {
    expect(problem('cluster 2', 'network x', 'x = explode 2')).toMatch(/explode.*partition/s)
  })
})

function failing(): readonly string[] {
  return ['cluster 2 protocol=parrot', 'command1 a', 'a = "fail"']
}
