/** The probe of a replayed node: emits its envelopes as trace events. */
import type { DeadReason, Outcome } from '../../model/dead-letter.ts'
import { type Envelope, type MsgId, type ReplyError } from '../../model/envelope.ts'
import { optionalFields, toReplyError } from '../../model/envelope.ts'
import type { NodeEvent } from '../../model/node-event.ts'
import type { NodeTraceEvent } from '../../recording/trace-event.ts'
import type { Pid } from '../../model/pid.ts'
import type { Probe, SentHeader } from '../../ports/probe.ts'
import { messagePack } from '../../codec/message-pack.ts'

/** Emits a trace event for each envelope that is sent, dead-lettered or delivered. */
export class ReplayProbe implements Probe {
  /** Handles the events of the node; set when the node is open. */
  onEvent: (event: NodeEvent) => void = () => undefined
  readonly #eventFields: () => { readonly atMs: number; readonly pid: Pid }
  readonly #emit: (event: NodeTraceEvent) => void
  readonly #codec = messagePack({ maxMessageValues: Infinity })

  constructor(
    eventFields: () => { readonly atMs: number; readonly pid: Pid },
    emit: (event: NodeTraceEvent) => void,
  ) {
    this.#eventFields = eventFields
    this.#emit = emit
  }

  event(event: NodeEvent): void {
    this.onEvent(event)
  }

  sent(
    to: Pid,
    { msgId, re, headers }: SentHeader,
    decode: () => Pick<Envelope, 'msg' | 'error'>,
  ): void {
    const { msg, error } = decode()
    const event = { ...this.#eventFields(), type: 'sent', to, msgId } as const
    this.#emit({ ...event, ...optionalFields({ re, headers, error }), msg })
  }

  dead(to: Pid, msgId: MsgId, reason: DeadReason, outcome: Outcome): void {
    this.#emit({ ...this.#eventFields(), type: 'dead', to, msgId, reason, outcome })
  }

  received(envelope: Envelope, bytes: () => Uint8Array): void {
    const { pid: from, incarnation, msgId, re } = envelope
    const borrowed = bytes()
    // Decoded again, because the protocol may change the content of the envelope.
    const body = this.#codec.decode(borrowed, 0, borrowed.length)
    const isError = envelope.error !== undefined
    const error = isError ? toReplyError(body as ReplyError) : undefined
    const headers = envelope.headers === undefined ? undefined : { ...envelope.headers }
    const event = { ...this.#eventFields(), type: 'received', from, incarnation, msgId } as const
    const optional = optionalFields({ re, headers, error })
    this.#emit({ ...event, ...optional, msg: isError ? undefined : body })
  }
}
