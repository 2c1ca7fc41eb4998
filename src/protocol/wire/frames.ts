/** The frames of the wire protocol as values. Their specification is `docs/wire.md`. */
import type { EntryRange } from './entry.ts'
import type { Incarnation } from '../../model/envelope.ts'
import type { RefusalReason } from '../../model/node-event.ts'
import type { Pid } from '../../model/pid.ts'

/** The version in HELLO. A receiver refuses every other version. */
export const PROTOCOL_VERSION = 2

/** The first byte of every frame. */
export const FRAME_TYPE = {
  hello: 1,
  join: 2,
  leave: 3,
  welcome: 4,
  refused: 5,
  data: 6,
  ack: 7,
  ping: 8,
  pong: 9,
  bye: 10,
  challenge: 11,
  proof: 12,
} as const

/** In the place of the expected pid in HELLO: whichever node listens. */
export const ANY_LISTENER = 0xffff_ffff

/** The offers of one HELLO, JOIN or PROOF, the pairs of one LEAVE, and the pids of one REFUSED. */
export const PIDS_PER_FRAME_MAX = 1024

/** The bytes of a public key, and of a MAC. */
export const KEY_BYTES = 32
/** The bytes of the challenge of a connection. */
export const CHALLENGE_BYTES = 16

/**
 * Why a REFUSED frame was sent. `hello-required` is answered by the link with a HELLO or JOIN, and
 * is no event of the node.
 */
export type WireRefusal = RefusalReason | 'hello-required'

/** The reasons of a REFUSED frame; the index is the byte on the wire. */
export const WIRE_REFUSALS: readonly WireRefusal[] = [
  'wrong-cluster',
  'wrong-version',
  'not-a-member',
  'wrong-pid',
  'superseded',
  'hello-required',
  'not-proven',
  'key-required',
]

/** Why a receiver rejects an entry. */
export type RejectionReason = 'undecodable' | 'too-large' | 'malformed' | 'too-complex'

/** The reasons of a rejection; the index is the byte on the wire. */
export const REJECTION_REASONS: readonly RejectionReason[] = [
  'undecodable',
  'too-large',
  'malformed',
  'too-complex',
]

/** An offer in HELLO or JOIN: one local node, and its session with the receiver. */
export interface SessionOffer {
  readonly pid: Pid
  readonly incarnation: Incarnation
  /** Increases with every session that the sender creates. */
  readonly epoch: number
  /** The last sequence number that the sender knows to be settled. */
  readonly settled: number
}

/** An entry that is settled, but not delivered. */
export interface Rejection {
  readonly sequence: number
  readonly reason: RejectionReason
  readonly detail: string
}

/** The state of a session at its receiver: `settled <= received`. */
export interface SessionReport {
  /** The sender. */
  readonly pid: Pid
  readonly epoch: number
  /** The epoch of the receiver's record. */
  readonly toEpoch: number
  /** Every entry up to this sequence number is delivered or rejected. */
  readonly settled: number
  /** Every entry up to this sequence number has arrived. */
  readonly received: number
  /** The bytes that the sender may have unacknowledged beyond `settled`. */
  readonly credit: number
  /** The same while the next entry is a reply: at least `credit`, so that replies pass a pause. */
  readonly replyCredit: number
  /** Whether an entry is missing: the sender must rewind to `received`. */
  readonly gap: boolean
  /** The rejections up to `settled` that the sender has not confirmed. */
  readonly rejections: readonly Rejection[]
}

/** The first frame of a connection: offers every local node of the link. */
export interface HelloFrame {
  readonly type: 'hello'
  readonly version: number
  readonly nonce: number
  readonly cluster: string
  /** The pid that the sender expects at this address, or `ANY_LISTENER`. */
  readonly to: number
  readonly features: number
  /** Where the sender listens; empty if it does not say. */
  readonly endpoint: string
  /** Whether the local nodes have keys: they are offered in PROOF, after a CHALLENGE. */
  readonly keyed: boolean
  readonly offers: readonly SessionOffer[]
}

