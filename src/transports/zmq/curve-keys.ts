/** Keys as libzmq takes them. */
import { encodeZ85 } from '../../base/z85.ts'
import { systemError } from './system-error.ts'

const KEY_BYTES = 32

/**
 * Returns a key as text in Z85.
 *
 * @throws Error with the code `EINVAL`; its message does not contain the key
 */
export function curveKey(name: 'publicKey' | 'secretKey' | 'serverKey', key: Uint8Array): string {
  if (key.length === KEY_BYTES) return encodeZ85(key)
  throw systemError('EINVAL', `${name}: expected ${KEY_BYTES} bytes, got ${key.length}`)
}
