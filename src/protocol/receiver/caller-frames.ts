/** Applies the frames that a receiver gets from callers: HELLO, JOIN, LEAVE, DATA and PING. */
import type { ConnectionId } from '../../ports/transport.ts'
import type { DataFrame, SessionOffer, HelloFrame, RefusedFrame } from '../wire/frames.ts'
import type { SessionReport, WireFrame } from '../wire/frames.ts'
import type { Receiver, ReceiverEffect } from './receiver-state.ts'
import type { Pid } from '../../model/pid.ts'
import type { RefusalReason } from '../../model/node-event.ts'
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

/** Further refused nodes are not remembered: they join again by their own timer. */
const REFUSED_PEERS_MAX = 4096
/** The oldest connection beyond this is forgotten, and has to send HELLO again. */
const HANDSHAKEN_MAX = 65_536

/** Applies one frame of a sender. */
export function onCallerFrame(
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
      // ACK before PONG: on PONG the sender treats unconfirmed entries as lost.
      flushAcks(receiver, effects)
      send(connection, { type: 'pong', token: frame.token }, effects)
      return
    default:
      effects.push({ type: 'bad-frame', detail: `unexpected ${frame.type} from a sender` })
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
      // The sender was refused on this connection, and sent the frame before it knew.
      if (receiver.refusedPeers.get(batch.pid) !== connection) unknownSession = true
    } else if (session.epoch === batch.epoch && session.toEpoch === batch.toEpoch) {
      const accepted = acceptBatch(session, batch, receiver)
      scheduleAck(receiver, session)
      countBatch(receiver, batch.urgent || session.missingFrom !== undefined)
      if (accepted !== undefined) effects.push({ type: 'deliver', batch: accepted })
    }
  }
  // Once per frame, so that a frame cannot be amplified.
  if (unknownSession) requireHello(connection, effects)
}

/** Sends REFUSED. */
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
    const detail = `node ${receiver.pid} has protocol version ${PROTOCOL_VERSION}, not ${version}`
    refuse(connection, { ...linkRefusal, reason: 'wrong-version', detail }, effects)
  } else if (cluster !== receiver.cluster) {
    const detail = `node ${receiver.pid} is in cluster ${receiver.cluster}, not ${cluster}`
    refuse(connection, { ...linkRefusal, reason: 'wrong-cluster', detail }, effects)
    for (const { pid } of offers) {
      reportRefusal(receiver, pid, 'wrong-cluster', detail, effects)
    }
  } else if (to !== receiver.pid) {
    const detail = `node ${receiver.pid} listens at this address, not node ${to}`
    refuse(connection, { ...linkRefusal, reason: 'wrong-pid', detail }, effects)
    for (const { pid } of offers) {
      reportRefusal(receiver, pid, 'wrong-pid', detail, effects)
    }
  } else {
    rememberConnection(receiver, connection)
    onOffers(receiver, connection, nonce, offers, effects)
  }
}

/** Reports a refusal once, until the pid is accepted or refused for another reason. */
function reportRefusal(
  { reportedRefusals }: Receiver,
  pid: Pid,
  reason: RefusalReason,
  detail: string,
  effects: ReceiverEffect[],
): void {
  if (reportedRefusals.get(pid) === reason) return
  if (reportedRefusals.size < REFUSED_PEERS_MAX) reportedRefusals.set(pid, reason)
  effects.push({ type: 'refused-peer', pid, reason, detail })
}

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
  const detail = 'no HELLO or no session on this connection'
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
    // One answer per pid and frame.
    if (seen?.has(pid) === true) continue
    seen?.add(pid)
    if (admit(receiver, connection, nonce, offer, effects)) {
      const pids = receiver.handshaken.get(connection)
      if (pids?.includes(pid) === false) receiver.handshaken.set(connection, append(pids, pid))
      const session = receiver.sessions.get(pid)
      if (session !== undefined)
        reports = append(reports, sessionReport(session, creditOf(receiver, pid)))
    }
  }
  // A HELLO without offers is welcome: all local nodes of that link wait for a retry.
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

/** Accepts or refuses one offer. The latest process and epoch of a pid wins. */
function admit(
  receiver: Receiver,
  connection: ConnectionId,
  nonce: number,
  offer: SessionOffer,
  effects: ReceiverEffect[],
): boolean {
  const { pid, incarnation, epoch } = offer
  if (!receiver.members.has(pid)) {
    const detail = `node ${pid} is not a peer of node ${receiver.pid}`
    if (receiver.refusedPeers.size < REFUSED_PEERS_MAX) receiver.refusedPeers.set(pid, connection)
    refuse(connection, { nonce, pid, reason: 'not-a-member', detail }, effects)
    reportRefusal(receiver, pid, 'not-a-member', detail, effects)
    return false
  }
  receiver.reportedRefusals.delete(pid)
  const session = receiver.sessions.get(pid)
  if (session?.incarnation === incarnation) {
    if (session.epoch === epoch) {
      session.connection = connection
      pruneRejections(session, offer.settled)
      return true
    }
    if (session.epoch > epoch) {
      const detail = `node ${pid} has opened a later session`
      refuse(connection, { nonce, pid, reason: 'superseded', detail }, effects)
      return false
    }
  } else if (session !== undefined) {
    const detail = `a newer process runs node ${pid}`
    if (session.connection !== undefined && session.connection !== connection) {
      refuse(session.connection, { nonce: 0, pid, reason: 'superseded', detail }, effects)
    }
  }
  // A new record needs a new epoch, even for the same process: its numbering restarts.
  const toEpoch = ++receiver.lastEpoch
  receiver.sessions.set(pid, createInboundSession({ pid, incarnation, epoch, toEpoch, connection }))
  effects.push({ type: 'accepted-sender', pid, incarnation })
  return true
}

function send(
  connection: ConnectionId,
  frame: Parameters<typeof encodeFrame>[0],
  effects: ReceiverEffect[],
): void {
  effects.push({ type: 'send', connection, frame: [encodeFrame(frame)] })
}
