/** Assigns letters to envelopes: the same letter in the outbox of the sender and in inboxes. */
import { marbleProblem } from '../../marbles/marble-test.ts'
import type { Incarnation, MsgId } from '../../../model/envelope.ts'
import type { MarbleNotation } from '../../marbles/notation.ts'
import type { NodeTraceEvent, TraceEventOf } from '../../../recording/trace-event.ts'
import { renderContent } from '../../marbles/notation.ts'
import { LiteralNotation, contentNotation } from '../../marbles/values.ts'
import type { Pid } from '../../../model/pid.ts'

/** A sent envelope. */
interface SentEnvelope {
  /** The letter of the outbox lane, if a lane sent it. */
  readonly letter?: string | undefined
  readonly event: TraceEventOf<'sent'>
}

/** A mark to draw: an assigned letter, or a value that needs one. */
export type LabelRequest =
  { readonly letter: string } | { readonly value: unknown; readonly preferred?: string | undefined }

/** Records every sent envelope, and finds the letter of a delivered or dead one. */
export class EnvelopeLabels {
  /** Set while an outbox lane sends: the letter of its mark. */
  sendingLetter: string | undefined
  readonly #sent = new Map<string, SentEnvelope>()
  /** The current incarnation of each pid, and the number of each incarnation, from 1. */
  readonly #incarnations = new Map<Pid, Incarnation>()
  readonly #numbers = new Map<Incarnation, number>()
  readonly #senders = new Map<string, Pid>()

  /** Call with every trace event, in order. */
  record(event: NodeTraceEvent): void {
    if (event.type === 'started') {
      const former = this.#incarnations.get(event.pid)
      const previous = (former === undefined ? undefined : this.#numbers.get(former)) ?? 0
      this.#incarnations.set(event.pid, event.incarnation)
      this.#numbers.set(event.incarnation, previous + 1)
    }
    if (event.type !== 'sent') return
    const letter = this.sendingLetter
    if (letter !== undefined) this.#claimLetter(letter, event.pid)
    this.#sent.set(this.#key(event.pid, event.msgId), { letter, event })
  }

  /** Returns the mark of a delivered envelope. */
  received(event: TraceEventOf<'received'>): LabelRequest {
    const { pid, from, incarnation, msgId, re } = event
    const letter = this.#sent.get(`${incarnation} ${msgId}`)?.letter
    if (letter !== undefined) return { letter }
    const number = this.#numbers.get(incarnation) ?? 1
    const repliedTo = re === undefined ? undefined : this.#sent.get(this.#key(pid, re))?.letter
    const notation: MarbleNotation = {
      kind: 'envelope',
      pid: from,
      ...(number === 1 ? {} : { incarnation: String(number) }),
      ...contentNotation(event),
      ...(repliedTo === undefined ? {} : { re: repliedTo }),
    }
    return { value: new LiteralNotation(notation) }
  }

  /** Returns the mark of a dead letter: `A = a to 2: expired, not-delivered`. */
  dead({ pid, to, msgId, reason, outcome }: TraceEventOf<'dead'>): LabelRequest {
    const sent = msgId === undefined ? undefined : this.#sent.get(this.#key(pid, msgId))
    const name =
      sent?.letter ?? (sent === undefined ? 'envelope' : renderContent(contentNotation(sent.event)))
    const text = `${name} to ${to}: ${reason}, ${outcome}`
    return { value: literal(text), preferred: sent?.letter?.toUpperCase() }
  }

  #key(pid: Pid, msgId: MsgId): string {
    return `${this.#incarnations.get(pid)} ${msgId}`
  }

  /** Each letter belongs to one sender, because a letter in an inbox must identify it. */
  #claimLetter(letter: string, pid: Pid): void {
    const other = this.#senders.get(letter)
    this.#senders.set(letter, pid)
    if (other === undefined || other === pid) return
    throw marbleProblem(
      `nodes ${other} and ${pid} both send "${letter}": use a different letter for each`,
    )
  }
}

/** Returns a value that is written as this text. */
export function literal(text: string): LiteralNotation {
  return new LiteralNotation({ kind: 'literal', text })
}
