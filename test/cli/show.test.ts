/** `rx-cluster show`: draws the recording of a node. */
import type { Incarnation } from '../../src/model/envelope.ts'
import { describe, expect, it } from 'vitest'
import { command, directory } from './command.ts'
import { DEFAULT_LIMITS } from '../../src/model/limits.ts'
import type { NodeTraceEvent } from '../../src/recording/trace-event.ts'
import type { Recording } from '../../src/recording/recording.ts'
import { join } from 'node:path'
import { readFile } from 'node:fs/promises'
import { renderRecording } from '../../src/recording/recording-text.ts'

const incarnation = (digit: string): Incarnation => digit.repeat(16) as Incarnation
const stamp = (atMs: number) => ({ atMs, pid: 1 })
const vote = { type: 'vote', key: Uint8Array.of(1, 2, 3) }
const EVENTS: readonly NodeTraceEvent[] = [
  { ...stamp(0), type: 'started', incarnation: incarnation('a') },
  { ...stamp(3.2), type: 'link', peer: 2, state: 'up' },
  { ...stamp(3.4), type: 'link', peer: 3, state: 'down' },
  { ...stamp(10), type: 'sent', to: 2, msgId: 1000, msg: 'beat' },
  { ...stamp(10.1), type: 'sent', to: 3, msgId: 1000, msg: 'beat' },
  { ...stamp(12.5), type: 'received', from: 2, incarnation: incarnation('b'), msgId: 7, msg: vote },
  { ...stamp(12.8), type: 'sent', to: 2, msgId: 1001, re: 7, msg: 'yes' },
  {
    ...stamp(5_000),
    type: 'dead',
    to: 3,
    msgId: 1000,
    reason: 'expired',
    outcome: 'not-delivered',
  },
  { ...stamp(5_001), type: 'peers', peers: [{ pid: 2, endpoint: 'inproc://two' }] },
  {
    ...stamp(5_002),
    type: 'received',
    from: 2,
    incarnation: incarnation('c'),
    msgId: 7,
    re: 1,
    msg: '\u009b2J\u202e',
  },
  { ...stamp(6_000), type: 'closed' },
]
const RECORDING: Recording = {
  pid: 1,
  incarnation: incarnation('a'),
  cluster: 'orders',
  bind: 'inproc://one',
  startedAt: new Date(0),
  limits: DEFAULT_LIMITS,
  dropped: 0,
  peers: [2, 3].map((pid) => ({ pid, endpoint: `inproc://${pid}`, link: 'connecting' as const })),
  events: EVENTS,
}

async function show(content: string, ...options: string[]) {
  const files = await directory({ 'node-1.jsonl': content })
  try {
    return await command('show', join(files.path, 'node-1.jsonl'), ...options)
  } finally {
    await files[Symbol.asyncDispose]()
  }
}

