import { Packr } from 'msgpackr/pack'
import type { Codec } from '../../ports/codec.ts'
export function messagePack(): Codec {
  const p = new Packr({ useRecords: false })
  return {
    name: 'msgpack',
    encode: (m, h) => (p as unknown as { pack(a: unknown, o: number): Uint8Array }).pack(m, 2048 + h),
    decode: (b, s, e) => p.unpack(b.subarray(s, e)),
  }
}
