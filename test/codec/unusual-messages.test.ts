/** Messages with misleading objects, and getters that encode. */
import { runInNewContext } from 'node:vm'
import { setFlagsFromString } from 'node:v8'
import { describe, expect, it } from 'vitest'
import { messagePack } from '../../src/codec/message-pack.ts'
import { NotEncodableError } from '../../src/ports/codec.ts'
import { encode } from './samples.ts'
import { EnvelopeEncoder } from '../../src/node/sending/envelope-encoder.ts'
import { DEFAULT_LIMITS } from '../../src/model/limits.ts'

const codec = messagePack()
const roundTrip = (msg: unknown): unknown => {
  const { memory, start, end } = codec.encode(msg, 13)
  return codec.decode(memory, start + 13, end)
}

/** Collects garbage now: when else it happens differs between versions of Node. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

describe('an object that only inherits from Array or Uint8Array', () => {
  const odd: [string, unknown][] = [
    ['length 2.5', Object.setPrototypeOf({ 0: 1, 1: 2, 2: 3, length: 2.5 }, Array.prototype)],
    ['length -5', Object.setPrototypeOf({ length: -5 }, Array.prototype)],
    ['length "2"', Object.setPrototypeOf({ 0: 1, 1: 2, length: '2' }, Array.prototype)],
    ['no length', Object.create(Array.prototype)],
    ['no bytes', Object.create(Uint8Array.prototype)],
  ]
  it.each(odd)('is refused with its path: %s', (_, value) => {
    expect(() => roundTrip({ a: [value] })).toThrow(/msg\.a\[0\]: cannot carry/)
  })

  it('bytes with a false length do not leak other memory', () => {
    const bytes = Uint8Array.of(1, 2, 3)
    Object.defineProperty(bytes, 'length', { value: 200 })
    let carried: unknown
    try {
      carried = roundTrip(bytes)
    } catch {
      return
    }
    expect(carried).toEqual(Uint8Array.of(1, 2, 3))
  })
})

describe('messages in messages', () => {
  it('an envelope that is encoded inside another one has a msgId of its own', () => {
    const encoder = new EnvelopeEncoder(messagePack(), DEFAULT_LIMITS)
    const ids: unknown[] = []
    const msg = {
      get a() {
        const inner = encoder.encode({ pid: 2, msg: 'inner' })
        ids.push('msgId' in inner && inner.msgId)
        return 1
      },
    }
    const outer = encoder.encode({ pid: 2, msg })
    ids.push('msgId' in outer && outer.msgId)
    expect(new Set(ids).size).toBe(2)
  })

  it('a failed message releases its memory', () => {
    const big = 'x'.repeat(20_000_000)
    collectGarbage()
    const before = process.memoryUsage().arrayBuffers
    const codecs = Array.from({ length: 10 }, () => messagePack())
    for (const one of codecs) expect(() => one.encode([big, () => 1], 13)).toThrow()
    collectGarbage()
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000)
    expect(codecs).toHaveLength(10)
  })

  it('nested, failing and growing messages never change those encoded before', () => {
    const one = messagePack()
    const encodings: {
      memory: Uint8Array
      start: number
      end: number
      msg: unknown
      copy: Uint8Array
    }[] = []
    let seed = 1
    const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
    const encodeAndKeep = (msg: unknown): void => {
      try {
        const { memory, start, end } = one.encode(msg, 21)
        memory.fill(7, start, start + 21)
        encodings.push({ memory, start, end, msg, copy: memory.slice(start, end) })
      } catch {
        // This message is meant to fail.
      }
    }
    for (let count = 0; count < 3_000; count++) {
      const size = random() < 0.9 ? random() * 300 : random() * 60_000
      const text = 'y'.repeat(size)
      const fails = random() < 0.2
      const nests = random() < 0.2
      encodeAndKeep([
        text,
        nests
          ? {
              get a() {
                encodeAndKeep([text, 1])
                return 2
              },
            }
          : 3,
        new Uint8Array(random() * 5_000).fill(9),
        fails ? () => 1 : text,
      ])
    }
    for (const { memory, start, end, copy } of encodings)
      expect(Buffer.compare(memory.subarray(start, end), copy)).toBe(0)
    encodings.sort((a, b) => (a.memory === b.memory ? a.start - b.start : 0))
  })
})

it('ignores keys that a program has added to Object.prototype', () => {
  const messages = [{ a: 1, b: { c: [{}] } }, {}, Object.create(null)]
  const clean = messages.map((msg) => Buffer.from(encode(msg)).toString('hex'))
  const prototype = Object.prototype as { polluted?: unknown }
  prototype.polluted = () => 'no message'
  try {
    expect(messages.map((msg) => Buffer.from(encode(msg)).toString('hex'))).toEqual(clean)
    const own = Object.fromEntries([['__proto__', 1]])
    expect(() => encode(own)).toThrow(/a key of this name/)
  } finally {
    delete prototype.polluted
  }
})

it('an object whose getter adds or removes keys is refused, or encoded whole', () => {
  const growing: Record<string, unknown> = {
    get a() {
      growing[`k${Object.keys(growing).length}`] = 1
      return 1
    },
    b: 2,
  }
  const shrinking: Record<string, unknown> = {
    get a() {
      delete shrinking['b']
      return 1
    },
    b: 2,
  }
  for (const msg of [growing, shrinking]) {
    let back: unknown
    try {
      const bytes = encode(msg)
      back = codec.decode(bytes, 0, bytes.length)
    } catch (error) {
      expect(error).toBeInstanceOf(NotEncodableError)
      continue
    }
    // If it was encoded, it is a whole message.
    expect(back).toMatchObject({ a: 1 })
  }
})
