/**
 * Caches of values that nearly every control frame repeats: incarnations and the cluster name.
 *
 * They belong to the process, because hundreds of links of one process read the same few values. A
 * hostile peer can only fill them with other values, which costs the time to convert again.
 */

const encoder = new TextEncoder()
/** A byte order mark is a character: a name with one is another name. */
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const ID_PATTERN = /^[0-9a-f]{16}$/

/** An incarnation as 16 hex digits, and as the two halves of its 64 bits. */
interface Id {
  readonly text: string
  readonly high: number
  readonly low: number
}

/** A power of two: slots are chosen with a bit mask. */
const CACHED_IDS_MAX = 4096
const idsByText = new Map<string, Id>()
const idsBySlot: (Id | undefined)[] = Array.from({ length: CACHED_IDS_MAX }, () => undefined)

/**
 * Returns the two halves of an incarnation.
 *
 * @throws RangeError if `text` is not 16 lower-case hex digits
 */
export function parseId(text: string): { readonly high: number; readonly low: number } {
  return idsByText.get(text) ?? parseUncached(text)
}

function parseUncached(text: string): Id {
  if (!ID_PATTERN.test(text)) throw new RangeError(`not 16 hex digits: ${text}`)
  const high = Number.parseInt(text.slice(0, 8), 16)
  const low = Number.parseInt(text.slice(8), 16)
  if (idsByText.size >= CACHED_IDS_MAX) idsByText.clear()
  const id = { text, high, low }
  idsByText.set(text, id)
  return id
}

/** Returns the incarnation with these halves as 16 hex digits. */
export function formatId(high: number, low: number): string {
  const slot = (high ^ low) & (CACHED_IDS_MAX - 1)
  const cached = idsBySlot[slot]
  if (cached?.high === high && cached.low === low) return cached.text
  const text = high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
  idsBySlot[slot] = { text, high, low }
  return text
}

/** Nearly every text on the wire is the name of one cluster, so one text is enough. */
let lastEncoded = { text: '', bytes: new Uint8Array(0) }
/** Apart from `lastEncoded`, because a lone surrogate is not decoded to what was encoded. */
let lastDecoded = lastEncoded

/** Returns a text as UTF-8. The bytes are shared: copy them, do not change them. */
export function encodeText(text: string): Uint8Array {
  if (text !== lastEncoded.text) lastEncoded = { text, bytes: encoder.encode(text) }
  return lastEncoded.bytes
}

/**
 * Returns `length` bytes of UTF-8 from `start` as a text.
 *
 * @throws TypeError if they are not UTF-8
 */
export function decodeText(memory: Uint8Array, start: number, length: number): string {
  if (isLastDecoded(memory, start, length)) return lastDecoded.text
  const bytes = Uint8Array.from(memory.subarray(start, start + length))
  lastDecoded = { text: strictDecoder.decode(bytes), bytes }
  return lastDecoded.text
}

function isLastDecoded(memory: Uint8Array, start: number, length: number): boolean {
  const { bytes } = lastDecoded
  if (bytes.length !== length) return false
  for (let at = 0; at < length; at++) if (bytes[at] !== memory[start + at]) return false
  return true
}
