/** Values that msgpackr would not write as they are: spelled out, byte by byte. */
import { EXT_BIGINT, EXT_INVALID_DATE, EXT_TIMESTAMP } from './extensions.ts'
import { addExtension } from 'msgpackr/pack'

const NEGATIVE_ZERO = Uint8Array.of(0xcb, 0x80, 0, 0, 0, 0, 0, 0, 0)

/** Bytes of MessagePack that are put into a message as they stand here. */
class Verbatim {
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}

/** What msgpackr gives to those who write for themselves. */
type Allocate = (size: number) => { readonly target: Uint8Array; readonly position: number }

const VERBATIM = {
  Class: Verbatim,
  // The table of extensions is shared by all who use msgpackr here: this name is nobody's number.
  type: 'rx-cluster' as unknown as number,
  pack: ({ bytes }: Verbatim, allocate: Allocate): undefined => {
    const { target, position } = allocate(bytes.length)
    target.set(bytes, position)
  },
}
addExtension(VERBATIM as unknown as Parameters<typeof addExtension>[0])

/**
 * Copies a message, with every -0, bigint and `Date` in it spelled out.
 *
 * @param value checked before: no cycles, nothing that cannot be carried
 */
export function spelledOut(value: unknown): unknown {
  if (typeof value === 'bigint') return new Verbatim(bigintBytes(value))
  if (typeof value === 'number') return Object.is(value, -0) ? new Verbatim(NEGATIVE_ZERO) : value
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (value instanceof Date) return new Verbatim(dateBytes(value))
  if (Array.isArray(value)) return value.map(spelledOut)
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    copy[key] = spelledOut((value as Readonly<Record<string, unknown>>)[key])
  }
  return copy
}

function bigintBytes(value: bigint): Uint8Array {
  const isSafe = value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
  const bytes = new Uint8Array(isSafe ? 10 : 9)
  const view = new DataView(bytes.buffer)
  if (isSafe) {
    bytes.set([0xd7, EXT_BIGINT])
    view.setBigInt64(2, value)
  } else {
    bytes[0] = value < 0 ? 0xd3 : 0xcf
    view.setBigUint64(1, BigInt.asUintN(64, value))
  }
  return bytes
}

/** The smallest of the three timestamps that holds it, to the millisecond. */
function dateBytes(date: Date): Uint8Array {
  const ms = date.getTime()
  if (Number.isNaN(ms)) return Uint8Array.of(0xd4, EXT_INVALID_DATE, 0)
  const seconds = Math.floor(ms / 1000)
  const nanoseconds = (ms - seconds * 1000) * 1_000_000
  const type = EXT_TIMESTAMP & 0xff
  const bytes = new Uint8Array(15)
  const view = new DataView(bytes.buffer)
  if (seconds < 0 || seconds >= 2 ** 34) {
    bytes.set([0xc7, 12, type])
    view.setUint32(3, nanoseconds)
    view.setBigInt64(7, BigInt(seconds))
    return bytes
  }
  if (nanoseconds === 0 && seconds < 2 ** 32) {
    bytes.set([0xd6, type])
    view.setUint32(2, seconds)
    return bytes.subarray(0, 6)
  }
  // 30 bits of nanoseconds, 34 of seconds.
  bytes.set([0xd7, type])
  view.setUint32(2, nanoseconds * 4 + Math.floor(seconds / 2 ** 32))
  view.setUint32(6, seconds % 2 ** 32)
  return bytes.subarray(0, 10)
}
