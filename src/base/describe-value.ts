/** Describes values and paths for error messages; the text is short however large the value is. */
import { describeHidden, looksSecret } from './secret-text.ts'

const TEXT_LENGTH_MAX = 60
const NAME = /^[\p{L}_$][\p{L}\p{N}_$]{0,59}$/u

/** Cuts a text to at most `lengthMax` UTF-16 units; a cut one ends with `…`. */
export function truncate(text: string, lengthMax = TEXT_LENGTH_MAX): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1)}…`
}

/**
 * Describes a value in a few words, without a text that may be a secret. The cost does not depend
 * on the size of the value.
 */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return describeText(value)
  if (typeof value === 'bigint') return `${truncate(value.toString())}n`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'symbol') return 'a symbol'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`
  if (value instanceof Date) return 'a date'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

function describeText(text: string): string {
  const shown = truncate(text)
  // A secret behind the part that is shown is not shown.
  return looksSecret(text.length <= TEXT_LENGTH_MAX ? text : shown)
    ? describeHidden(text)
    : JSON.stringify(shown)
}

/**
 * Formats a path as `root.votes[2]["a b"]`.
 *
 * @param root stands in front; without it the path begins with its first key
 * @param keys from the outside in: a number is an index
 */
export function formatPath(root: string, keys: readonly unknown[]): string {
  const path = keys.map(formatKey).join('')
  return root === '' && path.startsWith('.') ? path.slice(1) : `${root}${path}`
}

function formatKey(key: unknown): string {
  return typeof key === 'string' && NAME.test(key) ? `.${key}` : `[${describeValue(key)}]`
}
