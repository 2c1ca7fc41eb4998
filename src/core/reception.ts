/**
 * The reception: the listening end of a node, where the callers of all its peers arrive.
 *
 * Whom it lets in is decided by cluster, version, pid and membership; what they send becomes runs
 * of entries for the inbox, which says what it has taken, and only then is it acknowledged.
 */
import type { ConnectionId, Inbound, Run } from './inbound.ts'
import type { Frame } from './link-tuning.ts'
import type { Incarnation } from '../model/envelope.ts'
import type { Pid } from '../model/pid.ts'
import type { RefusalReason } from '../model/node-event.ts'
import { EVERYBODY, type Rejection, type WireFrame } from './wire/frames.ts'
import { ackSoon, acknowledge, sayBye } from './reception-acks.ts'
import { receive, refuse } from './reception-frames.ts'
import { EMPTY_ROW } from './row.ts'
import { encodeFrame } from './wire/encode-frame.ts'
import { drop, reject, report, settle } from './inbound.ts'

/** A reception. */
export interface Reception {
  readonly pid: Pid
  readonly incarnation: Incarnation
  readonly cluster: string
  readonly windowBytes: number
  readonly maxMessageBytes: number
  /** Whom to let in. */
  readonly members: Set<Pid>
  /** Every record of a sender has an epoch of its own. */
  lastEpoch: number
  /**
   * The connections that have said HELLO to this node and this cluster, the latest last, and whose
   * sessions were let in on each.
   */
  readonly greeted: Map<ConnectionId, Pid[]>
  readonly sessions: Map<Pid, Inbound>
  /**
   * Who was last turned away for not being a member, so that it hears of it when it becomes one.
   */
  readonly knocking: Map<Pid, ConnectionId>
  /** The inbox takes nothing at present: no credit. */
  withheld: boolean
  /** The sessions whose acknowledgement is due. */
  due: Inbound[]
  /** Somebody waits for one of them: it must not be delayed. */
  urgent: boolean
  /** Runs that came in since the last acknowledgement. */
  runsDue: number
}

/** What happens to a reception. */
export type ReceptionEvent =
  | { readonly type: 'frame'; readonly connection: ConnectionId; readonly frame: WireFrame }
  | { readonly type: 'gone'; readonly connection: ConnectionId }
  /** These are the members from now on. */
  | { readonly type: 'members'; readonly pids: ReadonlySet<Pid> }
  /**
   * The inbox has settled the next `count` entries of a session, `rejections` among them; runs of
   * so many bytes were finished.
   */
  | {
      readonly type: 'taken'
      readonly session: Inbound
      readonly count: number
      readonly bytes: number
      readonly rejections: readonly Rejection[]
    }
  /** The inbox has dropped all that it held of a session. */
  | { readonly type: 'dropped'; readonly session: Inbound }
  /** The inbox has stopped taking, or takes again. */
  | { readonly type: 'withhold'; readonly withheld: boolean }
  /** Acknowledgements may go. */
  | { readonly type: 'flush' }
  /** The node closes. */
  | { readonly type: 'bye' }

/** What a reception wants to be done. */
export type ReceptionEffect =
  | { readonly type: 'send'; readonly connection: ConnectionId; readonly frame: Frame }
  | { readonly type: 'take'; readonly run: Run }
  | {
      readonly type: 'turned-away'
      readonly pid: Pid
      readonly reason: RefusalReason
      readonly detail: string
    }
  | { readonly type: 'restarted'; readonly pid: Pid; readonly incarnation: Incarnation }
  | { readonly type: 'bad-frame'; readonly detail: string }

/** A reception that lets nobody in yet. */
export function openReception(
  names: Pick<Reception, 'pid' | 'incarnation' | 'cluster' | 'windowBytes' | 'maxMessageBytes'>,
): Reception {
  return {
    ...names,
    members: new Set(),
    lastEpoch: 0,
    greeted: new Map(),
    sessions: new Map(),
    knocking: new Map(),
    withheld: false,
    due: EMPTY_ROW,
    urgent: false,
    runsDue: 0,
  }
}

/**
 * One step of a reception: called once per frame or flush, never per envelope. It knows no time and
 * throws no dice.
 */
export function stepReception(
  state: Reception,
  event: ReceptionEvent,
): readonly [Reception, readonly ReceptionEffect[]] {
  const effects: ReceptionEffect[] = []
  switch (event.type) {
    case 'frame':
      receive(state, event.connection, event.frame, effects)
      break
    case 'gone':
      lose(state, event.connection)
      break
    case 'members':
      changeMembers(state, event.pids, effects)
      break
    case 'taken': {
      const { session, count, bytes, rejections } = event
      settle(session, count, bytes)
      reject(session, rejections)
      if (rejections.length > 0) state.urgent = true
      ackSoon(state, session)
      break
    }
    case 'dropped':
      drop(event.session)
      ackSoon(state, event.session)
      break
    case 'withhold':
      state.withheld = event.withheld
      state.urgent = true
      for (const session of state.sessions.values()) ackSoon(state, session)
      break
    case 'flush':
      acknowledge(state, effects)
      break
    case 'bye':
      sayBye(state, effects)
  }
  return [state, effects]
}

/** Its sessions live on, and wait for another connection. */
function lose({ greeted, sessions }: Reception, connection: ConnectionId): void {
  // One that is no longer remembered may have any.
  for (const pid of greeted.get(connection) ?? sessions.keys()) {
    const session = sessions.get(pid)
    if (session?.connection === connection) session.connection = undefined
  }
  greeted.delete(connection)
}

function changeMembers(state: Reception, pids: ReadonlySet<Pid>, effects: ReceptionEffect[]): void {
  for (const pid of [...state.members]) if (!pids.has(pid)) expel(state, pid, effects)
  const admitted = new Map<ConnectionId, Pid[]>()
  for (const pid of pids) {
    if (state.members.has(pid)) continue
    state.members.add(pid)
    const connection = state.knocking.get(pid)
    if (connection === undefined) continue
    state.knocking.delete(pid)
    const others = admitted.get(connection)
    if (others === undefined) admitted.set(connection, [pid])
    else others.push(pid)
  }
  for (const [connection, [first, ...others]] of admitted) {
    // Hundreds of nodes of one process become members at once: they may ask in one HELLO.
    const pid = others.length === 0 ? (first as Pid) : EVERYBODY
    refuse(connection, { nonce: 0, pid, reason: 'say-hello', detail: 'a member now' }, effects)
  }
}

/** Ends the session of a former member, and tells it how far it got: the rest did not arrive. */
function expel(state: Reception, pid: Pid, effects: ReceptionEffect[]): void {
  state.members.delete(pid)
  const session = state.sessions.get(pid)
  if (session === undefined) return
  state.sessions.delete(pid)
  const { connection, epoch, toEpoch, settled } = session
  if (connection === undefined) return
  // What was rejected is told first, so that it is not taken for delivered.
  effects.push({
    type: 'send',
    connection,
    frame: [encodeFrame({ type: 'ack', sessions: [report(session, 0)] })],
  })
  const last = { incarnation: state.incarnation, epoch, toEpoch, settled }
  state.knocking.set(pid, connection)
  refuse(connection, { nonce: 0, pid, reason: 'not-a-member', detail: 'removed', last }, effects)
}
