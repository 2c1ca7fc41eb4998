/** Describes texts that are no secret, without any part of them. */
import { EXPECTED_CLUSTER_SECRET, parseClusterSecret } from './cluster-secret.ts'
import { KEY_CHARACTERS, parseKey } from './key-text.ts'

const EXPECTED_SECRET_KEY =
  `what rx-cluster keygen writes: ${KEY_CHARACTERS} characters of Z85, ` +
  'with nothing behind them but the end of a line'

/** Describes a text that is no secret key. */
export function secretKeyProblem(source: string, text: string): string {
  const advice =
    parseClusterSecret(text) === undefined
      ? ''
      : ', the secret of a cluster: use clusterSecret or clusterSecretFile'
  return `${source} has no secret key: expected ${EXPECTED_SECRET_KEY}; got ${size(text)}${advice}`
}

/** Describes a text that is no secret of a cluster. */
export function clusterSecretProblem(source: string, text: string): string {
  const advice =
    parseKey(text) === undefined ? '' : ', a key of one node: use secretKey or secretKeyFile'
  const expected = `expected ${EXPECTED_CLUSTER_SECRET}`
  return `${source} has no cluster secret: ${expected}; got ${size(text)}${advice}`
}

function size(text: string): string {
  if (text.length === KEY_CHARACTERS && parseKey(text) === undefined) {
    return `${text.length} characters that are not Z85`
  }
  return `${text.length} characters`
}
