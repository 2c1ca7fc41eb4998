/** Applies the frames of callers: HELLO, PROOF, JOIN, LEAVE, DATA and PING. */
import type { ConnectionId } from '../../ports/transport.ts'
import type {
  DataFrame,
  SessionOffer,
  HelloFrame,
  ProofFrame,
  ProvenOffer,
} from '../wire/frames.ts'
import type { SessionReport, WireFrame } from '../wire/frames.ts'
import type { Handshake, Receiver, ReceiverContext, ReceiverEffect } from './receiver-state.ts'
import type { Incarnation } from '../../model/envelope.ts'
import type { Pid } from '../../model/pid.ts'
import type { RefusalReason } from '../../model/node-event.ts'
import { FEATURES } from '../wire/features.ts'
import { ANY_LISTENER, PROTOCOL_VERSION } from '../wire/frames.ts'
import { isProven } from '../proof.ts'
import { acceptBatch, pruneRejections, createInboundSession } from '../session/inbound-session.ts'
import { scheduleAck, flushAcks, countBatch, reportOf } from './acks.ts'
import { EMPTY_LIST, append } from '../../base/list.ts'
import { encodeFrame } from '../wire/encode-frame.ts'
import { refuse } from './refuse.ts'

/** Further refused nodes are not remembered: they join again by their own timer. */
const REFUSED_PEERS_MAX = 4096
/** The oldest connection beyond this is forgotten, and has to send HELLO again. */
const HANDSHAKES_MAX = 65_536
/**
 * A process counts one epoch for each session that it opens. A larger step was not counted: it
 * would keep out the honest process of the pid for ever.
 */
const EPOCH_LEAP_MAX = 2 ** 20
/** In WELCOME without sessions. */
const UNKNOWN_INCARNATION = '0000000000000000' as Incarnation

