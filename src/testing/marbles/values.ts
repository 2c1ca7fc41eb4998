/** Converts between the notation of values and values at run time. */
import { marbleProblem } from './marble-test.ts'
import type { Incarnation } from '../../model/envelope.ts'
import { ClusterError, ERROR_CODES } from '../../model/cluster-error.ts'
import type { ErrorCode } from '../../model/cluster-error.ts'
import type {
  Envelope,
  EnvelopeHeaders,
  OutgoingEnvelope,
  ReplyError,
} from '../../model/envelope.ts'
import { BROADCAST } from '../../model/pid.ts'
import { isObservable } from 'rxjs'
import type { ContentNotation, MarbleNotation, MarbleReference } from './notation.ts'

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const FIRST_INCARNATION = '1'
const ANY_INCARNATION = 'any'
const OUTGOING_KEYS = new Set([
  'pid',
  'msg',
  'error',
  'headers',
  'msgId',
  're',
  'ttlMs',
  'toIncarnation',
])

/** The error of a `#` in an input lane without a definition. */
export const SOURCE_ERROR = new Error('the source failed')

/** An output value that is written as this notation: `{ kind: 'literal', text: 'DATA 1-3' }`. */
export class LiteralNotation {
  readonly notation: MarbleNotation

  constructor(notation: MarbleNotation) {
    this.notation = notation
  }
}

/** Returns the `msgId` of a letter: a is 1, z is 26, A is 27. */
export function msgIdOf(reference: MarbleReference): number {
  return typeof reference === 'number' ? reference : LETTERS.indexOf(reference) + 1
}

/** Returns the letter of a `msgId`, or the number if it has none. */
export function referenceTo(msgId: number): MarbleReference {
  return LETTERS.charAt(msgId - 1) || msgId
}

/** Returns the value of an undefined letter. */
export function defaultNotation(letter: string, asEnvelope: boolean): MarbleNotation {
  const json = JSON.stringify(letter)
  return asEnvelope ? { kind: 'envelope', pid: 2, json } : { kind: 'json', json }
}

/** Returns the value of a letter: an envelope, an outgoing envelope, or plain JSON. */
export function valueOf(letter: string, notation: MarbleNotation): unknown {
  switch (notation.kind) {
    case 'envelope':
      return {
        pid: notation.pid,
        incarnation: incarnationOf(notation.incarnation ?? FIRST_INCARNATION),
        msgId: msgIdOf(notation.as ?? letter),
        ...(notation.re === undefined ? {} : { re: msgIdOf(notation.re) }),
        ...contentOf(notation),
      } satisfies Envelope
    case 'outgoing':
      return {
        pid: notation.to === 'all' ? BROADCAST : notation.to,
        ...receiverIncarnation(notation),
        ...contentOf(notation),
        ...(notation.as === undefined ? {} : { msgId: msgIdOf(notation.as) }),
        ...(notation.re === undefined ? {} : { re: msgIdOf(notation.re) }),
        ...(notation.ttlMs === undefined ? {} : { ttlMs: notation.ttlMs }),
      } satisfies OutgoingEnvelope
    case 'json':
      return parseJson(notation.json)
    case 'literal':
      throw marbleProblem(
        `"${notation.text}" is not a value: write JSON, or "2: JSON" for an envelope`,
      )
  }
}

/** Returns the notation of a value; that of an envelope includes its `msgId`. */
export function notationOf(value: unknown): MarbleNotation {
  if (isObservable(value)) return { kind: 'literal', text: streamName(value) }
  if (value instanceof LiteralNotation) return value.notation
  if (typeof value !== 'object' || value === null) return { kind: 'json', json: stringify(value) }
  if (isEnvelope(value)) {
    const incarnation = shortIncarnation(value.incarnation)
    return {
      kind: 'envelope',
      pid: value.pid,
      ...(incarnation === FIRST_INCARNATION ? {} : { incarnation }),
      as: referenceTo(value.msgId),
      ...contentNotation(value),
      ...(value.re === undefined ? {} : { re: referenceTo(value.re) }),
    }
  }
  if (isOutgoing(value)) {
    return {
      kind: 'outgoing',
      to: value.pid === BROADCAST ? 'all' : value.pid,
      ...incarnationNotation(value),
      ...(value.msgId === undefined ? {} : { as: referenceTo(value.msgId) }),
      ...contentNotation(value),
      ...(value.re === undefined ? {} : { re: referenceTo(value.re) }),
      ...(value.ttlMs === undefined ? {} : { ttlMs: value.ttlMs }),
    }
  }
  return { kind: 'json', json: stringify(value) }
}

