/** The notation of values in marble tests: `2: {"type":"vote"} re a`. */

/** Refers to a message by the letter that implies its `msgId`, or by the number itself. */
export type MarbleReference = string | number

/** A value as a marble test writes it. */
export type MarbleNotation =
  /**
   * A received envelope from pid 2: `2: "hi"`, `2/7f as a: "hi" re b`. An error reply has `error`
   * in front of its code and message: `2: error {"code":"FULL","message":"later"} re b`.
   */
  | {
      readonly kind: 'envelope'
      readonly pid: number
      readonly incarnation?: string | undefined
      readonly as?: MarbleReference | undefined
      readonly json: string
      /** Whether the JSON is the error of a handler. */
      readonly isError?: true | undefined
      readonly re?: MarbleReference | undefined
    }
  /**
   * An outgoing envelope: `to 2: "hi"`, `to 2/7f as a: "hi" re b ttl 50`. A reply (`re`) is for the
   * first incarnation where none is written, and for every one with `/any`.
   */
  | {
      readonly kind: 'outgoing'
      readonly to: number | 'all'
      readonly incarnation?: string | undefined
      readonly as?: MarbleReference | undefined
      readonly json: string
      /** Whether the JSON is the error of a handler. */
      readonly isError?: true | undefined
      readonly re?: MarbleReference | undefined
      readonly ttlMs?: number | undefined
    }
  /** A plain value: `{"term":1}`. */
  | { readonly kind: 'json'; readonly json: string }
  /** Text that is not JSON: `a stream of 2`, a fault, or a node action. */
  | { readonly kind: 'literal'; readonly text: string }

const ENVELOPE = /^(\d+)(?:\/([0-9a-f]+))?(?: as (\w+))?: (.*)$/
const OUTGOING = /^to (all|-?\d+)(?:\/([0-9a-f]+|any))?(?: as (\w+))?: (.*)$/
const ERROR = 'error '
const TAIL = /^(.*?)(?: re ([A-Za-z]|\d+))?(?: ttl (\d+))?$/

/** Parses a value; JSON is normalized, and any other text becomes a literal. */
export function parseNotation(text: string): MarbleNotation {
  const envelope = ENVELOPE.exec(text)
  if (envelope !== null) {
    const tail = tailOf(envelope[4] ?? '')
    if (tail?.ttlMs !== undefined) return { kind: 'literal', text }
    return tail === undefined
      ? { kind: 'literal', text }
      : {
          kind: 'envelope',
          pid: Number(envelope[1]),
          ...(envelope[2] === undefined ? {} : { incarnation: envelope[2] }),
          ...referenceOf('as', envelope[3]),
          ...tail,
        }
  }
  const outgoing = OUTGOING.exec(text)
  if (outgoing !== null) {
    const tail = tailOf(outgoing[4] ?? '')
    return tail === undefined
      ? { kind: 'literal', text }
      : {
          kind: 'outgoing',
          to: outgoing[1] === 'all' ? 'all' : Number(outgoing[1]),
          ...(outgoing[2] === undefined ? {} : { incarnation: outgoing[2] }),
          ...referenceOf('as', outgoing[3]),
          ...tail,
        }
  }
  const json = jsonOf(text)
  return json === undefined ? { kind: 'literal', text } : { kind: 'json', json }
}

/** Writes a value so that `parseNotation` reads it back. */
export function renderNotation(value: MarbleNotation): string {
  switch (value.kind) {
    case 'envelope': {
      const incarnation = value.incarnation === undefined ? '' : `/${value.incarnation}`
      const head = `${value.pid}${incarnation}${clause('as', value.as)}`
      return `${head}: ${body(value)}${clause('re', value.re)}`
    }
    case 'outgoing': {
      const incarnation = value.incarnation === undefined ? '' : `/${value.incarnation}`
      const head = `to ${value.to}${incarnation}${clause('as', value.as)}`
      return `${head}: ${body(value)}${clause('re', value.re)}${clause('ttl', value.ttlMs)}`
    }
    case 'json':
      return value.json
    case 'literal':
      return value.text
  }
}

function body({ json, isError }: Pick<Tail, 'json' | 'isError'>): string {
  return isError === true ? `error ${json}` : json
}

function clause(name: string, value: MarbleReference | undefined): string {
  return value === undefined ? '' : ` ${name} ${value}`
}

interface Tail {
  readonly json: string
  readonly isError?: true | undefined
  readonly re?: MarbleReference
  readonly ttlMs?: number
}

function tailOf(text: string): Tail | undefined {
  const tail = TAIL.exec(text)
  const value = tail?.[1] ?? ''
  const isError = value.startsWith(ERROR)
  const json = jsonOf(isError ? value.slice(ERROR.length) : value)
  if (tail === null || json === undefined) return undefined
  return {
    json,
    ...(isError ? { isError } : {}),
    ...referenceOf('re', tail[2]),
    ...(tail[3] === undefined ? {} : { ttlMs: Number(tail[3]) }),
  }
}

function referenceOf<K extends 'as' | 're'>(
  key: K,
  text: string | undefined,
): { readonly [P in K]?: MarbleReference } {
  if (text === undefined) return {}
  const reference: MarbleReference = /^\d+$/.test(text) ? Number(text) : text
  return { [key]: reference } as { readonly [P in K]?: MarbleReference }
}

function jsonOf(text: string): string | undefined {
  if (text === 'undefined') return text
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return undefined
  }
}
