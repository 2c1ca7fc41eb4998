/**
 * The step of a receiver: accepts the sessions of members, turns DATA into batches for the inbox,
 * and acknowledges the entries that the inbox has settled.
 */
import type { ConnectionId } from '../../ports/transport.ts'
import type { Pid } from '../../model/pid.ts'
import type { Receiver, ReceiverContext, ReceiverEffect, ReceiverEvent } from './receiver-state.ts'
import {
  addRejections,
  discardUnsettled,
  sessionReport,
  settleEntries,
} from '../session/inbound-session.ts'
import { encodeFrame } from '../wire/encode-frame.ts'
import { flushAcks, scheduleAck, sendBye } from './acks.ts'
import { onCallerFrame } from './caller-frames.ts'
import { disconnectFormerKeys } from './receiver-keys.ts'
import { refuse } from './refuse.ts'

/**
 * Applies one event to a receiver: called once per frame, flush or batch, never per envelope. Needs
 * no time, and of randomness only the challenges of connections.
 *
 * The caller must
 *
 * - perform the effects in order, and all of them before the next step;
 * - report every entry of a `deliver` effect once, in order: by `settled`, or by `discarded` for
 *   the rest of its session, which the sender then sends again;
 * - step `flush` if `pendingAcks` is not empty after a step: in the next microtask if `ackNow` is
 *   set, else within a few milliseconds;
 * - step `bye` once, when it closes.
 */
export function stepReceiver(
  receiver: Receiver,
  event: ReceiverEvent,
  context: ReceiverContext,
): readonly [Receiver, readonly ReceiverEffect[]] {
  const effects: ReceiverEffect[] = []
  switch (event.type) {
    case 'frame':
      // A session that begins after BYE would end with the process, its entries unknown.
      if (receiver.saidBye) break
      onCallerFrame(receiver, event.connection, event.frame, context, effects)
      break
    case 'disconnected':
      onDisconnected(receiver, event.connection)
      break
    case 'members':
      for (const pid of [...receiver.members]) {
        if (!event.pids.has(pid)) removeMember(receiver, pid, effects)
      }
      addMembers(receiver, event.pids, effects)
      disconnectFormerKeys(receiver, effects)
      break
    case 'keys':
      disconnectFormerKeys(receiver, effects)
      break
    case 'add-member':
      addMembers(receiver, [event.pid], effects)
      break
    case 'remove-member':
      removeMember(receiver, event.pid, effects)
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
      receiver.saidBye = true
      sendBye(receiver, effects)
  }
  return [receiver, effects]
}

/** Keeps the sessions of the connection until their senders connect again. */
function onDisconnected({ handshakes, sessions }: Receiver, connection: ConnectionId): void {
  // The sessions of a forgotten connection are unknown: check all.
  for (const pid of handshakes.get(connection)?.pids ?? sessions.keys()) {
    const session = sessions.get(pid)
    if (session?.connection === connection) session.connection = undefined
  }
  handshakes.delete(connection)
}

function addMembers(receiver: Receiver, pids: Iterable<Pid>, effects: ReceiverEffect[]): void {
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
  for (const [connection, joining] of joinable) {
    const refusal = { nonce: 0, reason: 'hello-required', detail: 'now a member' } as const
    refuse(connection, { ...refusal, pids: joining }, effects)
  }
}

/** Ends the session of a former member. REFUSED states its final position. */
function removeMember(receiver: Receiver, pid: Pid, effects: ReceiverEffect[]): void {
  receiver.members.delete(pid)
  const session = receiver.sessions.get(pid)
  if (session === undefined) return
  receiver.sessions.delete(pid)
  const { connection, epoch, toEpoch, settled } = session
  if (connection === undefined) return
  // REFUSED carries no rejections: report them first, or they would count as delivered.
  effects.push({
    type: 'send',
    connection,
    frame: [encodeFrame({ type: 'ack', sessions: [sessionReport(session, 0, 0)] })],
  })
  const final = { incarnation: receiver.incarnation, epoch, toEpoch, settled }
  receiver.refusedPeers.set(pid, connection)
  refuse(
    connection,
    { nonce: 0, pids: [pid], reason: 'not-a-member', detail: 'removed from the peers', final },
    effects,
  )
}
