/** The secret of a whole cluster, from which the pair of every pid is derived. */
import { createHash, hkdfSync, randomBytes } from 'node:crypto'
import type { KeyPair } from '../ports/keys.ts'
import { KEY_BYTES, clamp, keyPairOf } from './x25519.ts'
import type { Pid } from '../model/pid.ts'

/** Every secret begins with it, so that no other text is taken for one. */
const PREFIX = 'rxcs1_'
const SECRET_TEXT = /^rxcs1_([\w-]{43})$/
const CLUSTERS_MAX = 16

/** What messages say where they expect the secret of a cluster. */
export const EXPECTED_CLUSTER_SECRET =
  'what rx-cluster keygen --shared writes: rxcs1_ and 43 characters of base64url'

/** Creates a new secret: `rxcs1_` and 32 random bytes in base64url. */
export function generateClusterSecret(): string {
  return `${PREFIX}${randomBytes(KEY_BYTES).toString('base64url')}`
}

/** Returns the 32 bytes of a secret; undefined where the text is none. */
export function parseClusterSecret(text: string): Uint8Array | undefined {
  const [, encoded = ''] = SECRET_TEXT.exec(text) ?? []
  const bytes = Buffer.from(encoded, 'base64url')
  // The last of the 43 characters has two bits to spare: only one spelling is accepted.
  return encoded !== '' && bytes.toString('base64url') === encoded ? bytes : undefined
}

/** Derives the pair of any pid. */
export type PairOf = (pid: Pid) => KeyPair

/**
 * Returns a function that derives the pair of a pid from the secret of its cluster, once per pid:
 * HKDF-SHA256 (RFC 5869) without salt, `info` = `rx-cluster/1 <cluster> <pid>`.
 */
export function derivation(secret: Uint8Array, cluster: string): PairOf {
  const id = createHash('sha256').update(secret).update(cluster).digest('hex')
  const known = derivations.get(id)
  if (known !== undefined) return known
  const pairs = new Map<Pid, KeyPair>()
  const pairOf = (pid: Pid): KeyPair => {
    const cached = pairs.get(pid)
    if (cached !== undefined) return cached
    const info = `rx-cluster/1 ${cluster} ${pid}`
    const bytes = new Uint8Array(hkdfSync('sha256', secret, '', info, KEY_BYTES))
    const pair = keyPairOf(clamp(bytes))
    pairs.set(pid, pair)
    return pair
  }
  if (derivations.size >= CLUSTERS_MAX) derivations.clear()
  derivations.set(id, pairOf)
  return pairOf
}

/** All nodes of one cluster in a process share the pairs: 700 nodes would derive 490,000. */
const derivations = new Map<string, PairOf>()
