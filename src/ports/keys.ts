/** The keys port: the key pair of a node, and the keys by which it knows its peers. */
import type { Pid } from '../model/pid.ts'

/** An X25519 key pair, which is also a CURVE key pair of ZeroMQ. Each key has 32 bytes. */
export interface KeyPair {
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
}

/** What a node with keys knows and can compute. Pure: the same arguments give the same bytes. */
export interface NodeKeys {
  /** The pair of the node. */
  readonly pair: KeyPair
  /** Returns the public keys of a pid, several while a key is rotated; none if it has no key. */
  publicKeysOf(pid: Pid): readonly Uint8Array[]
  /** Returns the 32 bytes that the holders of both pairs share: X25519 (RFC 7748, section 5). */
  sharedSecret(publicKey: Uint8Array): Uint8Array
  /** Returns the 32 bytes of HMAC-SHA256 (RFC 2104). */
  mac(key: Uint8Array, message: Uint8Array): Uint8Array
}
