/** The probe of a simulated node: checks every envelope, and traces it if the trace is observed. */
import type { DeadReason, Outcome } from '../../../model/dead-letter.ts'
import type { Envelope, Incarnation, MsgId } from '../../../model/envelope.ts'
import type { NodeEvent } from '../../../model/node-event.ts'
import { optionalFields } from '../../../model/envelope.ts'
import type { DeliveryCheck } from '../checks/delivery-check.ts'
import type { Pid } from '../../../model/pid.ts'
import type { Probe, SentHeader } from '../../../ports/probe.ts'
import type { TraceEvent } from '../../../recording/trace-event.ts'
import type { VirtualClock } from '../time/virtual-clock.ts'

/** Where trace events and violations of a simulated cluster go. */
export interface TraceSink {
  /** False while nothing observes the trace: then no event need be built. */
  readonly traced: boolean
  trace(event: TraceEvent): void
  violated(check: string, detail: string): void
}

/** Observes one node, from its start to its end. */
export class SimProbe implements Probe {
  /** Set when the node is open; it sends nothing before. */
  incarnation = '' as Incarnation
  /** Whether an envelope was sent or dead-lettered since the last audit. */
  changedSinceAudit = false
  /** Handles the events of the node; set when the node is open. */
  onEvent: (event: NodeEvent) => void = () => undefined
  readonly #pid: Pid
  readonly #clock: VirtualClock
  readonly #deliveryCheck: DeliveryCheck
  readonly #sink: TraceSink

  constructor(pid: Pid, clock: VirtualClock, deliveryCheck: DeliveryCheck, sink: TraceSink) {
    this.#pid = pid
    this.#clock = clock
    this.#deliveryCheck = deliveryCheck
    this.#sink = sink
  }

  sent(
    to: Pid,
    { msgId, re, headers }: SentHeader,
    decode: () => Pick<Envelope, 'msg' | 'error'>,
  ): void {
    this.changedSinceAudit = true
    this.#deliveryCheck.sent(this.incarnation, to, msgId)
    if (!this.#sink.traced) return
    const event = { atMs: this.#clock.nowMs, pid: this.#pid, type: 'sent', to, msgId } as const
    const { msg, error } = decode()
    this.#sink.trace({ ...event, ...optionalFields({ re, headers, error }), msg })
  }

  dead(to: Pid, msgId: MsgId, reason: DeadReason, outcome: Outcome): void {
    this.changedSinceAudit = true
    this.#reportAnomaly(
      this.#deliveryCheck.deadLettered(this.incarnation, to, msgId, outcome),
      msgId,
      this.#pid,
      to,
    )
    if (!this.#sink.traced) return
    const { nowMs: atMs } = this.#clock
    this.#sink.trace({ atMs, pid: this.#pid, type: 'dead', to, msgId, reason, outcome })
  }

  received(envelope: Envelope): void {
    const { pid: from, incarnation, msgId, msg } = envelope
    const pid = this.#pid
    this.#reportAnomaly(
      this.#deliveryCheck.delivered(incarnation, pid, msgId, this.incarnation),
      msgId,
      from,
      pid,
    )
    if (!this.#sink.traced) return
    const { nowMs: atMs } = this.#clock
    const event = { atMs, pid, type: 'received', from, incarnation, msgId } as const
    this.#sink.trace({ ...event, ...optionalFields(envelope), msg })
  }

  event(event: NodeEvent): void {
    this.onEvent(event)
  }

  #reportAnomaly(anomaly: string | undefined, msgId: MsgId, from: Pid, to: Pid): void {
    if (anomaly === undefined) return
    this.#sink.violated('delivery', `envelope ${msgId} from ${from} to ${to} ${anomaly}`)
  }
}
