/** Notations: how a stanza writes a value, `2: {"type":"vote"} re a`, and reads it. */

/** Names a message: the letter that stands for its `msgId`, or the number itself. */
export type Reference = string | number

/** A value as a stanza writes it. */
export type Notation =
  /** `2: "hi"`, `2/7f as a: "hi" re b`: an envelope that came from pid 2. */
  | {
      readonly kind: 'mail'
      readonly pid: number
      readonly incarnation?: string
      readonly as?: Reference
      readonly json: string
      readonly re?: Reference
    }
  /** `to 2: "hi"`, `to all as a: "hi" re b ttl 50`: an envelope that goes to pid 2. */
  | {
      readonly kind: 'outgoing'
      readonly to: number | 'all'
      readonly as?: Reference
      readonly json: string
      readonly re?: Reference
      readonly ttlMs?: number
    }
  /** `{"term":1}`: a plain value. */
  | { readonly kind: 'json'; readonly json: string }
  /** `stream of 2`: what is no JSON; only below the line. */
  | { readonly kind: 'words'; readonly text: string }

const MAIL = /^(\d+)(?:\/([0-9a-f]+))?(?: as (\w+))?: (.*)$/
const OUTGOING = /^to (all|-?\d+)(?: as (\w+))?: (.*)$/
const TAIL = /^(.*?)(?: re ([A-Za-z]|\d+))?(?: ttl (\d+))?$/

/** Reads a value; JSON comes back in its shortest form, and what is no JSON as words. */
export function parseNotation(text: string): Notation {
  const mail = MAIL.exec(text)
  if (mail !== null) {
    const tail = tailOf(mail[4] ?? '')
    if (tail?.ttlMs !== undefined) return { kind: 'words', text }
    return tail === undefined
      ? { kind: 'words', text }
      : {
          kind: 'mail',
          pid: Number(mail[1]),
          ...(mail[2] === undefined ? {} : { incarnation: mail[2] }),
          ...referenceOf('as', mail[3]),
          ...tail,
        }
  }
  const outgoing = OUTGOING.exec(text)
  if (outgoing !== null) {
    const tail = tailOf(outgoing[3] ?? '')
    return tail === undefined
      ? { kind: 'words', text }
      : {
          kind: 'outgoing',
          to: outgoing[1] === 'all' ? 'all' : Number(outgoing[1]),
          ...referenceOf('as', outgoing[2]),
          ...tail,
        }
  }
  const json = jsonOf(text)
  return json === undefined ? { kind: 'words', text } : { kind: 'json', json }
}

/** Writes a value; `parseNotation` reads the same one back. */
export function renderNotation(value: Notation): string {
  switch (value.kind) {
    case 'mail': {
      const life = value.incarnation === undefined ? '' : `/${value.incarnation}`
      return `${value.pid}${life}${word('as', value.as)}: ${value.json}${word('re', value.re)}`
    }
    case 'outgoing': {
      const head = `to ${value.to}${word('as', value.as)}`
      return `${head}: ${value.json}${word('re', value.re)}${word('ttl', value.ttlMs)}`
    }
    case 'json':
      return value.json
    case 'words':
      return value.text
  }
}

function word(name: string, value: Reference | undefined): string {
  return value === undefined ? '' : ` ${name} ${value}`
}

function tailOf(
  text: string,
): { readonly json: string; readonly re?: Reference; readonly ttlMs?: number } | undefined {
  const tail = TAIL.exec(text)
  const json = jsonOf(tail?.[1] ?? '')
  if (tail === null || json === undefined) return undefined
  return {
    json,
    ...referenceOf('re', tail[2]),
    ...(tail[3] === undefined ? {} : { ttlMs: Number(tail[3]) }),
  }
}

function referenceOf<K extends 'as' | 're'>(
  key: K,
  text: string | undefined,
): { readonly [P in K]?: Reference } {
  if (text === undefined) return {}
  const reference: Reference = /^\d+$/.test(text) ? Number(text) : text
  return { [key]: reference } as { readonly [P in K]?: Reference }
}

function jsonOf(text: string): string | undefined {
  if (text === 'undefined') return text
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return undefined
  }
}
