/** The public keys of a peer, which are one text or a list of them. */
import type { Peer } from '../model/peer.ts'
import { describeValue } from '../base/describe-value.ts'
import { EXPECTED_PUBLIC_KEY, KEY_CHARACTERS, parsePublicKey } from './key-text.ts'

/** A rotation needs two. */
const KEYS_MAX = 8
const EXPECTED_KEYS = `${EXPECTED_PUBLIC_KEY}, or a list of 1 to ${KEYS_MAX} of them`

/** A problem of `publicKey`, or of an item of it. */
export interface PublicKeyProblem {
  readonly index?: number | undefined
  /** `expected …, got …`, without the text: it may be a secret key by mistake. */
  readonly problem: string
}

/** Returns every problem of the `publicKey` of a peer, from a file or from the application. */
export function publicKeyProblems(publicKey: unknown): readonly PublicKeyProblem[] {
  if (typeof publicKey === 'string') return problemsOf(publicKey)
  if (!Array.isArray(publicKey) || publicKey.length === 0 || publicKey.length > KEYS_MAX) {
    return [{ problem: `expected ${EXPECTED_KEYS}, got ${describeValue(publicKey)}` }]
  }
  const items: readonly unknown[] = publicKey
  return items.flatMap((item, index) => {
    const first = items.indexOf(item)
    if (first < index) return [{ index, problem: `expected each key once, got that of [${first}]` }]
    return problemsOf(item, index)
  })
}

function problemsOf(text: unknown, index?: number): readonly PublicKeyProblem[] {
  if (typeof text === 'string' && parsePublicKey(text) !== undefined) return []
  return [{ index, problem: `expected ${EXPECTED_PUBLIC_KEY}, got ${describeNoKey(text)}` }]
}

function describeNoKey(text: unknown): string {
  if (typeof text !== 'string') return describeValue(text)
  return text.length === KEY_CHARACTERS
    ? `${KEY_CHARACTERS} characters that are none`
    : `a text of ${text.length} characters`
}

/** All nodes of a process share the peers of their config. */
const cache = new WeakMap<Peer, readonly Uint8Array[]>()

/** Returns the texts of the public keys of a peer; none if it has no key. */
export function publicKeyTexts({ publicKey = [] }: Pick<Peer, 'publicKey'>): readonly string[] {
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