/** Answers HELLO of nodes with keys: every offer on this connection must prove its key. */
export interface ChallengeFrame {
  readonly type: 'challenge'
  /** The nonce of HELLO. */
  readonly nonce: number
  readonly pid: Pid
  readonly incarnation: Incarnation
  /** The key of the receiver that the proofs are for. */
  readonly publicKey: Uint8Array
  /** Random: proofs for another connection are worth nothing here. */
  readonly challenge: Uint8Array
}

/** An offer with the proof that its sender holds a key of the pid. */
export interface ProvenOffer extends SessionOffer {
  readonly publicKey: Uint8Array
  /** HMAC-SHA256 over what `proofMessage` returns. */
  readonly mac: Uint8Array
}

/** JOIN on a connection with a CHALLENGE. */
export interface ProofFrame {
  readonly type: 'proof'
  readonly nonce: number
  readonly offers: readonly ProvenOffer[]
}

/** Offers further local nodes, or refused ones again, after HELLO. */
export interface JoinFrame {
  readonly type: 'join'
  readonly nonce: number
  readonly offers: readonly SessionOffer[]
}

/** Ends sessions, because the sender closes or has removed the receiver. */
export interface LeaveFrame {
  readonly type: 'leave'
  readonly ended: readonly SessionRef[]
}

/** Names a session between the two nodes of a link. */
export interface SessionRef {
  readonly pid: Pid
  readonly epoch: number
}

/** Accepts offers, with a report of each session; offers without report get REFUSED. */
export interface WelcomeFrame {
  readonly type: 'welcome'
  readonly nonce: number
  readonly pid: Pid
  readonly incarnation: Incarnation
  readonly features: number
  readonly maxMessageBytes: number
  /** The most keys and values of a message that the receiver accepts. */
  readonly maxMessageValues: number
  readonly sessions: readonly SessionReport[]
}

/** The end of a session: entries beyond `settled` were not delivered and never will be. */
export interface FinalPosition {
  /** The incarnation of the receiver. */
  readonly incarnation: Incarnation
  readonly epoch: number
  readonly toEpoch: number
  readonly settled: number
}

/** Refuses offers or a whole link, or ends the session of a removed member. */
export interface RefusedFrame {
  readonly type: 'refused'
  /** The nonce of the refused HELLO, JOIN or PROOF; 0 if the frame answers none. */
  readonly nonce: number
  /** Local nodes of the link; empty for all of them. */
  readonly pids: readonly Pid[]
  readonly reason: WireRefusal
  readonly detail: string
  /** For `wrong-pid`: the pid that listens. */
  readonly truePid?: Pid | undefined
  /** Present if the receiver has ended an established session, of the only pid. */
  readonly final?: FinalPosition | undefined
}

/** Consecutive entries of one session. */
export interface DataBatch extends EntryRange {
  readonly pid: Pid
  readonly epoch: number
  /** The epoch of the receiver's record, from WELCOME. Batches for an earlier one are dropped. */
  readonly toEpoch: number
  /** The last sequence number that the sender knows to be settled. */
  readonly settled: number
  /** The sequence number of the first entry. */
  readonly first: number
  readonly count: number
  /** Whether the acknowledgement must not be delayed. */
  readonly urgent: boolean
}

/** Batches of one or several sessions. */
export interface DataFrame {
  readonly type: 'data'
  readonly batches: readonly DataBatch[]
}

/** Reports sessions: acknowledges entries and grants credit. */
export interface AckFrame {
  readonly type: 'ack'
  readonly sessions: readonly SessionReport[]
}

/** Checks that the receiver responds. It is answered with PONG. */
export interface PingFrame {
  readonly type: 'ping'
  readonly token: number
  /** Whether an ACK with all sessions of the connection must precede PONG. */
  readonly requestsReports: boolean
}

/** Answers PING with its token. */
export interface PongFrame {
  readonly type: 'pong'
  readonly token: number
}

/** The receiver closes. Entries beyond `settled` were not delivered. */
export interface ByeFrame {
  readonly type: 'bye'
  readonly sessions: readonly SessionReport[]
}

/** A frame of the protocol, by `type`. */
export type WireFrame =
  | HelloFrame
  | JoinFrame
  | LeaveFrame
  | WelcomeFrame
  | RefusedFrame
  | DataFrame
  | AckFrame
  | PingFrame
  | PongFrame
  | ByeFrame
  | ChallengeFrame
  | ProofFrame
