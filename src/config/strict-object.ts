/** Strict objects: an io-ts codec that refuses every unknown key. */
import * as t from 'io-ts'
import { isLeft } from 'fp-ts/lib/Either.js'
import { closestName } from '../base/closest-name.ts'
import { describeValue } from '../base/describe-value.ts'

/** An input with more unknown keys than this does not contain a misspelt one. */
const SUGGESTIONS_MAX = 20

/** The value of a key with such a name is not shown. */
const SECRET_NAME = /secret/i
const SECRET_KEYS = new Set(['secretKey', 'secretKeyFile', 'clusterSecret', 'clusterSecretFile'])
const SECRET_MISPLACED =
  'expected no secret here, because a config is shared: pass it to the node as an option, ' +
  'or set RX_CLUSTER_KEY_FILE or RX_CLUSTER_SECRET_FILE'

/** The type that a strict object decodes to. */
export type StrictObject<R extends t.Props, O extends t.Props> = {
  readonly [K in keyof R]: t.TypeOf<R[K]>
} & { readonly [K in keyof O]?: t.TypeOf<O[K]> }

/**
 * Creates a codec for objects with exactly these keys.
 *
 * Reports every problem, not only the first; `undefined` counts as left out. Decodes to a new
 * object that holds the known keys and nothing else, so a `__proto__` in the input has no effect.
 *
 * @param name stands in messages after "expected"
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
    errors.push(...unknownKeys(input, [...fields.keys()], context))
    return errors.length > 0 ? t.failures(errors) : t.success(output as StrictObject<R, O>)
  }
  const is = (input: unknown): input is StrictObject<R, O> => !isLeft(validate(input, []))
  return new t.Type<StrictObject<R, O>, unknown>(name, is, validate, t.identity)
}

/** Returns whether a value is an object, but no array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function unknownKeys(
  input: Readonly<Record<string, unknown>>,
  known: readonly string[],
  context: t.Context,
): t.Errors {
  const keys = Object.keys(input).filter((key) => !known.includes(key) && input[key] !== undefined)
  return keys.map((key, index) => {
    const isSecret = SECRET_NAME.test(key)
    const value = isSecret ? undefined : input[key]
    const found = isSecret ? '' : `, got ${describeValue(value)}`
    const unknown = `expected no such key${found}${hintFor(index, key, known)}`
    return {
      value,
      context: t.appendContext(context, key, t.never, value),
      message: SECRET_KEYS.has(key) ? SECRET_MISPLACED : unknown,
    }
  })
}

function hintFor(index: number, key: string, known: readonly string[]): string {
  const suggestion = index < SUGGESTIONS_MAX ? closestName(key, known) : undefined
  return suggestion === undefined ? '' : ` (did you mean ${suggestion}?)`
}
