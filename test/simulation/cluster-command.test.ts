/** The marble command `cluster`, through the public API. */
import { describe, expect, it } from 'vitest'
import { interval, map } from 'rxjs'
import {
  type Protocol,
  MarbleTestError,
  clusterCommand,
  rewriteMarbleTests,
  runMarbleTests,
} from '../../src/testing.ts'

/** Emits `tick 0`, `tick 1`, … every 10 ms. */
const ticks: Protocol<unknown> = (_node, { scheduler }) =>
  interval(10, scheduler).pipe(map((tick) => `tick ${tick}`))

/** Emits its commands, and fails on `fail`. */
const echo: Protocol<unknown> = (_node, _local, commands) =>
  commands.pipe(
    map((command) => {
      if (command === 'fail') throw new Error('commanded to fail')
      return command
    }),
  )

const RUNNERS = [clusterCommand({ ticks, echo })]

/** Returns the lines below `----` after a rewrite. */
function rewritten(...lines: readonly string[]): string {
  const text = rewriteMarbleTests(['# t', ...lines, '----', ''].join('\n'), 'a.txt', RUNNERS)
  return text.slice(text.indexOf('\n----\n') + 6).trimEnd()
}

function problem(...lines: readonly string[]): string {
  try {
    rewritten(...lines)
  } catch (error) {
    if (error instanceof MarbleTestError) return error.message
    throw error
  }
  return 'nothing'
}

describe('a marble test of a cluster', () => {
  it('shows inboxes by default, with the letters of the outboxes', () => {
    const lanes = ['outbox1 -a-b', 'b = to 3: {"term":1}']
    expect(rewritten('cluster 3', ...lanes)).toBe(
      ['inbox1  ----', 'inbox2  --a-', 'inbox3  --a-'].join('\n'),
    )
    expect(rewritten('cluster 3 show=inbox3', ...lanes, 'outbox2 -----')).toBe('inbox3  --a-b')
  })

  it('shows headers and error replies', () => {
    const answers: Protocol<unknown> = (node) => {
      node.inbox.subscribe(({ pid, msgId, headers }) => {
        if (node.pid === 1) return
        node.outbox.next({ pid, msg: 1, re: msgId, headers })
        node.outbox.next({ pid, msg: 1, re: msgId, error: { code: 'FULL', message: '' } })
      })
    }
    const text = [
      '# t',
      'cluster 2 protocol=answers show=inbox',
      'outbox1 -a--',
      'a = to 2: 7 with {"b":"c"}',
    ]
    const result = rewriteMarbleTests([...text, '----', ''].join('\n'), 'a.txt', [
      clusterCommand({ answers }),
    ])
    expect(result.split('\n').slice(5)).toEqual([
      'inbox1  ---(pq)',
      'inbox2  --a-',
      'p = 2: 1 with {"b":"c"} re a',
      'q = 2: error {"code":"FULL","message":""} re a',
      '',
    ])
  })

  it('shows outputs of its protocol, in ticks of the given length', () => {
    expect(rewritten('cluster 1 protocol=ticks tick=10ms', 'network ---')).toBe(
      ['output1 -pq', 'p = "tick 0"', 'q = "tick 1"'].join('\n'),
    )
  })

  it('passes values of the lane commandN to its protocol, and performs node actions', () => {
    const lanes = ['command2 ab-c--', 'a = {"x":1}', 'b = "b"', 'c = close']
    expect(rewritten('cluster 2 protocol=echo show=output,inbox2', ...lanes)).toBe(
      ['output1  ------', 'output2  ab----', 'inbox2   ---|--'].join('\n'),
    )
  })

  it('labels frames and links by their first letter, if it is free', () => {
    expect(
      rewritten('cluster 2 show=frames1,links1', 'outbox1 -a--', 'network --k-', 'k = crash 2'),
    ).toBe(['frames1 -D--', 'links1  ---d', 'D = DATA 1', 'd = 2 down'].join('\n'))
  })

  it('shows envelopes of a restarted sender', () => {
    const lanes = ['network -k-r 20ms -', 'outbox2 a 20ms -----b--', 'k = crash 2', 'r = restart 2']
    expect(rewritten('cluster 2 show=inbox1', ...lanes, 'a = to 1: 1', 'b = to 1: 2')).toMatch(
      /^inbox1 {2}-a \d+ms b-/,
    )
  })

  it('accepts a list of pids', () => {
    expect(rewritten('cluster 4,7', 'outbox7 a-')).toBe(['inbox4  -a', 'inbox7  --'].join('\n'))
  })

  it('keeps its letters in a rewrite', () => {
    const head = ['# t', 'cluster 1 protocol=ticks tick=10ms', 'network ---', '----']
    const below = ['output1 -xq', 'x = "tick 0"', 'q = "tick 1"', '']
    const text = [...head, ...below].join('\n')
    expect(rewriteMarbleTests(text, 'a.txt', RUNNERS)).toBe(text)
  })

  it('shows expected and actual lanes side by side if they differ', () => {
    const text = ['# t', 'cluster 2', 'outbox1 -a-', '----', 'inbox1  ---', 'inbox2  -a-'].join(
      '\n',
    )
    const [comparison] = runMarbleTests(text, 'a.txt', RUNNERS)
    expect(comparison?.difference).toContain('inbox2  -a- | inbox2  --a   <<<')
  })

  it('gives the same result for the same seed only', () => {
    const run = (seed: number) =>
      rewritten(
        `cluster 2 seed=${seed} show=inbox2`,
        'network x',
        'outbox1 --a 30ms b 30ms c 99ms -',
        'x = delay 1..20ms',
      )
    expect(run(5)).toBe(run(5))
    expect(new Set([1, 2, 3, 4, 5].map(run)).size).toBeGreaterThan(1)
  })
})

