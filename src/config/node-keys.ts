/** Chooses the keys of a node from its secret and its config, which must belong together. */
import type { Config, Member } from './config.ts'
import { type Secrets, givenSources, requireOne } from '../keys/read-secrets.ts'
import { clusterSecretProblem, secretKeyProblem } from '../keys/secret-problems.ts'
import { derivation, parseClusterSecret } from '../keys/cluster-secret.ts'
import { fingerprint, formatKey, parseKey } from '../keys/key-text.ts'
import { publicKeyTexts, publicKeysOf } from '../keys/peer-keys.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { Peers } from '../model/peer.ts'
import { configuredKeys } from '../keys/configured-keys.ts'
import { derivedKeys } from '../keys/derived-keys.ts'
import { keyPairOf } from '../keys/x25519.ts'

/** Returns whether a config lists public keys. */
export function listsKeys({ members }: Pick<Config, 'members'>): boolean {
  return [...members.values()].some((member) => publicKeyTexts(member).length > 0)
}

/**
 * Returns the keys of a node; undefined where neither the config nor the options have any.
 *
 * @throws ClusterError `KEYS_CONFLICT`, `KEYS_MISSING`, `KEY_INVALID`, `KEY_IS_PUBLIC`,
 *   `KEY_MISMATCH`, `CLUSTER_SECRET_INVALID`
 */
export function nodeKeys(
  config: Config,
  self: Member,
  peers: Peers,
  secrets: Secrets,
): KeyRing | undefined {
  requireOne(givenSources(secrets))
  const { secretKey, clusterSecret } = secrets
  if (clusterSecret !== undefined) return fromClusterSecret(config, self, clusterSecret)
  if (secretKey !== undefined) return fromSecretKey(config, self, peers, secretKey)
  if (!listsKeys(config)) return undefined
  const advice = 'pass secretKeyFile, or set RX_CLUSTER_KEY_FILE'
  const message = `the config lists public keys, but node ${self.pid} has no secret key: ${advice}`
  throw new ClusterError('KEYS_MISSING', message)
}

function fromClusterSecret(config: Config, { pid }: Member, text: string): KeyRing {
  if (listsKeys(config)) {
    const advice = 'remove every publicKey, or pass the secret key of the node instead'
    const message = `the config lists public keys, but a cluster secret is given: ${advice}`
    throw new ClusterError('KEYS_CONFLICT', message)
  }
  const secret = parseClusterSecret(text)
  if (secret !== undefined) return derivedKeys(derivation(secret, config.cluster), pid)
  throw new ClusterError('CLUSTER_SECRET_INVALID', clusterSecretProblem('clusterSecret', text))
}

function fromSecretKey(config: Config, self: Member, peers: Peers, text: string): KeyRing {
  const secretKey = parseKey(text)
  if (secretKey === undefined) {
    throw new ClusterError('KEY_INVALID', secretKeyProblem('secretKey', text))
  }
  const { pid } = self
  if (!listsKeys(config)) {
    const advice =
      config.addressing === undefined
        ? 'add the publicKey of every peer, as rx-cluster keygen --cluster does'
        : 'use clusterSecretFile, the only kind of keys that fits computed addresses'
    const message = `node ${pid} has a secret key, but the config lists no public keys: ${advice}`
    throw new ClusterError('KEYS_MISSING', message)
  }
  const pair = keyPairOf(secretKey)
  const publicKey = formatKey(pair.publicKey)
  if (publicKeyTexts(self).includes(publicKey)) return configuredKeys(pair, self, peers)
  for (const member of config.members.values()) {
    if (publicKeyTexts(member).includes(text)) throw isPublicError(pid, member.pid)
  }
  throw mismatchError(config, self, pair.publicKey)
}

function isPublicError(pid: number, pidOfKey: number): ClusterError {
  const message =
    `node ${pid} was given the public key of pid ${pidOfKey} as its secret key: ` +
    'pass the secret key, which rx-cluster keygen writes into a file'
  return new ClusterError('KEY_IS_PUBLIC', message)
}

function mismatchError(config: Config, self: Member, publicKey: Uint8Array): ClusterError {
  const text = formatKey(publicKey)
  const other = [...config.members.values()].find((member) => publicKeyTexts(member).includes(text))
  const listed = publicKeysOf(self).map(fingerprint).join(' and ')
  const holder =
    other === undefined ? 'which the config lists for no pid' : `that of pid ${other.pid}`
  const message =
    `the secret key of node ${self.pid} does not belong to its public key in the config: ` +
    `it belongs to ${fingerprint(publicKey)}, ${holder}, and the config has ${listed}. ` +
    'Pass the secret key of this pid, or correct its publicKey'
  return new ClusterError('KEY_MISMATCH', message)
}
