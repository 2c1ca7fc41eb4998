/** The public keys of a peer, which are one text or a list of them. */
import type { Peer } from '../model/peer.ts'
import { parsePublicKey } from './key-text.ts'

/** All nodes of a process share the peers of their config. */
const cache = new WeakMap<Peer, readonly Uint8Array[]>()

/** Returns the texts of the public keys of a peer; none if it has no key. */
export function publicKeyTexts({ publicKey = [] }: Peer): readonly string[] {
  return typeof publicKey === 'string' ? [publicKey] : publicKey
}

/** Returns the public keys of a peer, which were checked before; none if it has no key. */
export function publicKeysOf(peer: Peer): readonly Uint8Array[] {
  const cached = cache.get(peer)
  if (cached !== undefined) return cached
  const keys = Object.freeze(publicKeyTexts(peer).flatMap((text) => parsePublicKey(text) ?? []))
  if (Object.isFrozen(peer)) cache.set(peer, keys)
  return keys
}
