/** The io-ts codecs of the lines of a recording; their names are what messages say was expected. */
import * as t from 'io-ts'
import { LIMIT_FIELDS, PidCodec, integer, refined } from './config-codecs.ts'
import type { DeadReason, Outcome } from './dead-letter.ts'
import type { Incarnation, MsgId } from './envelope.ts'
import type { LinkState } from './peer.ts'
import { closedObject } from './closed-object.ts'
import { isMsgId } from './envelope.ts'

/** What the first line calls itself. */
export const RECORDING_FORMAT = 'rx-cluster recording'
/** The version that is written, and the only one that is read. */
export const RECORDING_VERSION = 1

const COUNT = integer(0, Number.MAX_SAFE_INTEGER)
const TEXT = refined<string>('a text', (value) => typeof value === 'string')
const MOMENT = refined<number>('milliseconds, 0 or more', (value) => {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value)
})
const INCARNATION = refined<Incarnation>('16 hex digits', (value) => {
  return typeof value === 'string' && /^[0-9a-f]{16}$/.test(value)
})
const MSG_ID = refined<MsgId>('an integer from 0 to 2^53 - 1', isMsgId)
const DATE = refined<string>('a time such as "2026-01-31T12:00:00.000Z"', (value) => {
  return typeof value === 'string' && !Number.isNaN(new Date(value).getTime())
})
/** A message as JSON; that of `undefined` is an object, so it must be there. */
const MESSAGE = refined<unknown>('a message', (value) => value !== undefined)
const LINK = refined<LinkState>('connecting, up, busy or down', (value) => {
  return ['connecting', 'up', 'busy', 'down'].includes(value as string)
})

const PEER = closedObject('{ pid, endpoint }', { pid: PidCodec, endpoint: TEXT }, {})

/** The first line, without its format and version. */
export const RecordingHeader = closedObject(
  'the first line of a recording',
  {
    pid: PidCodec,
    incarnation: INCARNATION,
    cluster: TEXT,
    bind: TEXT,
    startedAt: DATE,
    limits: closedObject('the limits of a node', LIMIT_FIELDS, {}),
    dropped: COUNT,
    /** How many lines follow: a file may have been cut off. */
    events: COUNT,
    peers: t.readonlyArray(
      closedObject('{ pid, endpoint, link }', { pid: PidCodec, endpoint: TEXT, link: LINK }, {}),
    ),
  },
  {},
)

const STAMP = { atMs: MOMENT, type: TEXT }
const ANSWERS = { re: MSG_ID }
const MAIL = { ...STAMP, msgId: MSG_ID, msg: MESSAGE }

/** Every line after the first, by its type. */
export const RECORDED_EVENTS = {
  started: closedObject('an event', { ...STAMP, incarnation: INCARNATION }, {}),
  sent: closedObject('an event', { ...MAIL, to: PidCodec }, ANSWERS),
  received: closedObject(
    'an event',
    { ...MAIL, from: PidCodec, incarnation: INCARNATION },
    ANSWERS,
  ),
  dead: closedObject(
    'an event',
    { ...STAMP, to: PidCodec, reason: refinedReason(), outcome: refinedOutcome() },
    { msgId: MSG_ID },
  ),
  link: closedObject('an event', { ...STAMP, peer: PidCodec, state: LINK }, {}),
  peers: closedObject('an event', { ...STAMP, peers: t.readonlyArray(PEER) }, {}),
  closed: closedObject('an event', STAMP, {}),
} as const

/** A version may name reasons that this one does not know; they are only shown. */
function refinedReason(): t.Type<DeadReason, unknown> {
  return refined('why it is dead', (value) => typeof value === 'string')
}

function refinedOutcome(): t.Type<Outcome, unknown> {
  return refined('not-delivered or unknown', (value) => {
    return value === 'not-delivered' || value === 'unknown'
  })
}
