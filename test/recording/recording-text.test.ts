/** Recordings as text: round trips, and the error messages of invalid files. */
import type { Incarnation } from '../../src/model/envelope.ts'
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { encode, messages } from '../codec/samples.ts'
import { parseRecording, renderRecording } from '../../src/recording/recording-text.ts'
import { ClusterError } from '../../src/model/cluster-error.ts'
import { DEFAULT_LIMITS } from '../../src/model/limits.ts'
import type { NodeTraceEvent } from '../../src/recording/trace-event.ts'
import type { Recording } from '../../src/recording/recording.ts'

const INCARNATION = '00000000000000ab' as Incarnation

function recordingOf(...events: readonly NodeTraceEvent[]): Recording {
  return {
    pid: 1,
    incarnation: INCARNATION,
    cluster: 'orders',
    bind: 'tcp://127.0.0.1:0',
    startedAt: new Date(1_000),
    limits: DEFAULT_LIMITS,
    dropped: 3,
    peers: [{ pid: 2, endpoint: 'tcp://127.0.0.1:5002', link: 'up' }],
    events,
  }
}

const stamp = { atMs: 0.125, pid: 1 }
const message = { incarnation: INCARNATION, msgId: 2 ** 53 - 1, msg: 'hi' }
const EVERY_EVENT: readonly NodeTraceEvent[] = [
  { ...stamp, type: 'started', incarnation: INCARNATION },
  { ...stamp, type: 'sent', to: 2, msgId: 0, re: 5, msg: undefined },
  { ...stamp, type: 'received', from: 2, ...message },
  { ...stamp, type: 'received', from: 2, ...message, re: 0, msg: { $bytes: 'no bytes' } },
  { ...stamp, type: 'dead', to: 2, msgId: 0, reason: 'expired', outcome: 'unknown' },
  { ...stamp, type: 'link', peer: 2, state: 'unresponsive', reason: 'no PONG' },
  { ...stamp, type: 'peers', peers: [{ pid: 3, endpoint: 'inproc://three' }] },
  { ...stamp, type: 'closed' },
]

function problemsIn(text: string): readonly string[] {
  try {
    parseRecording(text)
  } catch (error) {
    expect(error).toBeInstanceOf(ClusterError)
    expect((error as ClusterError).code).toBe('RECORDING_INVALID')
    return (error as ClusterError).issues
  }
  return []
}

