/** The io-ts codecs of the lines of a recording; error messages quote their names. */
import * as t from 'io-ts'
import { LIMIT_FIELDS, PidCodec, integerCodec, refinement } from '../config/config-codecs.ts'
import type { DeadReason, Outcome } from '../model/dead-letter.ts'
import type { EnvelopeHeaders, Incarnation, MsgId } from '../model/envelope.ts'
import type { LinkState } from '../model/peer.ts'
import { strictObject } from '../config/strict-object.ts'
import { isMsgId } from '../model/envelope.ts'
import { encodeHeaders } from '../protocol/wire/headers.ts'

/** The `format` of the first line. */
export const RECORDING_FORMAT = 'rx-cluster recording'
/**
 * The version that is written, and the only one that is read. It goes up when a former reader would
 * read a file wrongly; one that finds a field it does not know refuses that line.
 */
export const RECORDING_VERSION = 2

const COUNT = integerCodec(0, Number.MAX_SAFE_INTEGER)
const TEXT = refinement<string>('a text', (value) => typeof value === 'string')
const TIME = refinement<number>('milliseconds, 0 or more', (value) => {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value)
})
const INCARNATION = refinement<Incarnation>('16 hex digits', (value) => {
  return typeof value === 'string' && /^[0-9a-f]{16}$/.test(value)
})
const MSG_ID = refinement<MsgId>('an integer from 0 to 2^53 - 1', isMsgId)
const DATE = refinement<string>('a time such as "2026-01-31T12:00:00.000Z"', (value) => {
  return typeof value === 'string' && !Number.isNaN(new Date(value).getTime())
})
/** A message as JSON. That of `undefined` is an object, so the key is always present. */
const MESSAGE = refinement<unknown>('a message', (value) => value !== undefined)
const HEADERS = refinement<EnvelopeHeaders>('up to 32 texts, of 8 KiB in all', (value) => {
  return typeof value === 'object' && typeof encodeHeaders(value) !== 'string'
})
const LINK_STATE = refinement<LinkState>('connecting, up, unresponsive or down', (value) => {
  return ['connecting', 'up', 'unresponsive', 'down'].includes(value as string)
})

const PEER = strictObject('{ pid, endpoint }', { pid: PidCodec, endpoint: TEXT }, {})

/** The first line, without its format and version. */
export const RecordingHeader = strictObject(
  'the first line of a recording',
  {
    pid: PidCodec,
    incarnation: INCARNATION,
    cluster: TEXT,
    bind: TEXT,
    startedAt: DATE,
    limits: strictObject('the limits of a node', LIMIT_FIELDS, {}),
    dropped: COUNT,
    /** The number of lines that follow, to detect a truncated file. */
    events: COUNT,
    peers: t.readonlyArray(
      strictObject(
        '{ pid, endpoint, link }',
        { pid: PidCodec, endpoint: TEXT, link: LINK_STATE },
        {},
      ),
    ),
  },
  {},
)

const EVENT_FIELDS = { atMs: TIME, type: TEXT }
const OPTIONAL_FIELDS = { re: MSG_ID, headers: HEADERS }
const MESSAGE_FIELDS = { ...EVENT_FIELDS, msgId: MSG_ID, msg: MESSAGE }
const ERROR_FIELDS = {
  ...EVENT_FIELDS,
  msgId: MSG_ID,
  re: MSG_ID,
  error: strictObject('{ code, message }', { code: TEXT, message: TEXT }, {}),
}
const RECEIVED_FIELDS = { from: PidCodec, incarnation: INCARNATION }

/** The codecs of the lines after the first, by event type. */
export const RECORDED_EVENTS = {
  started: strictObject('an event', { ...EVENT_FIELDS, incarnation: INCARNATION }, {}),
  sent: strictObject('an event', { ...MESSAGE_FIELDS, to: PidCodec }, OPTIONAL_FIELDS),
  received: strictObject('an event', { ...MESSAGE_FIELDS, ...RECEIVED_FIELDS }, OPTIONAL_FIELDS),
  dead: strictObject(
    'an event',
    { ...EVENT_FIELDS, to: PidCodec, reason: deadReasonCodec(), outcome: outcomeCodec() },
    { msgId: MSG_ID },
  ),
  link: strictObject(
    'an event',
    { ...EVENT_FIELDS, peer: PidCodec, state: LINK_STATE },
    { reason: TEXT },
  ),
  peers: strictObject('an event', { ...EVENT_FIELDS, peers: t.readonlyArray(PEER) }, {}),
  closed: strictObject('an event', EVENT_FIELDS, {}),
} as const

/** The codecs of events with `error`, which have no message. */
export const RECORDED_ERROR_REPLIES = {
  sent: strictObject('an event', { ...ERROR_FIELDS, to: PidCodec }, { headers: HEADERS }),
  received: strictObject('an event', { ...ERROR_FIELDS, ...RECEIVED_FIELDS }, { headers: HEADERS }),
} as const

/** Accepts reasons of other releases: they are only shown. */
function deadReasonCodec(): t.Type<DeadReason, unknown> {
  return refinement('a dead reason', (value) => typeof value === 'string')
}

function outcomeCodec(): t.Type<Outcome, unknown> {
  return refinement('not-delivered or unknown', (value) => {
    return value === 'not-delivered' || value === 'unknown'
  })
}
