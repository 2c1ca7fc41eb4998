/** The notation of values in marble tests: `2: {"type":"vote"} re a`. */

/** Refers to a message by the letter that implies its `msgId`, or by the number itself. */
export type MarbleReference = string | number

/** A value as a marble test writes it. */
export type MarbleNotation =
  /**
   * A received envelope from pid 2: `2: "hi"`, `2/7f as a: "hi" re b`. An error reply has `error`
   * in front of its code and message: `2: error {"code":"FULL","message":"later"} re b`. Headers
   * stand behind the message: `2: "hi" with {"trace":"1"} re b`.
   */
  | {
      readonly kind: 'envelope'
      readonly pid: number
      readonly incarnation?: string | undefined
      readonly as?: MarbleReference | undefined
      readonly json: string
      /** Whether the JSON is the error of a handler. */
      readonly isError?: true | undefined
      /** The headers as JSON. */
      readonly headers?: string | undefined
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
      /** The headers as JSON. */
      readonly headers?: string | undefined
      readonly re?: MarbleReference | undefined
      readonly ttlMs?: number | undefined
    }
  /** A plain value: `{"term":1}`. */
  | { readonly kind: 'json'; readonly json: string }
  /** Text that is not JSON: `a stream of 2`, a fault, or a node action. */
  | { readonly kind: 'literal'; readonly text: string }

/** The message or the error of an envelope, and its headers. */
export type ContentNotation = Pick<
  Extract<MarbleNotation, { kind: 'envelope' }>,
  'json' | 'isError' | 'headers'
>

const ENVELOPE = /^(\d+)(?:\/([0-9a-f]+))?(?: as (\w+))?: (.*)$/
const OUTGOING = /^to (all|-?\d+)(?:\/([0-9a-f]+|any))?(?: as (\w+))?: (.*)$/
const ERROR = 'error '
const WITH = ' with '
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
      return `${head}: ${renderContent(value)}${clause('re', value.re)}`
    }
    case 'outgoing': {
      const incarnation = value.incarnation === undefined ? '' : `/${value.incarnation}`
      const head = `to ${value.to}${incarnation}${clause('as', value.as)}`
      const tail = clause('re', value.re) + clause('ttl', value.ttlMs)
      return `${head}: ${renderContent(value)}${tail}`
    }
    case 'json':
      return value.json
    case 'literal':
      return value.text
  }
}

/** Writes the message or the error, and the headers. */
export function renderContent({ json, isError, headers }: ContentNotation): string {
  const body = isError === true ? `error ${json}` : json
  return headers === undefined ? body : `${body}${WITH}${headers}`
}

function clause(name: string, value: MarbleReference | undefined): string {
  return value === undefined ? '' : ` ${name} ${value}`
}

interface Tail extends ContentNotation {
  readonly re?: MarbleReference
  readonly ttlMs?: number
}

function tailOf(text: string): Tail | undefined {
  const tail = TAIL.exec(text)
  const content = contentOf(tail?.[1] ?? '')
  if (tail === null || content === undefined) return undefined
  return {
    ...content,
    ...referenceOf('re', tail[2]),
    ...(tail[3] === undefined ? {} : { ttlMs: Number(tail[3]) }),
  }
}

function contentOf(text: string): ContentNotation | undefined {
  const isError = text.startsWith(ERROR)
  const body = isError ? text.slice(ERROR.length) : text
  const error = isError ? { isError } : {}
  const whole = jsonOf(body)
  if (whole !== undefined) return { json: whole, ...error }
  // The words may stand in a message, too: at most one place has JSON on both sides.
  for (let at = body.indexOf(WITH); at >= 0; at = body.indexOf(WITH, at + 1)) {
    const json = jsonOf(body.slice(0, at))
    const headers = headersOf(body.slice(at + WITH.length))
    if (json !== undefined && headers !== undefined) return { json, ...error, headers }
  }
  return undefined
}

function headersOf(text: string): string | undefined {
  const json = jsonOf(text)
  if (json === undefined || !text.startsWith('{')) return undefined
  const texts = Object.values(JSON.parse(json) as object)
  return texts.every((one) => typeof one === 'string') ? json : undefined
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
