/** Decides when a receiver sends ACK and how much credit each sender gets; encodes ACK and BYE. */
import type { ConnectionId } from '../../ports/transport.ts'
import type { InboundSession } from '../session/inbound-session.ts'
import type { Receiver, ReceiverEffect } from './receiver-state.ts'
import type { SessionReport } from '../wire/frames.ts'
import { EMPTY_LIST, append } from '../../base/list.ts'
import { encodeFrame } from '../wire/encode-frame.ts'
import { replyWindowBytes, sessionReport } from '../session/inbound-session.ts'

/** One ACK or BYE reports up to this many sessions. */
const REPORTS_MAX = 4_096

/** After this many unacknowledged batches an ACK is not delayed any more. */
const UNACKED_BATCHES_MAX = 16

/** Counts a batch that came in, and decides whether its ACK may be delayed. */
export function countBatch(receiver: Receiver, urgent: boolean): void {
  if (urgent || ++receiver.unackedBatches >= UNACKED_BATCHES_MAX) receiver.ackNow = true
}

/** Adds a session to the next ACK. */
export function scheduleAck(receiver: Receiver, session: InboundSession): void {
  if (session.ackPending) return
  session.ackPending = true
  receiver.pendingAcks = append(receiver.pendingAcks, session)
}

/** Sends one ACK per connection, with the reports of all its pending sessions. */
export function flushAcks(receiver: Receiver, effects: ReceiverEffect[]): void {
  const { pendingAcks } = receiver
  if (pendingAcks.length === 0) return
  receiver.pendingAcks = EMPTY_LIST
  receiver.ackNow = false
  receiver.unackedBatches = 0
  for (const session of pendingAcks) session.ackPending = false
  const [only] = pendingAcks
  if (pendingAcks.length === 1 && only !== undefined) {
    const connection = connectionOf(receiver, only)
    if (connection !== undefined) sendAck(connection, [reportOf(receiver, only)], effects)
    return
  }
  const byConnection = new Map<ConnectionId, InboundSession[]>()
  for (const session of pendingAcks) {
    const connection = connectionOf(receiver, session)
    if (connection === undefined) continue
    byConnection.set(connection, append(byConnection.get(connection) ?? EMPTY_LIST, session))
  }
  for (const [connection, sessions] of byConnection) {
    for (let from = 0; from < sessions.length; from += REPORTS_MAX) {
      const chunk = sessions.slice(from, from + REPORTS_MAX)
      const reports = chunk.map((session) => reportOf(receiver, session))
      sendAck(connection, reports, effects)
    }
  }
}

/** Returns undefined if the session has ended or is disconnected; then WELCOME will report it. */
function connectionOf(receiver: Receiver, session: InboundSession): ConnectionId | undefined {
  return receiver.sessions.get(session.pid) === session ? session.connection : undefined
}

function sendAck(
  connection: ConnectionId,
  sessions: readonly SessionReport[],
  effects: ReceiverEffect[],
): void {
  effects.push({ type: 'send', connection, frame: [encodeFrame({ type: 'ack', sessions })] })
}

/** Sends BYE with the reports of all connected sessions, because earlier ACKs may be lost. */
export function sendBye(receiver: Receiver, effects: ReceiverEffect[]): void {
  const byConnection = new Map<ConnectionId, SessionReport[]>()
  for (const session of receiver.sessions.values()) {
    const { connection } = session
    if (connection === undefined) continue
    const reports = byConnection.get(connection) ?? EMPTY_LIST
    byConnection.set(connection, append(reports, sessionReport(session, 0, 0)))
  }
  for (const [connection, reports] of byConnection) {
    for (let from = 0; from < reports.length; from += REPORTS_MAX) {
      const sessions = reports.slice(from, from + REPORTS_MAX)
      effects.push({ type: 'send', connection, frame: [encodeFrame({ type: 'bye', sessions })] })
    }
  }
}

/** Returns the present report of a session, with the credit of its sender. */
export function reportOf(receiver: Receiver, session: InboundSession): SessionReport {
  const { paused, windowBytes } = receiver
  return sessionReport(session, paused ? 0 : windowBytes, replyWindowBytes(windowBytes))
}
