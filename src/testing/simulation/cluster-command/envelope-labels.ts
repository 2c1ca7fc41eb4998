/** The letters of mail: an envelope is drawn in an inbox as it was drawn in an outbox. */
import type { Incarnation, MsgId } from '../../../model/envelope.ts'
import type { MarbleNotation } from '../../marbles/notation.ts'
import type { NodeTraceEvent, TraceEventOf } from '../../../recording/trace-event.ts'
import { LiteralNotation } from '../../marbles/values.ts'
import type { Pid } from '../../../model/pid.ts'
import { notationOf } from '../../marbles/values.ts'

/** What is known of an envelope. */
interface SentEnvelope {
  /** Of the lane that it was sent from. */
  readonly letter?: string | undefined
  readonly msg: unknown
}

/** What is to be drawn: a letter that has been given, or a value that is to get one. */
export type LabelRequest =
  { readonly letter: string } | { readonly value: unknown; readonly preferred?: string | undefined }

/** Knows every envelope that was sent. */
export class EnvelopeLabels {
  /** The letter that a lane sends just now. */
  sendingLetter: string | undefined
  readonly #sent = new Map<string, SentEnvelope>()
  /** The present life of each process, and the number of each life. */
  readonly #incarnations = new Map<Pid, Incarnation>()
  readonly #numbers = new Map<Incarnation, number>()
  readonly #senders = new Map<string, Pid>()

  /** Looks at everything that happens. */
  record(event: NodeTraceEvent): void {
    if (event.type === 'started') {
      const previous = this.#numbers.get(this.#incarnations.get(event.pid) ?? '') ?? 0
      this.#incarnations.set(event.pid, event.incarnation)
      this.#numbers.set(event.incarnation, previous + 1)
    }
    if (event.type !== 'sent') return
    const letter = this.sendingLetter
    if (letter !== undefined) this.#claimLetter(letter, event.pid)
    this.#sent.set(this.#key(event.pid, event.msgId), { letter, msg: event.msg })
  }

  /** An envelope that an inbox took. */
  received({ pid, from, incarnation, msgId, re, msg }: TraceEventOf<'received'>): LabelRequest {
    const letter = this.#sent.get(`${incarnation} ${msgId}`)?.letter
    if (letter !== undefined) return { letter }
    const number = this.#numbers.get(incarnation) ?? 1
    const repliedTo = re === undefined ? undefined : this.#sent.get(this.#key(pid, re))?.letter
    const notation: MarbleNotation = {
      kind: 'envelope',
      pid: from,
      ...(number === 1 ? {} : { incarnation: String(number) }),
      json: jsonOf(msg),
      ...(repliedTo === undefined ? {} : { re: repliedTo }),
    }
    return { value: new LiteralNotation(notation) }
  }

  /** An envelope that will not arrive: `A = a to 2: expired, not-delivered`. */
  dead({ pid, to, msgId, reason, outcome }: TraceEventOf<'dead'>): LabelRequest {
    const sent = msgId === undefined ? undefined : this.#sent.get(this.#key(pid, msgId))
    const name = sent?.letter ?? (sent === undefined ? 'envelope' : jsonOf(sent.msg))
    const text = `${name} to ${to}: ${reason}, ${outcome}`
    return { value: literal(text), preferred: sent?.letter?.toUpperCase() }
  }

  #key(pid: Pid, msgId: MsgId): string {
    return `${this.#incarnations.get(pid)} ${msgId}`
  }

  /** In an inbox the letter says who sent it. */
  #claimLetter(letter: string, pid: Pid): void {
    const other = this.#senders.get(letter)
    this.#senders.set(letter, pid)
    if (other === undefined || other === pid) return
    throw new Error(`"${letter}" is sent by ${other} and by ${pid}: give each a letter of its own`)
  }
}

/** What came out, said in words. */
export function literal(text: string): LiteralNotation {
  return new LiteralNotation({ kind: 'literal', text })
}

function jsonOf(msg: unknown): string {
  const notation = notationOf({ msg })
  return notation.kind === 'json' ? JSON.stringify(JSON.parse(notation.json).msg) : String(msg)
}
