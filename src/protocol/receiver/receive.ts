/** What a reception makes of the frames that callers send. */
import type { ConnectionId } from '../../ports/transport.ts'
import type { DataFrame, SessionOffer, HelloFrame, RefusedFrame } from '../wire/frames.ts'
import type { SessionReport, WireFrame } from '../wire/frames.ts'
import type { Receiver, ReceiverEffect } from './receiver-state.ts'
import type { Pid } from '../../model/pid.ts'
import { ALL_SESSIONS, PROTOCOL_VERSION } from '../wire/frames.ts'
import {
  acceptBatch,
  pruneRejections,
  createInboundSession,
  sessionReport,
} from '../session/inbound-session.ts'
import { scheduleAck, flushAcks, countBatch, creditOf } from './acks.ts'
import { EMPTY_LIST, append } from '../../base/list.ts'
import { encodeFrame } from '../wire/encode-frame.ts'

/** So many strangers are remembered, in case that they become members. */
const REFUSED_PEERS_MAX = 4096
/** So many connections are remembered to have said HELLO. */
const HANDSHAKEN_MAX = 65_536

/** Takes in one frame of a caller. */
export function onFrame(
  receiver: Receiver,
  connection: ConnectionId,
  frame: WireFrame,
  effects: ReceiverEffect[],
): void {
  switch (frame.type) {
    case 'hello':
      onHello(receiver, connection, frame, effects)
      return
    case 'join':
      if (!receiver.handshaken.has(connection)) {
        requireHello(connection, effects)
        return
      }
      onOffers(receiver, connection, frame.nonce, frame.offers, effects)
      return
    case 'leave':
      for (const { pid, epoch } of frame.ended) {
        const session = receiver.sessions.get(pid)
        if (session?.connection !== connection || session.epoch !== epoch) continue
        receiver.sessions.delete(pid)
      }
      return
    case 'data':
      onData(receiver, connection, frame, effects)
      return
    case 'ping':
      for (const session of frame.requestsReports ? receiver.sessions.values() : []) {
        if (session.connection === connection) scheduleAck(receiver, session)
      }
      // First where everything stands, then PONG: what was lost is known by then.
      flushAcks(receiver, effects)
      send(connection, { type: 'pong', token: frame.token }, effects)
      return
    default:
      effects.push({ type: 'bad-frame', detail: `${frame.type} from the calling side` })
  }
}

function onData(
  receiver: Receiver,
  connection: ConnectionId,
  { batches }: DataFrame,
  effects: ReceiverEffect[],
): void {
  let unknownSession = false
  for (const batch of batches) {
    const session = receiver.sessions.get(batch.pid)
    if (session === undefined || session.connection !== connection) {
      // A frame that overtook its own dismissal is no reason to say HELLO: it has been answered.
      if (receiver.refusedPeers.get(batch.pid) !== connection) unknownSession = true
    } else if (session.epoch === batch.epoch && session.toEpoch === batch.toEpoch) {
      const accepted = acceptBatch(session, batch, receiver)
      scheduleAck(receiver, session)
      countBatch(receiver, batch.urgent || session.missingFrom !== undefined)
      if (accepted !== undefined) effects.push({ type: 'deliver', batch: accepted })
    }
  }
  // Once for a frame, however many sessions it claims.
  if (unknownSession) requireHello(connection, effects)
}

/** Refuses. */
export function refuse(
  connection: ConnectionId,
  frame: Omit<RefusedFrame, 'type'>,
  effects: ReceiverEffect[],
): void {
  send(connection, { type: 'refused', ...frame }, effects)
}

