/** What a reception makes of the frames that callers send. */
import type { ConnectionId } from './inbound.ts'
import type { DataFrame, Greeting, HelloFrame, RefusedFrame } from './wire/frames.ts'
import type { SessionReport, WireFrame } from './wire/frames.ts'
import type { Reception, ReceptionEffect } from './reception.ts'
import type { Pid } from '../model/pid.ts'
import { EVERYBODY, PROTOCOL_VERSION } from './wire/frames.ts'
import { accept, forget, openInbound, report } from './inbound.ts'
import { ackSoon, acknowledge, countRun, creditOf } from './reception-acks.ts'
import { EMPTY_ROW, appended } from './row.ts'
import { encodeFrame } from './wire/encode-frame.ts'

/** So many strangers are remembered, in case that they become members. */
const KNOCKING_MAX = 4096
/** So many connections are remembered to have said HELLO. */
const GREETED_MAX = 65_536

/** Takes in one frame of a caller. */
export function receive(
  state: Reception,
  connection: ConnectionId,
  frame: WireFrame,
  effects: ReceptionEffect[],
): void {
  switch (frame.type) {
    case 'hello':
      hello(state, connection, frame, effects)
      return
    case 'join':
      if (!state.greeted.has(connection)) {
        sayHello(connection, effects)
        return
      }
      greet(state, connection, frame.nonce, frame.greetings, effects)
      return
    case 'leave':
      for (const { pid, epoch } of frame.leaving) {
        const session = state.sessions.get(pid)
        if (session?.connection !== connection || session.epoch !== epoch) continue
        state.sessions.delete(pid)
      }
      return
    case 'data':
      data(state, connection, frame, effects)
      return
    case 'ping':
      for (const session of frame.report ? state.sessions.values() : []) {
        if (session.connection === connection) ackSoon(state, session)
      }
      // First where everything stands, then PONG: what was lost is known by then.
      acknowledge(state, effects)
      send(connection, { type: 'pong', token: frame.token }, effects)
      return
    default:
      effects.push({ type: 'bad-frame', detail: `${frame.type} from the calling side` })
  }
}

function data(
  state: Reception,
  connection: ConnectionId,
  { runs }: DataFrame,
  effects: ReceptionEffect[],
): void {
  let unknown = false
  for (const one of runs) {
    const session = state.sessions.get(one.pid)
    if (session === undefined || session.connection !== connection) {
      // A frame that overtook its own dismissal is no reason to say HELLO: it has been answered.
      if (state.knocking.get(one.pid) !== connection) unknown = true
    } else if (session.epoch === one.epoch && session.toEpoch === one.toEpoch) {
      const run = accept(session, one, state)
      ackSoon(state, session)
      countRun(state, one.urgent || session.gap !== undefined)
      if (run !== undefined) effects.push({ type: 'take', run })
    }
  }
  // Once for a frame, however many sessions it claims.
  if (unknown) sayHello(connection, effects)
}

/** Refuses. */
export function refuse(
  connection: ConnectionId,
  frame: Omit<RefusedFrame, 'type'>,
  effects: ReceptionEffect[],
): void {
  send(connection, { type: 'refused', ...frame }, effects)
}

function hello(
  state: Reception,
  connection: ConnectionId,
  frame: HelloFrame,
  effects: ReceptionEffect[],
): void {
  const { nonce, version, cluster, to, greetings } = frame
  const all = { nonce, pid: EVERYBODY }
  if (version !== PROTOCOL_VERSION) {
    const detail = `I speak version ${PROTOCOL_VERSION}, not ${version}`
    refuse(connection, { ...all, reason: 'wrong-version', detail }, effects)
  } else if (cluster !== state.cluster) {
    const detail = `this is cluster ${state.cluster}, not ${cluster}`
    refuse(connection, { ...all, reason: 'wrong-cluster', detail }, effects)
    for (const { pid } of greetings) {
      effects.push({ type: 'turned-away', pid, reason: 'wrong-cluster', detail })
    }
  } else if (to !== state.pid) {
    const detail = `I am ${state.pid}, not ${to}`
    refuse(connection, { ...all, reason: 'wrong-pid', detail }, effects)
    for (const { pid } of greetings) {
      effects.push({ type: 'turned-away', pid, reason: 'wrong-pid', detail })
    }
  } else {
    remember(state, connection)
    greet(state, connection, nonce, greetings, effects)
  }
}

