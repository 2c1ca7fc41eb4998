/**
 * Proves that a node holds the key of its pid, and checks such proofs.
 *
 * A proof is the HMAC-SHA256 of `proofMessage` under the X25519 secret that both nodes share. It is
 * bound to the connection by the challenge, and to both processes by their incarnations, so that it
 * proves nothing on another connection, to another node or after a restart.
 */
import type { Incarnation } from '../model/envelope.ts'
import type { NodeKeys } from '../ports/keys.ts'
import type { Pid } from '../model/pid.ts'
import type { ProvenOffer, SessionOffer } from './wire/frames.ts'
import { FrameWriter } from './wire/frame-bytes.ts'

/** The first text of every proof: a MAC for another purpose is no proof. */
const PURPOSE = 'rx-cluster 2 proof'

/** The node that a proof is for, and its connection. */
export interface ProofRecipient {
  readonly cluster: string
  /** The challenge of the connection. */
  readonly challenge: Uint8Array
  readonly to: Pid
  readonly toIncarnation: Incarnation
}

/** Returns an offer with its proof for the holder of `recipientKey`. */
export function prove(
  keys: NodeKeys,
  offer: SessionOffer,
  recipientKey: Uint8Array,
  recipient: ProofRecipient,
): ProvenOffer {
  const mac = keys.mac(keys.sharedSecret(recipientKey), proofMessage(offer, recipient))
  return { ...offer, publicKey: keys.pair.publicKey, mac }
}

/** Returns whether the sender of an offer holds one of the keys that `keys` has for its pid. */
export function isProven(keys: NodeKeys, offer: ProvenOffer, recipient: ProofRecipient): boolean {
  const { pid, publicKey, mac } = offer
  if (!keys.publicKeysOf(pid).some((key) => isEqual(key, publicKey))) return false
  return isEqual(keys.mac(keys.sharedSecret(publicKey), proofMessage(offer, recipient)), mac)
}

/** Compares in a time that does not depend on the bytes. */
export function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length
  for (let index = 0; index < a.length; index++) {
    difference |= (a[index] as number) ^ (b[index] ?? 0)
  }
  return difference === 0
}

function proofMessage(
  { pid, incarnation, epoch }: SessionOffer,
  { cluster, challenge, to, toIncarnation }: ProofRecipient,
): Uint8Array {
  return new FrameWriter()
    .text(PURPOSE)
    .text(cluster)
    .bytes(challenge)
    .u32(pid)
    .id(incarnation)
    .u32(epoch)
    .u32(to)
    .id(toIncarnation)
    .finish()
}
