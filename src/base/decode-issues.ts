/**
 * Formats the errors of a decoder (io-ts or any other) as lines, each with the path of the value.
 */
import { describeValue, formatPath, truncate } from './describe-value.ts'

/** Codecs around another codec that add no key to the path. */
const WRAPPER_TAGS = new Set(['ExactType', 'ReadonlyType', 'RefinementType', 'RecursiveType'])
/** Codecs whose members have an index in the context that is not in the value. */
const CHOICE_TAGS = new Set(['IntersectionType', 'UnionType'])

interface ContextEntry {
  readonly key: string
  readonly type?: unknown
  readonly actual?: unknown
}

/** How issues are written. */
export interface IssueFormat {
  /** Every path begins with it; by default a path begins with its first key. */
  readonly root?: string
  /** Names the whole input where the path would be empty. */
  readonly whole?: string
  /** Up to this many issues are listed, the others are counted. */
  readonly max?: number
}

/**
 * Formats each error as a line: `msg.term: expected number, got "a"`.
 *
 * Reads the errors of io-ts by their context, and other errors by their `path` and `message`, as
 * zod has them. Anything else becomes one readable line. Never throws.
 *
 * @param error the `Left` of a decoder, or what the decoder threw
 */
export function formatIssues(error: unknown, format: IssueFormat): string[] {
  const { root = '', whole = root, max = Infinity } = format
  const errors: readonly unknown[] = Array.isArray(error) ? error : [error]
  const lines = errors.slice(0, max).map((each) => formatIssue(each, root, whole))
  if (lines.length === 0) return [`${whole}: not accepted`]
  const distinct = [...new Set(lines)]
  const omitted = errors.length - lines.length
  return omitted === 0 ? distinct : [...distinct, `${whole}: … and ${omitted} more`]
}

function formatIssue(error: unknown, root: string, whole: string): string {
  if (typeof error === 'string') return error
  if (!isObject(error)) return `${whole}: not accepted (${describeValue(error)})`
  const { message } = error
  const text = typeof message === 'string' && message !== '' ? message : undefined
  const context = error['context']
  if (isContext(context)) {
    const last = context.at(-1)
    const expected = `expected ${codecName(last?.type)}, got ${describeValue(last?.actual)}`
    return `${formatPath(root, keysOf(context)) || whole}: ${text ?? expected}`
  }
  const path: unknown = error['path']
  // Not `path.map`: it would construct the path class of arktype with a length.
  const keys = Array.isArray(path) ? [...path].map((key) => toKey(String(segmentKey(key)))) : []
  return `${formatPath(root, keys) || whole}: ${text ?? 'not accepted'}`
}

function keysOf(context: readonly ContextEntry[]): readonly (string | number)[] {
  return context.flatMap(({ key }, index) => {
    if (index === 0) return []
    return CHOICE_TAGS.has(codecTag(context[index - 1]?.type)) ? [] : [toKey(key)]
  })
}

/** A segment of a Standard Schema path is a key, or an object with it. */
function segmentKey(segment: unknown): unknown {
  return isObject(segment) && 'key' in segment ? segment['key'] : segment
}

/** A context has indexes as strings. */
function toKey(key: string): string | number {
  return /^\d{1,15}$/.test(key) ? Number(key) : key
}

function codecTag(codec: unknown): string {
  let inner = codec
  while (isObject(inner) && WRAPPER_TAGS.has(String(inner['_tag']))) inner = inner['type']
  return isObject(inner) ? String(inner['_tag']) : ''
}

function codecName(codec: unknown): string {
  const name = isObject(codec) ? codec['name'] : undefined
  return typeof name === 'string' && name !== '' ? truncate(name) : 'something else'
}

function isContext(value: unknown): value is readonly ContextEntry[] {
  return Array.isArray(value) && value.length > 0 && value.every(isContextEntry)
}

function isContextEntry(value: unknown): value is ContextEntry {
  return isObject(value) && typeof value['key'] === 'string'
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