function contentOf({
  json,
  isError,
  headers,
}: ContentNotation): Pick<Envelope, 'headers' | 'msg' | 'error'> {
  const value = parseJson(json)
  const texts = headers === undefined ? {} : { headers: parseJson(headers) as EnvelopeHeaders }
  return isError === true
    ? { ...texts, msg: undefined, error: value as ReplyError }
    : { ...texts, msg: value }
}

/** Returns the notation of a message or an error, and of headers. */
export function contentNotation({
  msg,
  error,
  headers,
}: Pick<Envelope, 'headers' | 'msg' | 'error'>): ContentNotation {
  const hasHeaders = headers !== undefined && Object.keys(headers).length > 0
  const texts = hasHeaders ? { headers: stringify(headers) } : {}
  return error === undefined
    ? { json: stringify(msg), ...texts }
    : { json: stringify(error), isError: true, ...texts }
}

/** Returns the error of `# = …` above the line: a code of the library, or any text. */
export function errorOf(text: string): Error {
  const code = ERROR_CODES.find((known) => known === text)
  return code === undefined ? new Error(text) : new ClusterError(code satisfies ErrorCode, text)
}

/** Returns the text behind `# =`; undefined for the default error of an input lane. */
export function errorTextOf(error: unknown): string | undefined {
  if (error === SOURCE_ERROR) return undefined
  if (error instanceof ClusterError) {
    return error.issues.length === 0 ? error.code : `${error.code}: ${error.issues.join('; ')}`
  }
  if (!(error instanceof Error)) return stringify(error)
  return error.name === 'Error' ? error.message : `${error.name}: ${error.message}`
}

function incarnationOf(text: string): Incarnation {
  return text.padStart(16, '0') as Incarnation
}

function shortIncarnation(incarnation: string): string {
  return incarnation.replace(/^0+/, '')
}

function receiverIncarnation({
  to,
  incarnation,
  re,
}: Extract<MarbleNotation, { kind: 'outgoing' }>): Pick<OutgoingEnvelope, 'toIncarnation'> {
  const implied = re === undefined || to === 'all' ? ANY_INCARNATION : FIRST_INCARNATION
  const text = incarnation ?? implied
  return text === ANY_INCARNATION ? {} : { toIncarnation: incarnationOf(text) }
}

function incarnationNotation({ pid, re, toIncarnation }: OutgoingEnvelope): {
  readonly incarnation?: string
} {
  const implied = re === undefined || pid === BROADCAST ? undefined : FIRST_INCARNATION
  const actual = toIncarnation === undefined ? undefined : shortIncarnation(toIncarnation)
  return actual === implied ? {} : { incarnation: actual ?? ANY_INCARNATION }
}

function isEnvelope(value: object): value is Envelope {
  return 'pid' in value && 'incarnation' in value && 'msgId' in value && 'msg' in value
}

function isOutgoing(value: object): value is OutgoingEnvelope {
  const keys = Object.keys(value)
  return 'pid' in value && 'msg' in value && keys.every((key) => OUTGOING_KEYS.has(key))
}

function streamName(value: object): string {
  const key = 'key' in value ? value.key : 'pid' in value ? value.pid : undefined
  return key === undefined ? 'a stream' : `a stream of ${String(key)}`
}

function parseJson(json: string): unknown {
  return json === 'undefined' ? undefined : JSON.parse(json)
}

function stringify(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) => {
      if (inner instanceof Map) return Object.fromEntries(inner)
      if (inner instanceof Set) return [...inner]
      if (inner instanceof Error) return errorTextOf(inner)
      if (typeof inner === 'bigint') return `${inner}n`
      if (typeof inner === 'number' && !Number.isFinite(inner)) return String(inner)
      return inner
    }) ?? 'undefined'
  )
}
