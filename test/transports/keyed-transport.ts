/** Transports whose bindings and connections all have keys, for tests. */
import { createPrivateKey, createPublicKey, hkdfSync } from 'node:crypto'
import type { BindingSecurity } from '../../src/ports/connection-security.ts'
import type { KeyPair } from '../../src/ports/keys.ts'
import type { Transport } from '../../src/ports/transport.ts'

/** The prefix of an X25519 secret key in PKCS #8 (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex')
const KEY_BYTES = 32

/** Returns a key pair, the same one for the same name. */
export function keyPairOf(name: string): KeyPair {
  const secretKey = new Uint8Array(hkdfSync('sha256', name, '', 'test', KEY_BYTES))
  const key = Buffer.concat([PKCS8_PREFIX, secretKey])
  const privateKey = createPrivateKey({ key, format: 'der', type: 'pkcs8' })
  const der = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return { secretKey, publicKey: new Uint8Array(der.subarray(-KEY_BYTES)) }
}

/** An allow list that a test changes. */
export class AllowList implements BindingSecurity {
  readonly keys: KeyPair
  readonly domain: string
  /** The keys that were asked for, as hexadecimal text. */
  readonly asked: string[] = []
  readonly #admitted = new Set<string>()

  constructor(name: string, admitted: readonly KeyPair[] = []) {
    this.keys = keyPairOf(name)
    this.domain = name
    for (const pair of admitted) this.add(pair)
  }

  add({ publicKey }: KeyPair): void {
    this.#admitted.add(hex(publicKey))
  }

  remove({ publicKey }: KeyPair): void {
    this.#admitted.delete(hex(publicKey))
  }

  admits(publicKey: Uint8Array): boolean {
    this.asked.push(hex(publicKey))
    return this.#admitted.has(hex(publicKey))
  }
}

/** Returns a transport that binds and connects with keys. */
export function keyedTransport(inner: Transport): Transport {
  const keys = keyPairOf('caller')
  const security = new AllowList('listener', [keys])
  const serverKey = security.keys.publicKey
  return {
    ...inner,
    bind: (endpoint, options, handler) => inner.bind(endpoint, { ...options, security }, handler),
    connect: (endpoint, options, handler) =>
      inner.connect(endpoint, { ...options, security: { keys, serverKey } }, handler),
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
