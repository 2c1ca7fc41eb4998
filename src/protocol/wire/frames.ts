/** The frames of the wire protocol, as values. `docs/wire.md` is their specification. */
import type { EntryRange } from './entry.ts'
import type { Incarnation } from '../../model/envelope.ts'
import type { RefusalReason } from '../../model/node-event.ts'
import type { Pid } from '../../model/pid.ts'

/** The version of the protocol that this library speaks. */
export const PROTOCOL_VERSION = 1

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
} as const

/** Names every local node of a link at once, where a frame speaks of one. */
export const ALL_SESSIONS = 0xffff_ffff

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
]

/** Why a receiver cannot take an entry. */
export type RejectionReason = 'undecodable' | 'too-large' | 'malformed'

/** The reasons of a rejection, at the index that stands for them. */
export const REJECTION_REASONS: readonly RejectionReason[] = [
  'undecodable',
  'too-large',
  'malformed',
]

/** One local node of a link, and its session with the node at the other end. */
export interface SessionOffer {
  readonly pid: Pid
  readonly incarnation: Incarnation
  /**
   * New whenever the sender begins a new session with this receiver: the later session has the
   * larger one.
   */
  readonly epoch: number
  /** The last sequence number that the sender knows to be settled. */
  readonly settled: number
}

/** An entry that the receiver could not take: settled, and dead. */
export interface Rejection {
  readonly sequence: number
  readonly reason: RejectionReason
  readonly detail: string
}

/** Where a session stands at its receiver. */
export interface SessionReport {
  /** The sender. */
  readonly pid: Pid
  /** The sender's epoch. */
  readonly epoch: number
  /** The receiver's epoch: new whenever it adds the sender to its members. */
  readonly toEpoch: number
  /** Every sequence number up to this one is taken, or rejected. */
  readonly settled: number
  /** Every sequence number up to this one has arrived. At least `settled`. */
  readonly received: number
  /** Bytes that may be written beyond `settled`. */
  readonly credit: number
  /** Something before what arrived last is missing: go back to `received`. */
  readonly gap: boolean
  /** Those of the settled ones that the sender may not have heard of yet. */
  readonly rejections: readonly Rejection[]
}

/** Begins a connection, and asks for every local node of the link. */
export interface HelloFrame {
  readonly type: 'hello'
  readonly version: number
  readonly nonce: number
  readonly cluster: string
  /** Who is expected to listen here. */
  readonly to: Pid
  readonly features: number
  readonly offers: readonly SessionOffer[]
}

/** Asks for further local nodes, or again. */
export interface JoinFrame {
  readonly type: 'join'
  readonly nonce: number
  readonly offers: readonly SessionOffer[]
}

/** Local nodes end their sessions for good. */
export interface LeaveFrame {
  readonly type: 'leave'
  readonly ended: readonly SessionRef[]
}

/** A session that is over. */
export interface SessionRef {
  readonly pid: Pid
  readonly epoch: number
}

/** Lets nodes in, and tells where their sessions stand. */
export interface WelcomeFrame {
  readonly type: 'welcome'
  readonly nonce: number
  readonly pid: Pid
  readonly incarnation: Incarnation
  readonly features: number
  readonly maxMessageBytes: number
  readonly sessions: readonly SessionReport[]
}

/** Where a session stood when it ended: what is numbered beyond `settled` is not taken any more. */
export interface FinalPosition {
  /** The receiver's. */
  readonly incarnation: Incarnation
  readonly epoch: number
  readonly toEpoch: number
  readonly settled: number
}

/** Does not let a node in, or a whole link. */
export interface RefusedFrame {
  readonly type: 'refused'
  readonly nonce: number
  /** Whom it concerns; `EVERYBODY` refuses the link as a whole. */
  readonly pid: number
  readonly reason: WireRefusal
  readonly detail: string
  /** Where the session stood when it ended, where the receiver can still tell. */
  readonly final?: FinalPosition
}

/** Some entries of one session, in order. */
export interface DataBatch extends EntryRange {
  readonly pid: Pid
  readonly epoch: number
  /**
   * The receiver's epoch, from WELCOME: what was written for an earlier one is not taken any more.
   */
  readonly toEpoch: number
  /** The last sequence number that the sender knows to be settled. */
  readonly settled: number
  /** The sequence number of the first entry. */
  readonly first: number
  readonly count: number
  /** Somebody waits for the acknowledgement: it must not be delayed. */
  readonly urgent: boolean
}

/** Entries: runs of one session or of several. */
export interface DataFrame {
  readonly type: 'data'
  readonly batches: readonly DataBatch[]
}

/** Tells where sessions stand. */
export interface AckFrame {
  readonly type: 'ack'
  readonly sessions: readonly SessionReport[]
}

/** Asks for a sign of life, and perhaps for where everything stands. */
export interface PingFrame {
  readonly type: 'ping'
  readonly token: number
  /** The answer tells where every session of the connection stands. */
  readonly requestsReports: boolean
}

/** The sign of life. */
export interface PongFrame {
  readonly type: 'pong'
  readonly token: number
}

/** The listener closes, and tells where its sessions end: what is numbered beyond was not taken. */
export interface ByeFrame {
  readonly type: 'bye'
  readonly sessions: readonly SessionReport[]
}

/** Any frame. */
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
