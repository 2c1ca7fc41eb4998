/** The encoding of the headers of an envelope: texts for tracing, topics and streams. */
import type { EnvelopeHeaders } from '../../model/envelope.ts'
import { encodeText } from './value-cache.ts'
import { FrameReader, MalformedFrame } from './frame-bytes.ts'

/** The most headers of one envelope. */
export const HEADERS_MAX = 32
/** The most bytes of all keys and values of one envelope, with two bytes for the length of each. */
export const HEADER_BYTES_MAX = 8 * 1024

/** The problem of headers that cannot be sent: what was expected, and what was found where. */
export type HeadersProblem = string

/**
 * Encodes headers: the bytes of what follows as u16, then each key and its value as a text.
 *
 * @returns undefined for no headers, or the problem as a text
 */
export function encodeHeaders(value: unknown): Uint8Array | HeadersProblem | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return 'headers: expected an object of texts'
  }
  const texts: Uint8Array[] = []
  let bytes = 0
  for (const [key, text] of Object.entries(value)) {
    if (text === undefined) continue
    if (typeof text !== 'string') return `headers.${key}: expected a text, got ${typeof text}`
    if (key === '__proto__') return 'headers.__proto__: this key is not allowed'
    for (const one of [key, text]) {
      if (!one.isWellFormed()) return `headers.${key}: a surrogate without its pair`
      const encoded = encodeText(one)
      bytes += 2 + encoded.length
      texts.push(encoded)
    }
  }
  if (texts.length === 0) return undefined
  if (texts.length > 2 * HEADERS_MAX) return `headers: ${texts.length / 2}, at most ${HEADERS_MAX}`
  if (bytes > HEADER_BYTES_MAX) return `headers: ${bytes} bytes, at most ${HEADER_BYTES_MAX}`
  const memory = new Uint8Array(2 + bytes)
  memory[0] = bytes >>> 8
  memory[1] = bytes
  let at = 2
  for (const text of texts) {
    memory[at] = text.length >>> 8
    memory[at + 1] = text.length
    memory.set(text, at + 2)
    at += 2 + text.length
  }
  return memory
}

/**
 * Decodes headers from `start` to `end`.
 *
 * @throws MalformedFrame
 */
export function decodeHeaders(bytes: Uint8Array, start: number, end: number): EnvelopeHeaders {
  if (end - start > HEADER_BYTES_MAX) throw new MalformedFrame(`${end - start} bytes of headers`)
  const headers: Record<string, string> = {}
  const reader = new FrameReader(bytes.subarray(start, end))
  for (let count = 1; reader.remaining > 0; count++) {
    if (count > HEADERS_MAX) throw new MalformedFrame(`more than ${HEADERS_MAX} headers`)
    const key = reader.text()
    // An assignment would set the prototype.
    if (key === '__proto__') throw new MalformedFrame('the header __proto__')
    headers[key] = reader.text()
  }
  return headers
}
