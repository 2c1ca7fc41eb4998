/**
 * Keys of bindings and connections, and why a connection between two of them is refused.
 *
 * The memory transport and the simulation compare public keys with `keyRefusal`. ZeroMQ proves
 * them, with CURVE, and learns less about the reason.
 */
import type { KeyPair } from './keys.ts'

/** The keys of a binding, and the keys that it admits. */
export interface BindingSecurity {
  readonly keys: KeyPair
  /** Names the binding where connections are checked: cluster and pid. */
  readonly domain: string
  /**
   * Returns whether the holder of a public key may connect. It is called at each attempt, so that
   * the list may change; connections that were admitted stay. An attempt is refused if it throws.
   *
   * @param publicKey 32 bytes
   */
  admits(publicKey: Uint8Array): boolean
}

/** The keys of a connection, and the public key that the binding must prove. */
export interface ConnectionSecurity {
  readonly keys: KeyPair
  readonly serverKey: Uint8Array
}

/** Why a connection was refused; `error.code` as in `ConnectionHandler.closed`. */
export type KeyRefusal = Error & { readonly code: 'EACCES' | 'EPIPE' | 'EPROTO' }

/** The binding does not admit the key of the connection. */
export function keyNotAdmitted(endpoint: string): KeyRefusal {
  return refusal('EACCES', `${endpoint} refused the public key of this node`)
}

/** The binding has no keys, and the connection has. */
export function hasNoKeys(endpoint: string): KeyRefusal {
  return refusal('EPROTO', `${endpoint} uses no keys, and this node does`)
}

/** The binding has keys, and the connection has none. */
export function requiresKeys(endpoint: string): KeyRefusal {
  return refusal('EPROTO', `${endpoint} requires keys, and this node has none`)
}

/** The binding has another key pair than the connection expects. */
export function hasAnotherKey(endpoint: string): KeyRefusal {
  return refusal('EPIPE', `${endpoint} has another public key than the one configured for it`)
}

/** Returns why a binding and a connection refuse each other; undefined where they do not. */
export function keyRefusal(
  endpoint: string,
  binding: BindingSecurity | undefined,
  connection: ConnectionSecurity | undefined,
): KeyRefusal | undefined {
  if (binding === undefined) return connection === undefined ? undefined : hasNoKeys(endpoint)
  if (connection === undefined) return requiresKeys(endpoint)
  if (!isSameKey(binding.keys.publicKey, connection.serverKey)) return hasAnotherKey(endpoint)
  return isAdmitted(binding, connection.keys.publicKey) ? undefined : keyNotAdmitted(endpoint)
}

/** Returns whether a binding admits a key; false if that could not be found out. */
export function isAdmitted(binding: BindingSecurity, publicKey: Uint8Array): boolean {
  try {
    return binding.admits(publicKey)
  } catch {
    return false
  }
}

function isSameKey(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at])
}

function refusal(code: KeyRefusal['code'], message: string): KeyRefusal {
  return Object.assign(new Error(message), { code })
}
