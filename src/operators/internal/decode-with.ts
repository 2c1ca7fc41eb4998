/** Decodes messages with a schema of any kind. */
import { formatIssues } from '../../base/decode-issues.ts'
import { describeValue } from '../../base/describe-value.ts'
import { ClusterError } from '../../model/cluster-error.ts'
import { A_FUNCTION, anyOf, checkArgument, withMethods } from '../../model/check-arguments.ts'
import type { Rule } from '../../model/check-arguments.ts'
import type { AnySchema, DecodeResult, OutputOf, StandardSchema } from '../../ports/schema.ts'

/** More issues than this are counted, not listed. */
const ISSUES_MAX = 20

/** A decoded value, or the lines that say why it does not match. */
export type Decoded<A> = { readonly value: A } | { readonly issues: readonly string[] }

/** Decodes a value. */
export type Decode<A> = (value: unknown) => Decoded<A>

const A_STANDARD_SCHEMA: Rule = {
  expected: 'a Standard Schema (of zod, valibot, arktype …)',
  accepts: (schema) => standardOf(schema) !== undefined,
}

const A_TYPE_GUARD: Rule = { ...A_FUNCTION, expected: 'a type guard' }

/** Accepts io-ts codecs, Standard Schemas and type guards. */
export const A_SCHEMA: Rule = anyOf(
  withMethods('an io-ts codec', 'decode'),
  A_STANDARD_SCHEMA,
  A_TYPE_GUARD,
)

/**
 * Returns the function that decodes with a schema.
 *
 * @param where the function that the schema was passed to, and the argument, for messages
 * @throws ClusterError `INVALID_ARGUMENT` for anything but a schema, and for an asynchronous one.
 *   A schema that is asynchronous only for some values makes `Decode` throw it
 */
export function decodeWith<S extends AnySchema>(
  [name, argument]: readonly [string, string],
  schema: S,
): Decode<OutputOf<S>> {
  checkArgument(name, argument, schema, A_SCHEMA)
  const standard = standardOf(schema)
  const decode = (value: unknown): Raw => {
    // First: zod has a method `decode` as well, which is another one; arktype is a function.
    if (standard !== undefined) return decodeStandard(`${name}: ${argument}`, standard, value)
    return 'decode' in schema ? decodeEither(schema, value) : checkWith(schema as TypeGuard, value)
  }
  // Finds a schema that is always asynchronous, before the first message.
  if (standard !== undefined) decode(undefined)
  return (value) => {
    const decoded = decode(value)
    if ('value' in decoded) return decoded as { readonly value: OutputOf<S> }
    return { issues: formatIssues(decoded.left, { root: 'msg', max: ISSUES_MAX }) }
  }
}

type TypeGuard = (value: unknown) => unknown

type Raw = { readonly value: unknown } | { readonly left: unknown }

function decodeEither(
  decoder: { readonly decode: (value: unknown) => DecodeResult<unknown> },
  value: unknown,
): Raw {
  try {
    const decoded: unknown = decoder.decode(value)
    if (!isEither(decoded)) return { left: 'msg: the decoder returned neither Left nor Right' }
    return 'right' in decoded ? { value: decoded.right } : { left: decoded.left }
  } catch (error) {
    return thrown('decoder', error)
  }
}

function checkWith(guard: TypeGuard, value: unknown): Raw {
  try {
    const result = guard(value)
    if (result === true) return { value }
    if (result === false) return { left: `msg: not accepted, got ${describeValue(value)}` }
    return { left: 'msg: the type guard returned neither true nor false' }
  } catch (error) {
    return thrown('type guard', error)
  }
}

function decodeStandard(
  where: string,
  { validate, vendor }: StandardSchema['~standard'],
  value: unknown,
): Raw {
  let result: ReturnType<typeof validate> | undefined
  try {
    result = validate(value)
  } catch (error) {
    return thrown('schema', error)
  }
  if (typeof result !== 'object' || result === null) {
    return { left: 'msg: the schema returned no result' }
  }
  if ('then' in result) {
    result.then(undefined, () => undefined)
    const advice = 'check what needs time behind it, with mergeMap'
    throw new ClusterError(
      'INVALID_ARGUMENT',
      `${where}: expected a synchronous schema, got an asynchronous one of ${vendor}: ${advice}`,
    )
  }
  return result.issues === undefined ? { value: result.value } : { left: result.issues }
}

function thrown(what: string, error: unknown): Raw {
  const message = error instanceof Error ? error.message : String(error)
  return { left: `msg: the ${what} threw: ${message}` }
}

function standardOf(schema: unknown): StandardSchema['~standard'] | undefined {
  // A schema of arktype is a function.
  if ((typeof schema !== 'object' && typeof schema !== 'function') || schema === null) return
  const standard = (schema as Partial<StandardSchema>)['~standard']
  return typeof standard?.validate === 'function' ? standard : undefined
}

function isEither(value: unknown): value is DecodeResult<unknown> {
  return typeof value === 'object' && value !== null && ('right' in value || 'left' in value)
}