/** Whoever is forgotten is asked to say HELLO again. */
function remember({ greeted }: Reception, connection: ConnectionId): void {
  const pids = greeted.get(connection)
  if (pids !== undefined) greeted.delete(connection)
  greeted.set(connection, pids ?? EMPTY_ROW)
  if (greeted.size <= GREETED_MAX) return
  for (const oldest of greeted.keys()) {
    greeted.delete(oldest)
    return
  }
}

function sayHello(connection: ConnectionId, effects: ReceptionEffect[]): void {
  const detail = 'no HELLO, or no session, on this connection'
  refuse(connection, { nonce: 0, pid: EVERYBODY, reason: 'say-hello', detail }, effects)
}

function greet(
  state: Reception,
  connection: ConnectionId,
  nonce: number,
  greetings: readonly Greeting[],
  effects: ReceptionEffect[],
): void {
  let reports: SessionReport[] = EMPTY_ROW
  const greeted = greetings.length > 1 ? new Set<Pid>() : undefined
  for (const greeting of greetings) {
    const { pid } = greeting
    // Once for a frame, however often it asks.
    if (greeted?.has(pid) === true) continue
    greeted?.add(pid)
    if (admit(state, connection, nonce, greeting, effects)) {
      const pids = state.greeted.get(connection)
      if (pids?.includes(pid) === false) state.greeted.set(connection, appended(pids, pid))
      const session = state.sessions.get(pid)
      if (session !== undefined) reports = appended(reports, report(session, creditOf(state)))
    }
  }
  // A link whose local nodes all wait to ask again says HELLO for nobody, and is welcome.
  if (reports.length === 0 && greetings.length > 0) return
  const { pid, incarnation, maxMessageBytes } = state
  send(
    connection,
    {
      type: 'welcome',
      nonce,
      pid,
      incarnation,
      features: 0,
      maxMessageBytes,
      sessions: reports,
    },
    effects,
  )
}

/** Lets one caller in, or says why not. The newest HELLO of a pid wins. */
function admit(
  state: Reception,
  connection: ConnectionId,
  nonce: number,
  greeting: Greeting,
  effects: ReceptionEffect[],
): boolean {
  const { pid, incarnation, epoch } = greeting
  if (!state.members.has(pid)) {
    const detail = `${pid} is not among the peers of ${state.pid}`
    if (state.knocking.size < KNOCKING_MAX) state.knocking.set(pid, connection)
    refuse(connection, { nonce, pid, reason: 'not-a-member', detail }, effects)
    effects.push({ type: 'turned-away', pid, reason: 'not-a-member', detail })
    return false
  }
  const session = state.sessions.get(pid)
  if (session?.incarnation === incarnation) {
    if (session.epoch === epoch) {
      session.connection = connection
      forget(session, greeting.settled)
      return true
    }
    if (session.epoch > epoch) {
      const detail = 'a later session of this node is open'
      refuse(connection, { nonce, pid, reason: 'superseded', detail }, effects)
      return false
    }
  } else if (session !== undefined) {
    const detail = `a newer process is ${pid} now`
    if (session.connection !== undefined && session.connection !== connection) {
      refuse(session.connection, { nonce: 0, pid, reason: 'superseded', detail }, effects)
    }
    effects.push({ type: 'restarted', pid, incarnation })
  }
  // A record that is begun again is another one, though the sender may be the one of before.
  const toEpoch = ++state.lastEpoch
  state.sessions.set(pid, openInbound({ pid, incarnation, epoch, toEpoch, connection }))
  return true
}

function send(
  connection: ConnectionId,
  frame: Parameters<typeof encodeFrame>[0],
  effects: ReceptionEffect[],
): void {
  effects.push({ type: 'send', connection, frame: [encodeFrame(frame)] })
}