function onHello(
  receiver: Receiver,
  connection: ConnectionId,
  frame: HelloFrame,
  effects: ReceiverEffect[],
): void {
  const { nonce, version, cluster, to, offers } = frame
  const linkRefusal = { nonce, pid: ALL_SESSIONS }
  if (version !== PROTOCOL_VERSION) {
    const detail = `I speak version ${PROTOCOL_VERSION}, not ${version}`
    refuse(connection, { ...linkRefusal, reason: 'wrong-version', detail }, effects)
  } else if (cluster !== receiver.cluster) {
    const detail = `this is cluster ${receiver.cluster}, not ${cluster}`
    refuse(connection, { ...linkRefusal, reason: 'wrong-cluster', detail }, effects)
    for (const { pid } of offers) {
      effects.push({ type: 'refused-peer', pid, reason: 'wrong-cluster', detail })
    }
  } else if (to !== receiver.pid) {
    const detail = `I am ${receiver.pid}, not ${to}`
    refuse(connection, { ...linkRefusal, reason: 'wrong-pid', detail }, effects)
    for (const { pid } of offers) {
      effects.push({ type: 'refused-peer', pid, reason: 'wrong-pid', detail })
    }
  } else {
    rememberConnection(receiver, connection)
    onOffers(receiver, connection, nonce, offers, effects)
  }
}

/** Whoever is forgotten is asked to say HELLO again. */
function rememberConnection({ handshaken }: Receiver, connection: ConnectionId): void {
  const pids = handshaken.get(connection)
  if (pids !== undefined) handshaken.delete(connection)
  handshaken.set(connection, pids ?? EMPTY_LIST)
  if (handshaken.size <= HANDSHAKEN_MAX) return
  for (const oldest of handshaken.keys()) {
    handshaken.delete(oldest)
    return
  }
}

function requireHello(connection: ConnectionId, effects: ReceiverEffect[]): void {
  const detail = 'no HELLO, or no session, on this connection'
  refuse(connection, { nonce: 0, pid: ALL_SESSIONS, reason: 'hello-required', detail }, effects)
}

function onOffers(
  receiver: Receiver,
  connection: ConnectionId,
  nonce: number,
  offers: readonly SessionOffer[],
  effects: ReceiverEffect[],
): void {
  let reports: SessionReport[] = EMPTY_LIST
  const seen = offers.length > 1 ? new Set<Pid>() : undefined
  for (const offer of offers) {
    const { pid } = offer
    // Once for a frame, however often it asks.
    if (seen?.has(pid) === true) continue
    seen?.add(pid)
    if (admit(receiver, connection, nonce, offer, effects)) {
      const pids = receiver.handshaken.get(connection)
      if (pids?.includes(pid) === false) receiver.handshaken.set(connection, append(pids, pid))
      const session = receiver.sessions.get(pid)
      if (session !== undefined)
        reports = append(reports, sessionReport(session, creditOf(receiver)))
    }
  }
  // A link whose local nodes all wait to ask again says HELLO for nobody, and is welcome.
  if (reports.length === 0 && offers.length > 0) return
  const { pid, incarnation, maxMessageBytes } = receiver
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
  receiver: Receiver,
  connection: ConnectionId,
  nonce: number,
  offer: SessionOffer,
  effects: ReceiverEffect[],
): boolean {
  const { pid, incarnation, epoch } = offer
  if (!receiver.members.has(pid)) {
    const detail = `${pid} is not among the peers of ${receiver.pid}`
    if (receiver.refusedPeers.size < REFUSED_PEERS_MAX) receiver.refusedPeers.set(pid, connection)
    refuse(connection, { nonce, pid, reason: 'not-a-member', detail }, effects)
    effects.push({ type: 'refused-peer', pid, reason: 'not-a-member', detail })
    return false
  }
  const session = receiver.sessions.get(pid)
  if (session?.incarnation === incarnation) {
    if (session.epoch === epoch) {
      session.connection = connection
      pruneRejections(session, offer.settled)
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
    effects.push({ type: 'peer-restarted', pid, incarnation })
  }
  // A record that is begun again is another one, though the sender may be the one of before.
  const toEpoch = ++receiver.lastEpoch
  receiver.sessions.set(pid, createInboundSession({ pid, incarnation, epoch, toEpoch, connection }))
  return true
}

function send(
  connection: ConnectionId,
  frame: Parameters<typeof encodeFrame>[0],
  effects: ReceiverEffect[],
): void {
  effects.push({ type: 'send', connection, frame: [encodeFrame(frame)] })
}
