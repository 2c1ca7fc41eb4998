/** The check of all mail: taken at most once, in order for each pair, and nothing unaccounted. */
import type { Incarnation, MsgId } from '../model/envelope.ts'
import type { Outcome } from '../model/dead-letter.ts'
import { EMPTY_ROW, appended } from '../core/row.ts'

/** What is rare about a pair, and made when it is needed. */
interface Oddities {
  /** Overtaken by what was taken after it: it must die. How often it was sent. */
  readonly overtaken: Map<MsgId, number>
  /** Dead letters of which nobody knows whether they arrived: each may still be taken, once. */
  readonly doubtful: Set<MsgId>
}

/** Where the life of a receiver may take anew what an earlier one took, with `resend`. */
interface History {
  readonly sent: MsgId[]
  readonly cursors: Map<Incarnation, number>
}

/** What one life sent to one pid, until it is accounted for. */
class Pair {
  /** Neither taken nor dead, in the order in which it was sent; undefined where it is dead. */
  #waiting: (MsgId | undefined)[] = EMPTY_ROW
  #first = 0
  #oddities: Oddities | undefined = undefined
  readonly #history: History | undefined
  #unaccounted = 0

  constructor(resent: boolean) {
    // A large cluster has many pairs, and most of them hold one envelope at a time.
    this.#history = resent ? { sent: [], cursors: new Map() } : undefined
  }

  get unaccounted(): number {
    return this.#unaccounted
  }

  sent(msgId: MsgId): void {
    this.#unaccounted++
    this.#waiting = appended(this.#waiting, msgId)
    this.#history?.sent.push(msgId)
  }

  /** @returns what is wrong about it */
  taken(msgId: MsgId, receiver: Incarnation): string | undefined {
    const fresh = this.#take(msgId)
    const history = this.#history
    if (history === undefined) {
      if (fresh) return undefined
      return this.#oddities?.overtaken.has(msgId) === true
        ? 'was taken out of order'
        : 'was taken and is not due'
    }
    const next = history.sent.indexOf(msgId, history.cursors.get(receiver) ?? 0)
    if (next < 0) return 'was taken twice, or out of order'
    history.cursors.set(receiver, next + 1)
    return undefined
  }

  died(msgId: MsgId, outcome: Outcome): string | undefined {
    const index = this.#indexOf(msgId)
    if (index >= 0) {
      this.#waiting[index] = undefined
      this.#unaccounted--
      if (outcome === 'unknown') this.#odd().doubtful.add(msgId)
      return undefined
    }
    const overtaken = this.#oddities?.overtaken.get(msgId) ?? 0
    if (overtaken > 0) {
      this.#oddities?.overtaken.set(msgId, overtaken - 1)
      this.#unaccounted--
      return undefined
    }
    // What nobody acknowledged may have arrived; what is said not to have arrived must not.
    return outcome === 'unknown' ? undefined : 'is a dead letter, though it was taken'
  }

  #odd(): Oddities {
    return (this.#oddities ??= { overtaken: new Map(), doubtful: new Set() })
  }

  #take(msgId: MsgId): boolean {
    const waiting = this.#waiting
    const index = waiting.indexOf(msgId, this.#first)
    if (index < 0) return this.#oddities?.doubtful.delete(msgId) === true
    for (let at = this.#first; at < index; at++) {
      const skipped = waiting[at]
      if (skipped === undefined) continue
      const { overtaken } = this.#odd()
      overtaken.set(skipped, (overtaken.get(skipped) ?? 0) + 1)
    }
    this.#first = index + 1
    this.#unaccounted--
    if (this.#first === waiting.length) {
      this.#waiting = EMPTY_ROW
      this.#first = 0
    } else if (this.#first > 1_000 && this.#first * 2 > waiting.length) {
      waiting.splice(0, this.#first)
      this.#first = 0
    }
    return true
  }

  #indexOf(msgId: MsgId): number {
    const waiting = this.#waiting
    if (waiting.length > this.#first && waiting.at(-1) === msgId) return waiting.length - 1
    return waiting.indexOf(msgId, this.#first)
  }
}

/** Follows every envelope of a cluster from its outbox to an inbox, or to its dead letter. */
export class MailCheck {
  readonly #resent: boolean
  readonly #pairs = new Map<Incarnation, Map<number, Pair>>()

  /** @param resent whether a new life of a receiver is sent what the last one may have taken */
  constructor(resent: boolean) {
    this.#resent = resent
  }

  sent(from: Incarnation, to: number, msgId: MsgId): void {
    this.#pair(from, to).sent(msgId)
  }

  /** @returns what is wrong about it */
  taken(from: Incarnation, to: number, msgId: MsgId, receiver: Incarnation): string | undefined {
    return this.#pair(from, to).taken(msgId, receiver)
  }

  died(from: Incarnation, to: number, msgId: MsgId, outcome: Outcome): string | undefined {
    return this.#pair(from, to).died(msgId, outcome)
  }

  /** How many envelopes of a life are neither taken nor dead, by receiver; only where there are. */
  unaccounted(from: Incarnation): readonly (readonly [to: number, count: number])[] {
    const pairs = [...(this.#pairs.get(from) ?? [])]
    return pairs.flatMap(([to, { unaccounted }]) => (unaccounted > 0 ? [[to, unaccounted]] : []))
  }

  #pair(from: Incarnation, to: number): Pair {
    let pairs = this.#pairs.get(from)
    if (pairs === undefined) this.#pairs.set(from, (pairs = new Map()))
    let pair = pairs.get(to)
    if (pair === undefined) pairs.set(to, (pair = new Pair(this.#resent)))
    return pair
  }
}
