/** Explains why a handshake failed, as far as the events of libzmq show it. */
import type { Event } from 'zeromq'
import { hasNoKeys, keyNotAdmitted, requiresKeys } from '../../ports/connection-security.ts'
import { type SystemError, systemError } from './system-error.ts'

/** An event after which a handshake will not succeed. */
export type HandshakeFailure = Extract<Event, { readonly type: `handshake:error:${string}` }>

/** ZAP: the key is not admitted. */
const REFUSED_STATUS = 400

/**
 * Returns the reason of a failed handshake.
 *
 * A listener with another key than expected cannot read the first message, and disconnects. One
 * with another mechanism may disconnect before its own mechanism has arrived.
 */
export function handshakeFailure(
  endpoint: string,
  event: HandshakeFailure,
  isKeyed: boolean,
): SystemError {
  const { error } = event
  if (event.type === 'handshake:error:auth') {
    if (event.error.status === REFUSED_STATUS) return keyNotAdmitted(endpoint)
    return systemError('EAGAIN', `${endpoint} could not check the public key of this node`)
  }
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'ERR_ZMTP_MECHANISM_MISMATCH')
    return isKeyed ? hasNoKeys(endpoint) : requiresKeys(endpoint)
  if (event.type === 'handshake:error:other' && code === 'EPIPE')
    return endedHandshake(endpoint, isKeyed)
  return systemError(code || 'EPROTO', `${endpoint} failed the handshake: ${error.message}`)
}

/** Returns the reason where the listener disconnected during the handshake. */
export function endedHandshake(endpoint: string, isKeyed: boolean): SystemError {
  const hint = isKeyed
    ? 'it may have no keys, or another public key than the one configured for it'
    : 'it may require keys'
  return systemError('EPIPE', `${endpoint} ended the handshake: ${hint}`)
}
