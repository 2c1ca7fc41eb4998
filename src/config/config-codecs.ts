/** The io-ts codecs of the fields of a config. Messages name them after "expected". */
import * as t from 'io-ts'
import { EXPECTED_ENDPOINT, type EndpointUse, endpointError } from '../model/endpoint.ts'
import type { OnRestart, Overflow } from '../model/limits.ts'
import { publicKeyProblems } from '../keys/peer-keys.ts'
import { PID_MAX, type Pid, isPid } from '../model/pid.ts'

/** The longest delay of a timer: 24 days. */
const TIMER_MS_MAX = 2 ** 31 - 1
const COUNT_MAX = 2 ** 31 - 1
const GIB = 2 ** 30
/** V8 cannot hold an object of four times as many keys, and ends the process. */
const MESSAGE_VALUES_MAX = 2 ** 24
const CLUSTER_LENGTH_MAX = 200

/** Creates a codec that accepts a value unchanged if `is` returns true for it. */
export function refinement<A>(name: string, is: (value: unknown) => boolean): t.Type<A, unknown> {
  const guard = (value: unknown): value is A => is(value)
  const validate: t.Validate<unknown, A> = (input, context) =>
    guard(input) ? t.success(input) : t.failure(input, context)
  return new t.Type<A, unknown>(name, guard, validate, t.identity)
}

/** Creates a codec for the integers from `min` to `max`. */
export function integerCodec(min: number, max: number): t.Type<number, unknown> {
  return refinement(`an integer from ${min} to ${max}`, (value) => {
    return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
  })
}

/** Creates a codec for endpoints. */
export function endpointCodec(use: EndpointUse): t.Type<string, unknown> {
  const is = (value: unknown): value is string =>
    typeof value === 'string' && endpointError(value, use) === undefined
  return new t.Type<string, unknown>(
    EXPECTED_ENDPOINT,
    is,
    (input, context) => {
      if (typeof input !== 'string') return t.failure(input, context)
      const error = endpointError(input, use)
      if (error === undefined) return t.success(input)
      return t.failure(input, context, `expected ${error.expected}, got ${error.got}`)
    },
    t.identity,
  )
}

/** The codec of pids. */
export const PidCodec = refinement<Pid>(`an integer from 0 to ${PID_MAX}`, isPid)

/** The limits of a node. All are optional in a config. */
export const LIMIT_FIELDS = {
  startMsgId: integerCodec(0, Number.MAX_SAFE_INTEGER),
  bufSize: integerCodec(1, COUNT_MAX),
  bufBytes: integerCodec(1, Number.MAX_SAFE_INTEGER),
  overflow: oneOf<Overflow>('drop-newest', 'drop-oldest'),
  windowBytes: integerCodec(1, 4 * GIB - 1),
  maxMessageBytes: integerCodec(1, GIB),
  maxMessageValues: integerCodec(1, MESSAGE_VALUES_MAX),
  onRestart: oneOf<OnRestart>('dead-letter', 'resend'),
  ttlMs: integerCodec(1, TIMER_MS_MAX),
  peerTimeoutMs: integerCodec(1, TIMER_MS_MAX),
  closeTimeoutMs: integerCodec(0, TIMER_MS_MAX),
  recordEvents: integerCodec(0, COUNT_MAX),
  recordBytes: integerCodec(1, GIB),
}

/** Whether nodes may bind and connect beyond this machine without keys. */
export const INSECURE_FIELD = refinement<boolean>(
  'true or false',
  (value) => typeof value === 'boolean',
)

/** The codec of the `publicKey` of a peer: one key, or a list. */
export const PUBLIC_KEY_FIELD: t.Type<string | readonly string[], unknown> = new t.Type(
  'a public key, or a list of them',
  (value): value is string | readonly string[] => publicKeyProblems(value).length === 0,
  (input, context) => {
    const errors = publicKeyProblems(input).map(({ index, problem }) => ({
      value: undefined,
      context:
        index === undefined
          ? context
          : t.appendContext(context, String(index), t.unknown, undefined),
      message: problem,
    }))
    return errors.length > 0 ? t.failures(errors) : t.success(input as string | readonly string[])
  },
  t.identity,
)

/** The codec of a secret: no error shows the text. */
export const SECRET_FIELD = refinement<string>('text', (value) => typeof value === 'string')

/** The fields of both forms of the file. */
export const COMMON_FIELDS = {
  ...LIMIT_FIELDS,
  $schema: refinement<string>('text', (value) => typeof value === 'string'),
  cluster: refinement<string>(
    `a name of 1 to ${CLUSTER_LENGTH_MAX} characters`,
    (value) =>
      typeof value === 'string' && /^\P{C}+$/u.test(value) && value.length <= CLUSTER_LENGTH_MAX,
  ),
  insecure: INSECURE_FIELD,
}

function oneOf<A extends string>(...words: readonly A[]): t.Type<A, unknown> {
  const name = words.map((word) => JSON.stringify(word)).join(' or ')
  return refinement(name, (value) => words.some((word) => word === value))
}
