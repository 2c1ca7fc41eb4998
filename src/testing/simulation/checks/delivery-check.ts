/**
 * Follows each envelope to an inbox or a dead letter; reports duplicates, wrong order and wrong
 * outcomes.
 */
import type { Incarnation, MsgId } from '../../../model/envelope.ts'
import type { Outcome } from '../../../model/dead-letter.ts'
import { EMPTY_LIST, append } from '../../../base/list.ts'

/** Rare state of a pair, created on demand. */
interface Anomalies {
  /** Envelopes that a later delivery overtook, with their count: each must become a dead letter. */
  readonly overtaken: Map<MsgId, number>
  /** Dead letters with the outcome `unknown`: each may still be delivered, once. */
  readonly inDoubt: Set<MsgId>
}

/** With `resend`: everything sent, since each incarnation of the receiver may get it again. */
interface History {
  readonly sent: MsgId[]
  readonly cursors: Map<Incarnation, number>
}

/** The envelopes that one incarnation sent to one pid, until they are accounted for. */
class Pair {
  /** Envelopes in the order of sending, from `#first` on; undefined where one is dead. */
  #pending: (MsgId | undefined)[] = EMPTY_LIST
  #first = 0
  #anomalies: Anomalies | undefined = undefined
  readonly #history: History | undefined
  #unaccounted = 0

  constructor(isResent: boolean) {
    // Large clusters have many pairs, most with one envelope at a time: keep a pair small.
    this.#history = isResent ? { sent: [], cursors: new Map() } : undefined
  }

  get unaccounted(): number {
    return this.#unaccounted
  }

  sent(msgId: MsgId): void {
    this.#unaccounted++
    this.#pending = append(this.#pending, msgId)
    this.#history?.sent.push(msgId)
  }

  /** Returns what is wrong with the delivery, if anything. */
  delivered(msgId: MsgId, receiver: Incarnation): string | undefined {
    const wasPending = this.#removePending(msgId)
    const history = this.#history
    if (history === undefined) {
      if (wasPending) return undefined
      return this.#anomalies?.overtaken.has(msgId) === true
        ? 'was delivered out of order'
        : 'was delivered though it was not pending'
    }
    const next = history.sent.indexOf(msgId, history.cursors.get(receiver) ?? 0)
    if (next < 0) return 'was delivered twice, or out of order'
    history.cursors.set(receiver, next + 1)
    return undefined
  }

  deadLettered(msgId: MsgId, outcome: Outcome): string | undefined {
    const index = this.#indexOf(msgId)
    if (index >= 0) {
      this.#pending[index] = undefined
      this.#unaccounted--
      if (outcome === 'unknown') this.#createAnomalies().inDoubt.add(msgId)
      return undefined
    }
    const overtaken = this.#anomalies?.overtaken.get(msgId) ?? 0
    if (overtaken > 0) {
      this.#anomalies?.overtaken.set(msgId, overtaken - 1)
      this.#unaccounted--
      return undefined
    }
    // An outcome `unknown` allows an earlier delivery; `not-delivered` does not.
    return outcome === 'unknown'
      ? undefined
      : 'is a dead letter with outcome not-delivered, but was delivered'
  }

  #createAnomalies(): Anomalies {
    return (this.#anomalies ??= { overtaken: new Map(), inDoubt: new Set() })
  }

  #removePending(msgId: MsgId): boolean {
    const pending = this.#pending
    const index = pending.indexOf(msgId, this.#first)
    if (index < 0) return this.#anomalies?.inDoubt.delete(msgId) === true
    for (let at = this.#first; at < index; at++) {
      const skipped = pending[at]
      if (skipped === undefined) continue
      const { overtaken } = this.#createAnomalies()
      overtaken.set(skipped, (overtaken.get(skipped) ?? 0) + 1)
    }
    this.#first = index + 1
    this.#unaccounted--
    if (this.#first === pending.length) {
      this.#pending = EMPTY_LIST
      this.#first = 0
    } else if (this.#first > 1_000 && this.#first * 2 > pending.length) {
      pending.splice(0, this.#first)
      this.#first = 0
    }
    return true
  }

  #indexOf(msgId: MsgId): number {
    const pending = this.#pending
    if (pending.length > this.#first && pending.at(-1) === msgId) return pending.length - 1
    return pending.indexOf(msgId, this.#first)
  }
}

/** Follows every envelope of a cluster from its outbox to an inbox or a dead letter. */
export class DeliveryCheck {
  readonly #isResent: boolean
  readonly #pairs = new Map<Incarnation, Map<number, Pair>>()

  /** @param isResent whether a restarted receiver gets unacknowledged envelopes again */
  constructor(isResent: boolean) {
    this.#isResent = isResent
  }

  sent(from: Incarnation, to: number, msgId: MsgId): void {
    this.#pair(from, to).sent(msgId)
  }

  /** Returns what is wrong with the delivery, if anything. */
  delivered(
    from: Incarnation,
    to: number,
    msgId: MsgId,
    receiver: Incarnation,
  ): string | undefined {
    return this.#pair(from, to).delivered(msgId, receiver)
  }

  deadLettered(from: Incarnation, to: number, msgId: MsgId, outcome: Outcome): string | undefined {
    return this.#pair(from, to).deadLettered(msgId, outcome)
  }

  /** Returns the receivers of envelopes that are neither delivered nor dead, with their counts. */
  unaccounted(from: Incarnation): readonly (readonly [to: number, count: number])[] {
    const pairs = [...(this.#pairs.get(from) ?? [])]
    return pairs.flatMap(([to, { unaccounted }]) => (unaccounted > 0 ? [[to, unaccounted]] : []))
  }

  #pair(from: Incarnation, to: number): Pair {
    let pairs = this.#pairs.get(from)
    if (pairs === undefined) this.#pairs.set(from, (pairs = new Map()))
    let pair = pairs.get(to)
    if (pair === undefined) pairs.set(to, (pair = new Pair(this.#isResent)))
    return pair
  }
}
