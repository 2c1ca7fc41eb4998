/** The letters of mail: an envelope is drawn in an inbox as it was drawn in an outbox. */
import type { Incarnation, MsgId } from '../../model/envelope.ts'
import type { Notation } from '../../marbles/notation.ts'
import type { NodeTraceEvent } from '../../model/trace-event.ts'
import { Noted } from '../../marbles/values.ts'
import type { Pid } from '../../model/pid.ts'
import { notationOf } from '../../marbles/values.ts'

/** What is known of an envelope. */
interface Known {
  /** Of the lane that it was sent from. */
  readonly letter?: string | undefined
  readonly msg: unknown
}

/** What is to be drawn: a letter that has been given, or a value that is to get one. */
export type Drawn =
  { readonly letter: string } | { readonly value: unknown; readonly wish?: string | undefined }

type EventOf<K extends NodeTraceEvent['type']> = Extract<NodeTraceEvent, { readonly type: K }>

/** Knows every envelope that was sent. */
export class MailLetters {
  /** The letter that a lane sends just now. */
  sending: string | undefined
  readonly #mail = new Map<string, Known>()
  /** The present life of each process, and the number of each life. */
  readonly #incarnations = new Map<Pid, Incarnation>()
  readonly #lives = new Map<Incarnation, number>()
  readonly #senders = new Map<string, Pid>()

  /** Looks at everything that happens. */
  see(event: NodeTraceEvent): void {
    if (event.type === 'started') {
      const before = this.#lives.get(this.#incarnations.get(event.pid) ?? '') ?? 0
      this.#incarnations.set(event.pid, event.incarnation)
      this.#lives.set(event.incarnation, before + 1)
    }
    if (event.type !== 'sent') return
    const letter = this.sending
    if (letter !== undefined) this.#claim(letter, event.pid)
    this.#mail.set(this.#key(event.pid, event.msgId), { letter, msg: event.msg })
  }

  /** An envelope that an inbox took. */
  received({ pid, from, incarnation, msgId, re, msg }: EventOf<'received'>): Drawn {
    const letter = this.#mail.get(`${incarnation} ${msgId}`)?.letter
    if (letter !== undefined) return { letter }
    const life = this.#lives.get(incarnation) ?? 1
    const asked = re === undefined ? undefined : this.#mail.get(this.#key(pid, re))?.letter
    const notation: Notation = {
      kind: 'mail',
      pid: from,
      ...(life === 1 ? {} : { incarnation: String(life) }),
      json: jsonOf(msg),
      ...(asked === undefined ? {} : { re: asked }),
    }
    return { value: new Noted(notation) }
  }

  /** An envelope that will not arrive: `A = a to 2: expired, not-delivered`. */
  dead({ pid, to, msgId, reason, outcome }: EventOf<'dead'>): Drawn {
    const known = msgId === undefined ? undefined : this.#mail.get(this.#key(pid, msgId))
    const what = known?.letter ?? (known === undefined ? 'mail' : jsonOf(known.msg))
    const text = `${what} to ${to}: ${reason}, ${outcome}`
    return { value: words(text), wish: known?.letter?.toUpperCase() }
  }

  #key(pid: Pid, msgId: MsgId): string {
    return `${this.#incarnations.get(pid)} ${msgId}`
  }

  /** In an inbox the letter says who sent it. */
  #claim(letter: string, pid: Pid): void {
    const other = this.#senders.get(letter)
    this.#senders.set(letter, pid)
    if (other === undefined || other === pid) return
    throw new Error(`"${letter}" is sent by ${other} and by ${pid}: give each a letter of its own`)
  }
}

/** What came out, said in words. */
export function words(text: string): Noted {
  return new Noted({ kind: 'words', text })
}

function jsonOf(msg: unknown): string {
  const notation = notationOf({ msg })
  return notation.kind === 'json' ? JSON.stringify(JSON.parse(notation.json).msg) : String(msg)
}
