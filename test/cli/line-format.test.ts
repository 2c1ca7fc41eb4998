/** The plain lines of `rx-cluster up`: the text of a peer cannot imitate other output. */
import { describe, expect, it } from 'vitest'
import type { Envelope, Incarnation } from '../../src/model/envelope.ts'
import { JSON_LINES, PLAIN } from '../../src/cli/up/line-format.ts'

const CONTROLS = 'a\u001B[2J\n* link to 9 is up'
const ESCAPED = 'a\\u001b[2J\\n* link to 9 is up'

describe('the plain format', () => {
  it.each([
    { type: 'refused-by-peer', pid: 2, reason: 'wrong-pid', detail: CONTROLS },
    { type: 'refused-peer', pid: 2, reason: 'wrong-pid', detail: CONTROLS },
    { type: 'bad-frame', pid: 2, detail: CONTROLS },
    { type: 'link', pid: 2, state: 'down', reason: CONTROLS },
  ] as const)('escapes what a peer wrote into the event $type', (event) => {
    expect(PLAIN.event(event)).toContain(ESCAPED)
  })

  it('shows headers and error replies, and escapes them', () => {
    const ids = { pid: 2, incarnation: '00000000000000ab' as Incarnation, msgId: 7 }
    const headers = { trace: CONTROLS }
    const error = { code: 'FULL', message: CONTROLS }
    expect(PLAIN.envelope({ ...ids, msg: 'hi', headers })).toBe(`2: hi with {"trace":"${ESCAPED}"}`)
    const reply = { ...ids, re: 3, error, msg: undefined }
    expect(PLAIN.envelope(reply)).toBe(`! node 2 replies with an error: FULL: ${ESCAPED}`)
    const dead = { envelope: reply, reason: 'expired', outcome: 'not-delivered' } as const
    expect(PLAIN.dead(dead)).toBe(`! to 2: error FULL: ${ESCAPED}: not delivered: expired`)
  })

  it('escapes the detail of a dead letter', () => {
    const envelope = { pid: 2, msg: 'hello' }
    const deadLetter = { envelope, reason: 'rejected', outcome: 'not-delivered' } as const
    expect(PLAIN.dead({ ...deadLetter, detail: CONTROLS })).toContain(ESCAPED)
  })
})

describe('JSON lines', () => {
  const error = { code: 'FULL', message: 'later' }
  const headers = { trace: '1', $bytes: 'AQ==' }

  it('take headers and error replies, and leave what is invalid to the node', () => {
    const envelopeOf = (line: object): unknown => JSON_LINES.parse(JSON.stringify(line))
    const envelope = { pid: 2, re: 3, headers, error }
    expect(envelopeOf(envelope)).toEqual({
      type: 'envelope',
      envelope: { ...envelope, msg: undefined },
    })
    const message = { pid: 2, msg: { $bytes: 'AQ==' }, headers }
    expect(envelopeOf(message)).toEqual({
      type: 'envelope',
      envelope: { ...message, msg: Uint8Array.of(1) },
    })
    expect(envelopeOf({ pid: 2, error: null })).toMatchObject({ envelope: { error: null } })
    expect(envelopeOf({ pid: 2, headers })).toMatchObject({ type: 'invalid' })
  })

  it('print headers and error replies: an error reply has no msg', () => {
    const ids = { pid: 2, incarnation: '00000000000000ab' as Incarnation, msgId: 7 }
    const print = (envelope: Envelope): unknown => JSON.parse(JSON_LINES.envelope(envelope))
    const reply = { ...ids, re: 3, headers, error }
    expect(print({ ...reply, msg: undefined })).toEqual({ type: 'envelope', ...reply })
    expect(print({ ...ids, headers, msg: 1n })).toEqual({
      type: 'envelope',
      ...ids,
      headers,
      msg: { $bigint: '1' },
    })
    const dead = { reason: 'expired', outcome: 'not-delivered' } as const
    const line = JSON_LINES.dead({ envelope: { pid: 2, re: 3, error, msg: undefined }, ...dead })
    expect(JSON.parse(line)).toMatchObject({ envelope: { error } })
  })
})
