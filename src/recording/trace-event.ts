/** Trace events: what happens in a simulated cluster, or to a node that records itself. */
import type { DeadReason, Outcome } from '../model/dead-letter.ts'
import type { EnvelopeHeaders, Incarnation, MsgId, ReplyError } from '../model/envelope.ts'
import type { LinkState, Peer } from '../model/peer.ts'
import type { Pid } from '../model/pid.ts'

/** An event of one node. */
export type NodeTraceEvent = { readonly atMs: number; readonly pid: Pid } & (
  | { readonly type: 'started'; readonly incarnation: Incarnation }
  | { readonly type: 'crashed' | 'paused' | 'resumed' | 'closed' }
  /** An envelope entered the queue of its receiver; a broadcast does so once for each. */
  | {
      readonly type: 'sent'
      readonly to: Pid
      readonly msgId: MsgId
      readonly re?: MsgId | undefined
      readonly headers?: EnvelopeHeaders | undefined
      /** In an error reply; `msg` is undefined then. */
      readonly error?: ReplyError | undefined
      readonly msg: unknown
    }
  /** The inbox decoded an envelope: it emits it, or buffers it for its first subscriber. */
  | {
      readonly type: 'received'
      readonly from: Pid
      readonly incarnation: Incarnation
      readonly msgId: MsgId
      readonly re?: MsgId | undefined
      readonly headers?: EnvelopeHeaders | undefined
      /** In an error reply; `msg` is undefined then. */
      readonly error?: ReplyError | undefined
      readonly msg: unknown
    }
  | {
      readonly type: 'dead'
      readonly to: Pid
      readonly msgId?: MsgId | undefined
      readonly reason: DeadReason
      readonly outcome: Outcome
    }
  /** The state of a link has changed, or the reason why it is down or unresponsive. */
  | {
      readonly type: 'link'
      readonly peer: Pid
      readonly state: LinkState
      readonly reason?: string | undefined
    }
  /** The peers of the node have changed. */
  | { readonly type: 'peers'; readonly peers: readonly Peer[] }
  /** The node's protocol emitted a value. */
  | { readonly type: 'output'; readonly value: unknown }
  /** The node's protocol threw, or errored. */
  | { readonly type: 'failed'; readonly error: string }
  /** A timer of the node's protocol fired. */
  | { readonly type: 'timer' }
)

/** The trace events of one type. */
export type TraceEventOf<T extends TraceEvent['type']> = Extract<TraceEvent, { readonly type: T }>
/** An envelope entered the queue of its receiver. */
export type SentEvent = TraceEventOf<'sent'>
/** An envelope was delivered by the inbox. */
export type ReceivedEvent = TraceEventOf<'received'>

/** What happened; a closed union, made for `switch (event.type)`, of plain data. */
export type TraceEvent =
  | NodeTraceEvent
  /** A fault, as a network lane would write it. */
  | { readonly atMs: number; readonly type: 'fault'; readonly fault: string }
  /** A check does not hold. */
  | {
      readonly atMs: number
      readonly type: 'violated'
      readonly check: string
      readonly detail: string
    }
