/** What a node computes with its own key pair: shared secrets, and authentication codes. */
import { type KeyObject, createHmac } from 'node:crypto'
import { privateKeyObject, x25519 } from './x25519.ts'
import type { KeyPair } from '../ports/keys.ts'

/** Keys that are asked for and not of a peer must not fill the memory. */
const SHARED_SECRETS_MAX = 4_096

/** The pair of a node. A node that is printed by mistake does not show it. */
export abstract class OwnPair {
  readonly #pair: KeyPair
  readonly #privateKey: KeyObject
  readonly #sharedSecrets = new Map<string, Uint8Array>()

  constructor(pair: KeyPair) {
    this.#pair = pair
    this.#privateKey = privateKeyObject(pair.secretKey)
  }

  get pair(): KeyPair {
    return this.#pair
  }

  sharedSecret(publicKey: Uint8Array): Uint8Array {
    const id = String.fromCharCode(...publicKey)
    const cached = this.#sharedSecrets.get(id)
    if (cached !== undefined) return cached
    const secret = x25519(this.#privateKey, publicKey)
    if (this.#sharedSecrets.size >= SHARED_SECRETS_MAX) this.#sharedSecrets.clear()
    this.#sharedSecrets.set(id, secret)
    return secret
  }

  mac(key: Uint8Array, message: Uint8Array): Uint8Array {
    return createHmac('sha256', key).update(message).digest()
  }
}
