/** The check of all mail: taken at most once, in order for each pair, and nothing unaccounted. */
import type { Incarnation, MsgId } from '../model/envelope.ts'
import type { Outcome } from '../model/dead-letter.ts'

/** Most pairs have nothing under way. */
const NONE: never[] = []

/** What one life sent to one pid, until it is accounted for. */
class Pair {
  /** Neither taken nor dead, in the order in which it was sent; undefined where it is dead. */
  #waiting: (MsgId | undefined)[] = NONE
  #first = 0
  /** Overtaken by what was taken after it: it must die. */
  #overtaken: Map<MsgId, number> | undefined = undefined
  /** Dead letters of which nobody knows whether they arrived: each may still be taken, once. */
  #doubtful: Set<MsgId> | undefined = undefined
  /** Where the life of a receiver may take anew what an earlier one took, with `resend`. */
  readonly #history: MsgId[] | undefined
  readonly #cursors: Map<Incarnation, number> | undefined
  #unaccounted = 0

  constructor(resent: boolean) {
    // A large cluster has many pairs, and most of them hold one envelope at a time.
    this.#history = resent ? [] : undefined
    this.#cursors = resent ? new Map() : undefined
  }

  get unaccounted(): number {
    return this.#unaccounted
  }

  sent(msgId: MsgId): void {
    this.#unaccounted++
    if (this.#waiting.length === 0) this.#waiting = [msgId]
    else this.#waiting.push(msgId)
    this.#history?.push(msgId)
  }

  /** @returns what is wrong about it */
  taken(msgId: MsgId, receiver: Incarnation): string | undefined {
    const fresh = this.#take(msgId)
    if (this.#history === undefined) {
      if (fresh) return undefined
      return this.#overtaken?.has(msgId) === true
        ? 'was taken out of order'
        : 'was taken and is not due'
    }
    const next = this.#history.indexOf(msgId, this.#cursors?.get(receiver) ?? 0)
    if (next < 0) return 'was taken twice, or out of order'
    this.#cursors?.set(receiver, next + 1)
    return undefined
  }

  died(msgId: MsgId, outcome: Outcome): string | undefined {
    const index = this.#indexOf(msgId)
    if (index >= 0) {
      this.#waiting[index] = undefined
      this.#unaccounted--
      if (outcome === 'unknown') (this.#doubtful ??= new Set()).add(msgId)
      return undefined
    }
    const overtaken = this.#overtaken?.get(msgId) ?? 0
    if (overtaken > 0) {
      this.#overtaken?.set(msgId, overtaken - 1)
      this.#unaccounted--
      return undefined
    }
    // What nobody acknowledged may have arrived; what is said not to have arrived must not.
    return outcome === 'unknown' ? undefined : 'is a dead letter, though it was taken'
  }

  #take(msgId: MsgId): boolean {
    const waiting = this.#waiting
    const index = waiting.indexOf(msgId, this.#first)
    if (index < 0) return this.#doubtful?.delete(msgId) === true
    for (let at = this.#first; at < index; at++) {
      const skipped = waiting[at]
      if (skipped === undefined) continue
      this.#overtaken ??= new Map()
      this.#overtaken.set(skipped, (this.#overtaken.get(skipped) ?? 0) + 1)
    }
    this.#first = index + 1
    this.#unaccounted--
    if (this.#first === waiting.length) {
      this.#waiting = NONE
      this.#first = 0
    }
    if (this.#first > 1_000 && this.#first * 2 > waiting.length) {
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
