/** Issues: what a decoder complains of, in lines that name the failing path. */

/** Lines in all; what is over is counted. */
const ISSUES_MAX = 20
/** Characters of a name or a value. */
const TEXT_LENGTH_MAX = 60
/** Codecs that stand around another one and add nothing to the path. */
const WRAPPER_TAGS = new Set(['ExactType', 'ReadonlyType', 'RefinementType', 'RecursiveType'])
/** Codecs whose members have an index in the context that is not in the value. */
const CHOICE_TAGS = new Set(['IntersectionType', 'UnionType'])

interface ContextEntry {
  readonly key: string
  readonly type?: unknown
  readonly actual?: unknown
}

/**
 * Tells what is wrong, each problem in a line: `msg.term: expected number, got "a"`.
 *
 * The errors of io-ts are read with their context, those with a `path` and a `message` (as of zod)
 * too; from anything else comes one readable line. At most 20 lines, however much is wrong.
 *
 * @param error what stood in the decoder's `Left`, or what it threw
 * @param root what the path begins with
 */
export function formatIssues(error: unknown, root: string): readonly string[] {
  const errors: readonly unknown[] = Array.isArray(error) ? error : [error]
  const lines = errors.slice(0, ISSUES_MAX).map((each) => formatIssue(each, root))
  if (lines.length === 0) return [`${root}: not accepted`]
  const distinct = [...new Set(lines)]
  const omitted = errors.length - lines.length
  return omitted === 0 ? distinct : [...distinct, `${root}: … and ${omitted} more`]
}

/** A value in a few words, at a cost that does not depend on its size. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shorten(value))
  if (typeof value === 'bigint') return `${shorten(value.toString())}n`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'symbol') return 'a symbol'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`
  if (value instanceof Date) return 'a date'
  return isObject(value) ? 'an object' : String(value)
}

function formatIssue(error: unknown, root: string): string {
  if (typeof error === 'string') return error
  if (!isObject(error)) return `${root}: not accepted (${describeValue(error)})`
  const { message } = error
  const text = typeof message === 'string' && message !== '' ? message : undefined
  const context = error['context']
  if (isContext(context)) {
    const last = context.at(-1)
    const expected = `expected ${codecName(last?.type)}, got ${describeValue(last?.actual)}`
    return `${root}${formatPath(context)}: ${text ?? expected}`
  }
  const path: unknown = error['path']
  const keys: readonly unknown[] = Array.isArray(path) ? path : []
  return `${root}${keys.map((key) => formatKey(String(key))).join('')}: ${text ?? 'not accepted'}`
}

function formatPath(context: readonly ContextEntry[]): string {
  return context
    .flatMap(({ key }, index) => {
      if (index === 0) return []
      return CHOICE_TAGS.has(codecTag(context[index - 1]?.type)) ? [] : [formatKey(key)]
    })
    .join('')
}

function formatKey(key: string): string {
  if (/^\d+$/.test(key)) return `[${key}]`
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) ? `.${key}` : `[${describeValue(key)}]`
}

function codecTag(codec: unknown): string {
  let inner = codec
  while (isObject(inner) && WRAPPER_TAGS.has(String(inner['_tag']))) inner = inner['type']
  return isObject(inner) ? String(inner['_tag']) : ''
}

function codecName(codec: unknown): string {
  const name = isObject(codec) ? codec['name'] : undefined
  return typeof name === 'string' && name !== '' ? shorten(name) : 'something else'
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

function shorten(text: string): string {
  return text.length <= TEXT_LENGTH_MAX ? text : `${text.slice(0, TEXT_LENGTH_MAX - 1)}…`
}
