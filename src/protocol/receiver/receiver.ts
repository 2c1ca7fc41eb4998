/**
 * The reception: the listening end of a node, where the callers of all its peers arrive.
 *
 * Whom it lets in is decided by cluster, version, pid and membership; what they send becomes runs
 * of entries for the inbox, which says what it has taken, and only then is it acknowledged.
 */
import type { ConnectionId } from '../../ports/transport.ts'
import type { Pid } from '../../model/pid.ts'
import type { Receiver, ReceiverEffect, ReceiverEvent } from './receiver-state.ts'
import { ALL_SESSIONS } from '../wire/frames.ts'
import {
  addRejections,
  discardUnsettled,
  sessionReport,
  settleEntries,
} from '../session/inbound-session.ts'
import { encodeFrame } from '../wire/encode-frame.ts'
import { flushAcks, scheduleAck, sendBye } from './acks.ts'
import { onFrame, refuse } from './receive.ts'

/**
 * One step of a reception: called once per frame or flush, never per envelope. It knows no time and
 * throws no dice.
 */
export function stepReceiver(
  receiver: Receiver,
  event: ReceiverEvent,
): readonly [Receiver, readonly ReceiverEffect[]] {
  const effects: ReceiverEffect[] = []
  switch (event.type) {
    case 'frame':
      onFrame(receiver, event.connection, event.frame, effects)
      break
    case 'disconnected':
      onDisconnected(receiver, event.connection)
      break
    case 'members':
      changeMembers(receiver, event.pids, effects)
      break
    case 'settled': {
      const { session, count, bytes, rejections } = event
      settleEntries(session, count, bytes)
      addRejections(session, rejections)
      if (rejections.length > 0) receiver.ackNow = true
      scheduleAck(receiver, session)
      break
    }
    case 'discarded':
      discardUnsettled(event.session)
      scheduleAck(receiver, event.session)
      break
    case 'pause':
      receiver.paused = event.paused
      receiver.ackNow = true
      for (const session of receiver.sessions.values()) scheduleAck(receiver, session)
      break
    case 'flush':
      flushAcks(receiver, effects)
      break
    case 'bye':
      sendBye(receiver, effects)
  }
  return [receiver, effects]
}

/** Its sessions live on, and wait for another connection. */
function onDisconnected({ handshaken, sessions }: Receiver, connection: ConnectionId): void {
  // One that is no longer remembered may have any.
  for (const pid of handshaken.get(connection) ?? sessions.keys()) {
    const session = sessions.get(pid)
    if (session?.connection === connection) session.connection = undefined
  }
  handshaken.delete(connection)
}

function changeMembers(
  receiver: Receiver,
  pids: ReadonlySet<Pid>,
  effects: ReceiverEffect[],
): void {
  for (const pid of [...receiver.members]) if (!pids.has(pid)) removeMember(receiver, pid, effects)
  const joinable = new Map<ConnectionId, Pid[]>()
  for (const pid of pids) {
    if (receiver.members.has(pid)) continue
    receiver.members.add(pid)
    const connection = receiver.refusedPeers.get(pid)
    if (connection === undefined) continue
    receiver.refusedPeers.delete(pid)
    const others = joinable.get(connection)
    if (others === undefined) joinable.set(connection, [pid])
    else others.push(pid)
  }
  for (const [connection, [first, ...others]] of joinable) {
    // Hundreds of nodes of one process become members at once: they may ask in one HELLO.
    const pid = others.length === 0 ? (first as Pid) : ALL_SESSIONS
    refuse(connection, { nonce: 0, pid, reason: 'hello-required', detail: 'a member now' }, effects)
  }
}

/** Ends the session of a former member, and tells it how far it got: the rest did not arrive. */
function removeMember(receiver: Receiver, pid: Pid, effects: ReceiverEffect[]): void {
  receiver.members.delete(pid)
  const session = receiver.sessions.get(pid)
  if (session === undefined) return
  receiver.sessions.delete(pid)
  const { connection, epoch, toEpoch, settled } = session
  if (connection === undefined) return
  // What was rejected is told first, so that it is not taken for delivered.
  effects.push({
    type: 'send',
    connection,
    frame: [encodeFrame({ type: 'ack', sessions: [sessionReport(session, 0)] })],
  })
  const final = { incarnation: receiver.incarnation, epoch, toEpoch, settled }
  receiver.refusedPeers.set(pid, connection)
  refuse(connection, { nonce: 0, pid, reason: 'not-a-member', detail: 'removed', final }, effects)
}
