/** The keys of the senders of a receiver: who may connect, and who must prove a key again. */
import type { Receiver, ReceiverEffect } from './receiver-state.ts'
import { isEqual } from '../proof.ts'
import { refuse } from './refuse.ts'

/** Returns whether a member has this public key. */
export function admitsKey({ keys, members }: Receiver, publicKey: Uint8Array): boolean {
  if (keys === undefined) return false
  for (const pid of members) {
    if (keys.publicKeysOf(pid).some((key) => isEqual(key, publicKey))) return true
  }
  return false
}

/**
 * Disconnects the sessions whose sender has proven a key that its pid has no more. They stay: the
 * sender continues once it has proven a present key.
 */
export function disconnectFormerKeys(receiver: Receiver, effects: ReceiverEffect[]): void {
  const { keys, sessions } = receiver
  if (keys === undefined) return
  for (const session of sessions.values()) {
    const { pid, connection, provenKey } = session
    if (connection === undefined || provenKey === undefined) continue
    if (keys.publicKeysOf(pid).some((key) => isEqual(key, provenKey))) continue
    session.connection = undefined
    const detail = `node ${pid} has another key now`
    refuse(connection, { nonce: 0, pids: [pid], reason: 'hello-required', detail }, effects)
  }
}
