/**
 * Closed objects: an io-ts codec that knows all the keys there may be, and complains of every other
 * one.
 */
import * as t from 'io-ts'
import { isLeft } from 'fp-ts/lib/Either.js'
import { describeValue } from '../base/describe-value.ts'
import { closestMatch } from './closest-match.ts'

/** Whoever has more unknown keys than this has not mistyped. */
const HINTS_MAX = 20

/** What a closed object decodes to. */
export type StrictObject<R extends t.Props, O extends t.Props> = {
  readonly [K in keyof R]: t.TypeOf<R[K]>
} & { readonly [K in keyof O]?: t.TypeOf<O[K]> }

/**
 * An object with these keys and no others.
 *
 * Every problem is reported, not only the first; `undefined` counts as left out. What it returns is
 * a new object that holds the known keys and nothing else, however the input was made.
 *
 * @param name what the message says it expected
 */
export function strictObject<R extends t.Props, O extends t.Props>(
  name: string,
  required: R,
  optional: O,
): t.Type<StrictObject<R, O>, unknown> {
  const fields = new Map<string, t.Mixed>([
    ...Object.entries(required),
    ...Object.entries(optional),
  ])
  const validate = (input: unknown, context: t.Context): t.Validation<StrictObject<R, O>> => {
    if (!isRecord(input)) return t.failure(input, context)
    const errors: t.Errors = []
    const output: Record<string, unknown> = {}
    for (const [key, codec] of fields) {
      const value = Object.hasOwn(input, key) ? input[key] : undefined
      if (value === undefined && !Object.hasOwn(required, key)) continue
      const result = codec.validate(value, t.appendContext(context, key, codec, value))
      if (isLeft(result)) errors.push(...result.left)
      else output[key] = result.right
    }
    errors.push(...unknownKeys(input, fields, context))
    return errors.length > 0 ? t.failures(errors) : t.success(output as StrictObject<R, O>)
  }
  const is = (input: unknown): input is StrictObject<R, O> => !isLeft(validate(input, []))
  return new t.Type<StrictObject<R, O>, unknown>(name, is, validate, t.identity)
}

/** Tells whether something is an object with keys: no array, no null. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function unknownKeys(
  input: Readonly<Record<string, unknown>>,
  fields: ReadonlyMap<string, unknown>,
  context: t.Context,
): t.Errors {
  const keys = Object.keys(input).filter((key) => !fields.has(key) && input[key] !== undefined)
  return keys.map((key, index) => {
    const suggestion = index < HINTS_MAX ? closestMatch(key, fields.keys()) : undefined
    const hint = suggestion === undefined ? '' : ` (did you mean ${suggestion}?)`
    const value = input[key]
    return {
      value,
      context: t.appendContext(context, key, t.never, value),
      message: `expected no such key, got ${describeValue(value)}${hint}`,
    }
  })
}