/** Applies one frame of a sender. */
export function onCallerFrame(
  receiver: Receiver,
  connection: ConnectionId,
  frame: WireFrame,
  context: ReceiverContext,
  effects: ReceiverEffect[],
): void {
  switch (frame.type) {
    case 'hello':
      onHello(receiver, connection, frame, context, effects)
      return
    case 'join': {
      const handshake = receiver.handshakes.get(connection)
      // On a connection with a challenge, sessions are offered in PROOF.
      if (handshake === undefined || handshake.challenge !== undefined) {
        requireHello(connection, effects)
      } else onOffers(receiver, connection, frame.nonce, frame.offers, effects)
      return
    }
    case 'proof':
      onProof(receiver, connection, frame, effects)
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

function onHello(
  receiver: Receiver,
  connection: ConnectionId,
  frame: HelloFrame,
  context: ReceiverContext,
  effects: ReceiverEffect[],
): void {
  const { nonce, version, cluster, to, offers, keyed } = frame
  const linkRefusal = { nonce, pids: [] }
  if (version !== PROTOCOL_VERSION) {
    const detail = `node ${receiver.pid} has protocol version ${PROTOCOL_VERSION}, not ${version}`
    refuse(connection, { ...linkRefusal, reason: 'wrong-version', detail }, effects)
  } else if (cluster !== receiver.cluster) {
    const detail = `node ${receiver.pid} is in cluster ${receiver.cluster}, not ${cluster}`
    refuse(connection, { ...linkRefusal, reason: 'wrong-cluster', detail }, effects)
    for (const { pid } of offers) {
      reportRefusal(receiver, pid, 'wrong-cluster', detail, effects)
    }
  } else if (to !== receiver.pid && to !== ANY_LISTENER) {
    const detail = `node ${receiver.pid} listens at this address, not node ${to}`
    const truePid = receiver.pid
    refuse(connection, { ...linkRefusal, reason: 'wrong-pid', detail, truePid }, effects)
    for (const { pid } of offers) {
      reportRefusal(receiver, pid, 'wrong-pid', detail, effects)
    }
  } else if (keyed !== (receiver.keys !== undefined)) {
    const found = keyed ? 'no keys' : 'keys: callers must prove theirs'
    const detail = `node ${receiver.pid} has ${found}`
    refuse(connection, { ...linkRefusal, reason: 'key-required', detail }, effects)
    for (const { pid } of offers) reportRefusal(receiver, pid, 'key-required', detail, effects)
  } else {
    const { challenge } = rememberConnection(receiver, connection, context)
    if (receiver.keys === undefined || challenge === undefined) {
      onOffers(receiver, connection, nonce, offers, effects)
      return
    }
    const { pid, incarnation } = receiver
    const { publicKey } = receiver.keys.pair
    send(connection, { type: 'challenge', nonce, pid, incarnation, publicKey, challenge }, effects)
  }
}

/** Accepts the proven offers, as JOIN does, and refuses the others. */
function onProof(
  receiver: Receiver,
  connection: ConnectionId,
  { nonce, offers: offersOfFrame }: ProofFrame,
  effects: ReceiverEffect[],
): void {
  const offers = firstOfEachPid(offersOfFrame)
  const challenge = receiver.handshakes.get(connection)?.challenge
  const { keys, cluster, pid: to, incarnation: toIncarnation } = receiver
  if (keys === undefined || challenge === undefined) {
    requireHello(connection, effects)
    return
  }
  const recipient = { cluster, challenge, to, toIncarnation }
  const unproven = offers.filter(
    (offer) => receiver.members.has(offer.pid) && !isProven(keys, offer, recipient),
  )
  const detail = `the key that node ${to} has for this pid was not proven`
  if (unproven.length > 0) {
    const pids = unproven.map(({ pid }) => pid)
    refuse(connection, { nonce, pids, reason: 'not-proven', detail }, effects)
    for (const pid of pids) reportRefusal(receiver, pid, 'not-proven', detail, effects)
  }
  const proven = unproven.length === 0 ? offers : offers.filter((one) => !unproven.includes(one))
  if (proven.length > 0 || offers.length === 0) {
    onOffers(receiver, connection, nonce, proven, effects)
  }
}

/**
 * Reports a refusal once, until the pid is accepted or refused for another reason. Of further pids
 * than can be remembered nothing is reported: a caller can name any number.
 */
function reportRefusal(
  { reportedRefusals }: Receiver,
  pid: Pid,
  reason: RefusalReason,
  detail: string,
  effects: ReceiverEffect[],
): void {
  const reported = reportedRefusals.get(pid)
  if (reported === reason) return
  if (reported === undefined && reportedRefusals.size >= REFUSED_PEERS_MAX) return
  reportedRefusals.set(pid, reason)
  effects.push({ type: 'refused-peer', pid, reason, detail })
}

function rememberConnection(
  { handshakes, keys }: Receiver,
  connection: ConnectionId,
  context: ReceiverContext,
): Handshake {
  const present = handshakes.get(connection)
  if (present !== undefined) handshakes.delete(connection)
  const handshake = present ?? {
    pids: EMPTY_LIST,
    challenge: keys === undefined ? undefined : context.challenge(),
  }
  handshakes.set(connection, handshake)
  if (handshakes.size > HANDSHAKES_MAX) {
    const [oldest] = handshakes.keys()
    if (oldest !== undefined) handshakes.delete(oldest)
  }
  return handshake
}

function requireHello(connection: ConnectionId, effects: ReceiverEffect[]): void {
  const detail = 'no HELLO or no session on this connection'
  refuse(connection, { nonce: 0, pids: [], reason: 'hello-required', detail }, effects)
}

function onOffers(
  receiver: Receiver,
  connection: ConnectionId,
  nonce: number,
  offers: readonly (SessionOffer | ProvenOffer)[],
  effects: ReceiverEffect[],
): void {
  let reports: SessionReport[] = EMPTY_LIST
  let nonMembers: Pid[] = EMPTY_LIST
  const handshake = receiver.handshakes.get(connection)
  for (const offer of firstOfEachPid(offers)) {
    const { pid } = offer
    if (!receiver.members.has(pid)) nonMembers = append(nonMembers, pid)
    else if (admit(receiver, connection, nonce, offer, effects)) {
      if (handshake?.pids.includes(pid) === false) handshake.pids = append(handshake.pids, pid)
      const session = receiver.sessions.get(pid)
      if (session !== undefined) reports = append(reports, reportOf(receiver, session))
    }
  }
  if (nonMembers.length > 0) refuseNonMembers(receiver, connection, nonce, nonMembers, effects)
  // A HELLO without offers is welcome: all local nodes of that link wait for a retry.
  if (reports.length === 0 && offers.length > 0) return
  const { pid, maxMessageBytes, maxMessageValues } = receiver
  // A process that proves nothing must not learn what it could pretend to continue.
  const incarnation = reports.length === 0 ? UNKNOWN_INCARNATION : receiver.incarnation
  const limits = { features: FEATURES, maxMessageBytes, maxMessageValues }
  send(
    connection,
    { type: 'welcome', nonce, pid, incarnation, ...limits, sessions: reports },
    effects,
  )
}

/** One answer per pid and frame. */
function firstOfEachPid<T extends SessionOffer>(offers: readonly T[]): readonly T[] {
  if (offers.length < 2) return offers
  const seen = new Set<Pid>()
  return offers.filter(({ pid }) => !seen.has(pid) && seen.add(pid))
}

/** Refuses all of them with one frame, so that a small frame causes no large answer. */
function refuseNonMembers(
  receiver: Receiver,
  connection: ConnectionId,
  nonce: number,
  pids: readonly Pid[],
  effects: ReceiverEffect[],
): void {
  const { refusedPeers } = receiver
  const names = pids.length === 1 ? `node ${pids[0]} is` : `${pids.length} nodes are`
  const detail = `${names} not among the peers of node ${receiver.pid}`
  refuse(connection, { nonce, pids, reason: 'not-a-member', detail }, effects)
  for (const pid of pids) {
    if (refusedPeers.size < REFUSED_PEERS_MAX) refusedPeers.set(pid, connection)
    const own = `node ${pid} is not a peer of node ${receiver.pid}`
    reportRefusal(receiver, pid, 'not-a-member', own, effects)
  }
}

/** Accepts or refuses the offer of a member. The latest process and epoch of a pid wins. */
function admit(
  receiver: Receiver,
  connection: ConnectionId,
  nonce: number,
  offer: SessionOffer | ProvenOffer,
  effects: ReceiverEffect[],
): boolean {
  const { pid, incarnation, epoch } = offer
  const provenKey = 'publicKey' in offer ? offer.publicKey : undefined
  receiver.reportedRefusals.delete(pid)
  const session = receiver.sessions.get(pid)
  if (session?.incarnation === incarnation) {
    if (session.epoch === epoch) {
      session.connection = connection
      session.provenKey = provenKey
      pruneRejections(session, offer.settled)
      return true
    }
    if (session.epoch > epoch || epoch - session.epoch > EPOCH_LEAP_MAX) {
      const other = session.epoch > epoch ? 'a later session' : 'no session with such an epoch'
      const detail = `node ${pid} has opened ${other}`
      refuse(connection, { nonce, pids: [pid], reason: 'superseded', detail }, effects)
      return false
    }
  } else if (session !== undefined) {
    const detail = `a newer process runs node ${pid}`
    if (session.connection !== undefined && session.connection !== connection) {
      refuse(session.connection, { nonce: 0, pids: [pid], reason: 'superseded', detail }, effects)
    }
  }
  // A new record needs a new epoch, even for the same process: its numbering restarts.
  const toEpoch = ++receiver.lastEpoch
  receiver.sessions.set(
    pid,
    createInboundSession({ pid, incarnation, epoch, toEpoch, connection, provenKey }),
  )
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
