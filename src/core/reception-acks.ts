/** What a reception acknowledges, and how much more it lets come. */
import type { ConnectionId, Inbound } from './inbound.ts'
import type { Reception, ReceptionEffect } from './reception.ts'
import type { SessionReport } from './wire/frames.ts'
import { EMPTY_ROW, appended } from './row.ts'
import { encodeFrame } from './wire/encode-frame.ts'
import { report } from './inbound.ts'

/** One ACK tells of so many sessions at most. */
const REPORTS_MAX = 4_096

/** So many runs are acknowledged at once, whoever waits. */
const RUNS_DUE_MAX = 16

/** A run came in. */
export function countRun(state: Reception, urgent: boolean): void {
  if (urgent || ++state.runsDue >= RUNS_DUE_MAX) state.urgent = true
}

/** An acknowledgement of this session is due. */
export function ackSoon(state: Reception, session: Inbound): void {
  if (session.ackDue) return
  session.ackDue = true
  state.due = appended(state.due, session)
}

/** Sends what is due: for each connection one ACK, for all its sessions. */
export function acknowledge(state: Reception, effects: ReceptionEffect[]): void {
  const { due } = state
  if (due.length === 0) return
  state.due = EMPTY_ROW
  state.urgent = false
  state.runsDue = 0
  for (const session of due) session.ackDue = false
  const credit = creditOf(state)
  const [only] = due
  if (due.length === 1 && only !== undefined) {
    const connection = connectionOf(state, only)
    if (connection !== undefined) sendAck(connection, [report(only, credit)], effects)
    return
  }
  const byConnection = new Map<ConnectionId, Inbound[]>()
  for (const session of due) {
    const connection = connectionOf(state, session)
    if (connection === undefined) continue
    byConnection.set(connection, appended(byConnection.get(connection) ?? EMPTY_ROW, session))
  }
  for (const [connection, sessions] of byConnection) {
    for (let from = 0; from < sessions.length; from += REPORTS_MAX) {
      const some = sessions.slice(from, from + REPORTS_MAX)
      const reports = some.map((session) => report(session, credit))
      sendAck(connection, reports, effects)
    }
  }
}

/** It may have ended, or lost its connection: then WELCOME will tell. */
function connectionOf(state: Reception, session: Inbound): ConnectionId | undefined {
  return state.sessions.get(session.pid) === session ? session.connection : undefined
}

function sendAck(
  connection: ConnectionId,
  sessions: readonly SessionReport[],
  effects: ReceptionEffect[],
): void {
  effects.push({ type: 'send', connection, frame: [encodeFrame({ type: 'ack', sessions })] })
}

/** Says goodbye to everybody, and what was taken: of all, whatever was acknowledged before. */
export function sayBye(state: Reception, effects: ReceptionEffect[]): void {
  const byConnection = new Map<ConnectionId, SessionReport[]>()
  for (const session of state.sessions.values()) {
    const { connection } = session
    if (connection === undefined) continue
    const reports = byConnection.get(connection) ?? EMPTY_ROW
    byConnection.set(connection, appended(reports, report(session, 0)))
  }
  for (const [connection, sessions] of byConnection) {
    effects.push({ type: 'send', connection, frame: [encodeFrame({ type: 'bye', sessions })] })
  }
}

/** Bytes that each sender may have outstanding. */
export function creditOf(state: Reception): number {
  return state.withheld ? 0 : state.windowBytes
}