describe('an invalid marble test of a cluster', () => {
  it.each([
    ['"" is neither a number of nodes nor a list of pids: write cluster N', 'cluster'],
    ['"x" is neither a number', 'cluster x'],
    ['unexpected "y": write cluster N', 'cluster 2 y'],
    ['there is no protocol "gossip"; write one of ticks, echo', 'cluster 2 protocol=gossip'],
    ['there is no lane kind "outbox"; write one of inbox,', 'cluster 2 show=outbox'],
    ['there is no option "ttl="', 'cluster 2 ttl=5'],
    ['"seed=x" is not an integer', 'cluster 2 seed=x'],
    ['"tick=0ms" is not a duration', 'cluster 2 tick=0ms'],
    ['the option "seed=" stands twice', 'cluster 2 seed=1 seed=2'],
    ['"show=inbox9": there is no node 9: there are 1, 2', 'cluster 2 show=inbox9'],
    ['peers: expected an integer from 1', 'cluster 0'],
    ['a list of different pids', 'cluster 1,1'],
    ['limits.bufSize: expected an integer from 1', 'cluster 2 bufSize=0'],
    ['k = "crash 9": there is no node 9: there are 1, 2', 'cluster 2', 'network k', 'k = crash 9'],
    ['unknown lane "outbox3"', 'cluster 2', 'outbox3 a'],
    ['"h" is not defined: write "h = …"', 'cluster 2', 'network h'],
    ['"leap" is not a node action: write add 3', 'cluster 2', 'command1 a', 'a = leap'],
    ['the lane "outbox1" may contain letters only', 'cluster 2', 'outbox1 a|'],
    ['nodes 1 and 2 both send "a"', 'cluster 2', 'outbox1 a', 'outbox2 -a'],
    ['process 2 has crashed', 'cluster 2', 'network k', 'outbox2 -a', 'k = crash 2'],
    ['no errors: the protocol of 1 failed: Error: commanded to fail', ...failing()],
  ])('reports %j', (message, ...lines) => {
    expect(problem(...lines)).toMatch(/^a\.txt:[12]: /)
    expect(problem(...lines)).toContain(message)
  })

  it('lists the known faults after an unknown one', () => {
    expect(problem('cluster 2', 'network x', 'x = explode 2')).toMatch(/explode.*partition/s)
  })
})

function failing(): readonly string[] {
  return ['cluster 2 protocol=echo', 'command1 a', 'a = "fail"']
}