describe('a recording as text', () => {
  it('is a header and a line for each event, and parses to the same recording', () => {
    const recording = recordingOf(...EVERY_EVENT)
    const text = renderRecording(recording)
    expect(text.split('\n').length).toBe(EVERY_EVENT.length + 2)
    expect(text).toMatch(/^\{"format":"rx-cluster recording","version":2,"pid":1,/)
    expect(parseRecording(text)).toStrictEqual(recording)
    expect(parseRecording(text.replaceAll('\n', '\r\n'))).toStrictEqual(recording)
    expect(renderRecording(parseRecording(text))).toBe(text)
    expect(parseRecording(renderRecording(recordingOf()))).toStrictEqual(recordingOf())
  })

  it('is lossless for any message', () => {
    fc.assert(
      fc.property(messages, (msg) => {
        const sent = { ...stamp, type: 'sent', to: 2, msgId: 1, msg } as const
        const [read] = parseRecording(renderRecording(recordingOf(sent))).events
        expect(encode((read as typeof sent).msg)).toEqual(encode(msg))
      }),
    )
  })
})

const CONTENT = { headers: { trace: '1', $bytes: 'AQ==' }, error: { code: 'A', message: 'b' } }
const ERROR_REPLIES: readonly NodeTraceEvent[] = [
  { ...stamp, type: 'sent', to: 2, msgId: 0, headers: CONTENT.headers, msg: 'hi' },
  { ...stamp, type: 'sent', to: 2, msgId: 0, re: 5, ...CONTENT, msg: undefined },
  { ...stamp, type: 'received', from: 2, ...message, re: 5, ...CONTENT, msg: undefined },
]

describe('headers and error replies', () => {
  const text = renderRecording(recordingOf(...ERROR_REPLIES))

  it('are fields of their events, and an error reply has no msg', () => {
    expect(JSON.parse(text.split('\n')[2] as string)).toEqual({
      ...{ atMs: 0.125, type: 'sent', to: 2, msgId: 0, re: 5 },
      ...CONTENT,
    })
    expect(parseRecording(text)).toStrictEqual(recordingOf(...ERROR_REPLIES))
    expect(renderRecording(parseRecording(text))).toBe(text)
  })

  it.each([
    ['"re":5,', '', 'line 3: re: expected an integer from 0 to 2^53 - 1'],
    ['"code":"A",', '', 'line 3: error.code: expected a text, got undefined'],
    ['"error":', '"msg":1,"error":', 'line 3: msg: expected no such key, got 1'],
    ['"trace":"1"', '"trace":1', 'line 2: headers: expected up to 32 texts, of 8 KiB in all'],
    ['"trace":"1"', '"__proto__":"1"', 'line 2: headers: expected up to 32 texts'],
  ])('%s replaced by %j is a problem of its line', (from, to, problem) => {
    expect(problemsIn(text.replace(from, to)).join('\n')).toContain(problem)
  })
})

describe('an invalid file', () => {
  const text = renderRecording(recordingOf(...EVERY_EVENT))

  it.each([
    [
      'an empty file',
      '',
      'line 1: expected {"format":"rx-cluster recording",…}, got an empty line',
    ],
    ['a config', '{ "peers": [] }\n', 'line 1: expected {"format":"rx-cluster recording",…}, got'],
    [
      'a newer version',
      text.replace('"version":2', '"version":3'),
      'version: expected 2, got 3: a newer rx-cluster wrote it; read it with that release',
    ],
    [
      'version 1',
      text.replace('"version":2', '"version":1'),
      'version: expected 2, got 1: an older rx-cluster wrote it; read it with that release, or record again',
    ],
    ['no version', text.replace('"version":2,', ''), 'version: expected 2, got undefined'],
    ['a header without a pid', text.replace('"pid":1,', ''), 'line 1: pid: expected an integer'],
    [
      'lines that are missing',
      text.split('\n').slice(0, 4).join('\n') + '\n',
      'got 3: the file is truncated',
    ],
    ['lines too many', `${text}${text.split('\n')[1]}\n`, 'got 9: lines were added'],
    [
      'half a line',
      text.slice(0, -5),
      'line 9: expected an event as JSON, got "{\\"atMs\\":0.125,\\"type\\":\\"clos" (the file ends inside this line)',
    ],
    [
      'an unknown event',
      text.replace('"closed"', '"woke"'),
      'line 9: type: expected one of started',
    ],
    [
      'a wrong field',
      text.replace('"state":"unresponsive"', '"state":"good"'),
      'line 7: state: expected connecting, up',
    ],
    [
      'a message that is missing',
      text.replace(',"msg":{"$undefined":true}', ''),
      'line 3: msg: expected a message',
    ],
    [
      'an empty line',
      text.replace('\n', '\n\n'),
      'line 2: expected an event as JSON, got an empty',
    ],
  ])('%s', (_, wrong, problem) => {
    expect(problemsIn(wrong).join('\n')).toContain(problem)
  })

  it('lists every problem, up to 20', () => {
    const broken = text.replaceAll('"atMs":0.125', '"atMs":-1')
    expect(problemsIn(broken).length).toBe(EVERY_EVENT.length)
    const worse = renderRecording(
      recordingOf(...Array.from({ length: 1_000 }, () => EVERY_EVENT[7] as NodeTraceEvent)),
    ).replaceAll('closed', 'opened')
    expect(problemsIn(worse).length).toBe(20)
  })
})

describe('arguments', () => {
  it('that are no recordings, and no texts, are refused', () => {
    expect(() => renderRecording(undefined as unknown as Recording)).toThrow(
      'renderRecording: recording: expected a recording (node.recording() with recordEvents above',
    )
    expect(() => parseRecording(Buffer.from('{}') as unknown as string)).toThrow(
      "text: expected the text of a recording (readFileSync(path, 'utf8')), got 2 bytes",
    )
  })
})
