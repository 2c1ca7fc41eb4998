/** Messages for tests of the codec: of every type that can be encoded. */
import fc from 'fast-check'
import { messagePack } from '../../src/codec/message-pack.ts'

/** Well-formed texts of any script, some of them long. */
export const texts: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.constantFrom(
    '',
    '#',
    '\0',
    '\ufeffmark',
    `\ufeff${'x'.repeat(100)}`,
    '\ufffd',
    'ü'.repeat(200),
  ),
)

const key = texts.filter((candidate) => candidate !== '__proto__')

/** Numbers, many of them at the limits of an encoding. */
export const numbers: fc.Arbitrary<number> = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(-0, NaN, Infinity, -Infinity, 2 ** 53 - 1, 2 ** 53, 2 ** 60, 2 ** 64, -(2 ** 63)),
  ...[5, 7, 8, 15, 16, 31, 32].map((bits) =>
    fc
      .integer({ min: -2, max: 2 })
      .chain((off) => fc.constantFrom(2 ** bits + off, off - 2 ** bits)),
  ),
)

const bigint = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.constantFrom(
    0n,
    5n,
    -1n,
    2n ** 53n - 1n,
    2n ** 53n,
    -(2n ** 53n),
    2n ** 64n - 1n,
    -(2n ** 63n),
  ),
)

const date = fc.oneof(
  fc.date({ noInvalidDate: false }),
  fc
    .constantFrom(0, -1, 999, 2 ** 32 * 1000, 2 ** 34 * 1000 + 5, 8.64e15, -8.64e15)
    .map((ms) => new Date(ms)),
)

/** Any message that can be encoded. */
export const messages: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  msg: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom(null, undefined, true, false),
    numbers,
    texts,
    bigint,
    date,
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('msg'), { maxLength: 20 }),
    fc.dictionary(key, tie('msg'), { maxKeys: 20, noNullPrototype: true }),
  ),
})).msg

const codec = messagePack()

/** Encodes a message behind `headroom` bytes. */
export function encode(msg: unknown, headroom = 0): Uint8Array {
  const { memory, start, end } = codec.encode(msg, headroom)
  return memory.subarray(start, end)
}