describe('show', () => {
  it('draws a lane for the node and for each peer, and defines the letters', async () => {
    const { code, out, err } = await show(renderRecording(RECORDING))
    expect([code, err]).toEqual([0, ''])
    expect(out.split('\n')).toEqual([
      'node 1 of cluster orders, incarnation aaaaaaaaaaaaaaaa',
      'started 1970-01-01T00:00:00.000Z, recorded up to 6,000 ms',
      '11 events',
      '',
      'node 1 ^--- 6ms a-c 4987ms de-    997ms |',
      'peer 2 ---^ 6ms --b 4987ms --(fg) 997ms -',
      'peer 3 ---- 6ms --- 4987ms ---    997ms -',
      'a = to 2, 3: "beat"',
      'b = from 2: {"type":"vote","key":{"$bytes":"AQID"}}',
      'c = reply to 2: "yes"',
      'd = dead letter to 3: expired, not-delivered',
      'e = peers: 2',
      'f = node 2 restarted',
      'g = reply from 2: "\\u{9b}2J\\u{202e}"',
      '',
      '^ node started, link up   ! link down   | node closed   (ab) within one ms',
    ])
  })

  it('draws headers and error replies, and --json prints them', async () => {
    const content = { headers: { trace: '1' }, error: { code: 'FULL', message: 'later' } }
    const events: readonly NodeTraceEvent[] = [
      { ...stamp(1), type: 'sent', to: 2, msgId: 1, headers: content.headers, msg: 'hi' },
      { ...stamp(1.1), type: 'sent', to: 3, msgId: 1, headers: content.headers, msg: 'hi' },
      { ...stamp(1.2), type: 'sent', to: 2, msgId: 1, msg: 'hi' },
      {
        ...stamp(2),
        type: 'received',
        from: 2,
        incarnation: incarnation('b'),
        msgId: 7,
        re: 1,
        ...content,
        msg: undefined,
      },
    ]
    const text = renderRecording({ ...RECORDING, events })
    const { out } = await show(text)
    expect(out.split('\n').filter((line) => line.includes(' = '))).toEqual([
      'a = to 2, 3: "hi" with {"trace":"1"}',
      'b = to 2: "hi"',
      'c = reply from 2: error {"code":"FULL","message":"later"} with {"trace":"1"}',
    ])
    const json = await show(text, '--json')
    const last: unknown = JSON.parse(json.out.split('\n').at(-1) as string)
    expect(last).toEqual({
      ...{ atMs: 2, pid: 1, type: 'received', from: 2, incarnation: incarnation('b') },
      ...{ msgId: 7, re: 1 },
      ...content,
    })
  })

  it('draws the end, and reports what is omitted and what was dropped', async () => {
    const peers = RECORDING.peers.map((peer) => ({ ...peer, link: 'up' as const }))
    const text = renderRecording({ ...RECORDING, dropped: 1_234, peers })
    const { out } = await show(text, '--last', '2', '--width', '60')
    expect(out.split('\n').slice(2, 10)).toEqual([
      '11 events, 1,234 earlier ones were dropped',
      'links up before the first event: 2, 3',
      '… 6 earlier milliseconds omitted: --last 8 draws all',
      '',
      'from 5002ms on:',
      'node 1 -    997ms |',
      'peer 2 (ab) 997ms -',
      'peer 3 -    997ms -',
    ])
  })

  it('draws the state of a link again after its peer was removed and added again', async () => {
    const peers = (...pids: number[]) =>
      ({ type: 'peers', peers: pids.map((pid) => ({ pid, endpoint: `inproc://${pid}` })) }) as const
    const up = { type: 'link', peer: 2, state: 'up' } as const
    const events: readonly NodeTraceEvent[] = [
      { ...stamp(1), ...up },
      { ...stamp(2), ...peers(3) },
      { ...stamp(3), ...peers(2, 3) },
      { ...stamp(4), ...up },
      { ...stamp(5), type: 'link', peer: 2, state: 'down', reason: 'refused' },
      { ...stamp(6), type: 'link', peer: 2, state: 'down', reason: 'no answer' },
    ]
    const { out } = await show(renderRecording({ ...RECORDING, events }))
    expect(out.split('\n').find((line) => line.startsWith('peer 2'))).toBe('peer 2 -^--^(c!)d')
  })

  it('--json prints the events', async () => {
    const { code, out } = await show(renderRecording(RECORDING), '--json')
    expect(code).toBe(0)
    const events = out.split('\n').map((line): unknown => JSON.parse(line))
    expect(events.length).toBe(EVENTS.length)
    expect(events[5]).toEqual({
      atMs: 12.5,
      pid: 1,
      type: 'received',
      from: 2,
      incarnation: incarnation('b'),
      msgId: 7,
      msg: { type: 'vote', key: { $bytes: 'AQID' } },
    })
  })

  it('--svg writes a picture', async () => {
    const files = await directory({ 'node-1.jsonl': renderRecording(RECORDING) })
    const [recordingPath, picturePath] = [
      join(files.path, 'node-1.jsonl'),
      join(files.path, 'node-1.svg'),
    ]
    expect(await command('show', recordingPath, '--svg', picturePath)).toEqual({
      code: 0,
      out: '',
      err: '',
    })
    const svg = await readFile(picturePath, 'utf8')
    expect(svg).toMatch(/^<svg [^]*<\/svg>\n$/)
    for (const text of ['peer 2', 'peer 3', 'node 1', 'dead letter to 3', 'link up', '6000']) {
      expect(svg).toContain(text)
    }
    // The description for screen readers.
    expect(svg).toContain('peer 2 ---^ 6ms --b 4987ms --(fg) 997ms -')
    const missing = await command('show', recordingPath, '--svg', join(files.path, 'no', 'x.svg'))
    expect([missing.code, missing.err]).toEqual([
      1,
      expect.stringContaining('create it first (mkdir -p'),
    ])
    await files[Symbol.asyncDispose]()
  })

  it('--svg refuses more events than there are letters', async () => {
    const events = Array.from({ length: 60 }, (_, n): NodeTraceEvent => {
      return { ...stamp(n), type: 'sent', to: 2, msgId: n, msg: n }
    })
    const many = await show(renderRecording({ ...RECORDING, events }), '--svg', 'x.svg')
    expect([many.code, many.out]).toEqual([1, ''])
    expect(many.err).toContain(
      'cannot draw 60 different events: a picture has 52 letters. Draw less with --last',
    )
  })

  it.each([
    ['not a recording', '{"peers":[]}\n', 'line 1: expected {"format":"rx-cluster recording",…}'],
    ['truncated', renderRecording(RECORDING).slice(0, -20), 'line 12:'],
  ])('%s: exits with 3 and names the line', async (_, content, problem) => {
    const { code, out, err } = await show(content)
    expect([code, out]).toEqual([3, ''])
    expect(err).toMatch(/^RECORDING_INVALID: .* is no recording\n/)
    expect(err.split(problem)).toHaveLength(2)
    expect(err).not.toContain('    at ')
  })

  it('still works as replay, and reports the new name on stderr', async () => {
    const files = await directory({ 'node-1.jsonl': renderRecording(RECORDING) })
    const path = join(files.path, 'node-1.jsonl')
    const [former, current] = await Promise.all([command('replay', path), command('show', path)])
    expect([former.code, former.out]).toEqual([0, current.out])
    expect(former.err).toContain('rx-cluster replay is now called rx-cluster show')
    expect((await command('--help')).out).not.toContain('replay')
    await files[Symbol.asyncDispose]()
  })

  it('missing file: exits with 3', async () => {
    const { code, err } = await command('show', '/nowhere/node-1.jsonl')
    expect(code).toBe(3)
    expect(err).toMatch(/^RECORDING_INVALID: cannot read \/nowhere\/node-1.jsonl: ENOENT/)
  })
})
