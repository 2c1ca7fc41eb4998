/** What a reception acknowledges, and how much more it lets come. */
import type { ConnectionId, Inbound } from './inbound.ts'
import type { Reception, ReceptionEffect } from './reception.ts'
import { encodeFrame } from './wire/encode-frame.ts'
import { report } from './inbound.ts'

/** Sends what is due: one ACK per connection, for all its sessions. */
export function acknowledge(state: Reception, effects: ReceptionEffect[]): void {
  if (!state.ackDue) return
  state.ackDue = false
  const due = new Map<ConnectionId, Inbound[]>()
  for (const session of state.sessions.values()) {
    const { connection } = session
    if (!session.ackDue || connection === undefined) continue
    const others = due.get(connection)
    if (others === undefined) due.set(connection, [session])
    else others.push(session)
  }
  const credit = creditOf(state)
  for (const [connection, sessions] of due) {
    const reports = sessions.map((session) => report(session, credit))
    const frame = [encodeFrame({ type: 'ack', sessions: reports })]
    effects.push({ type: 'send', connection, frame })
  }
}

/** Bytes that each sender may have outstanding. */
export function creditOf(state: Reception): number {
  return state.withheld ? 0 : state.windowBytes
}
