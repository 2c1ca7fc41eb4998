/**
 * Problems: what is wrong with a config, each in a line that names the path, what was expected and
 * what was found.
 */
import { type Context, type Decoder, type Errors, type ValidationError, appendContext } from 'io-ts'

/** Characters of a value or a key that a line shows. */
const TEXT_LENGTH_MAX = 80

/**
 * The errors of an io-ts codec as lines.
 *
 * @param root what stands for the whole input in a path
 */
export function formatErrors(errors: Errors, root: string): string[] {
  return errors.map((error) => formatError(error, root))
}

/** The context of one item of a list. */
export function itemContext(
  context: Context,
  index: number,
  codec: Decoder<unknown, unknown>,
  item: unknown,
): Context {
  return appendContext(context, String(index), codec, item)
}

/** A value in a few words, at a cost that does not depend on its size. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return JSON.stringify(truncate(value))
  if (typeof value === 'bigint') return 'a bigint'
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'symbol') return 'a symbol'
  if (Array.isArray(value)) return `an array of ${value.length}`
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

function joinPath(path: string, key: string): string {
  const text = /^[\w-]{1,80}$/.test(key) ? key : describeValue(key)
  return path === '' ? text : `${path}.${text}`
}

function formatError({ value, context, message }: ValidationError, root: string): string {
  const path = context.slice(1).reduce((prefix, { key }) => joinPath(prefix, key), '')
  const expected = context.at(-1)?.type.name ?? 'something else'
  const text = message ?? `expected ${expected}, got ${describeValue(value)}`
  return `${path === '' ? root : path}: ${text}`
}

function truncate(text: string): string {
  return text.length <= TEXT_LENGTH_MAX ? text : `${text.slice(0, TEXT_LENGTH_MAX - 1)}…`
}
