/** Answers: whose question an envelope answers, found with one look at it, however many wait. */
import type { Observable, Subscription } from 'rxjs'
import type { Envelope, MsgId } from '../model/envelope.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { Pid } from '../model/pid.ts'

/** Whoever waits for an answer. */
export interface Asker {
  answered(envelope: Envelope): void
  /** There will be no answer: the inbox failed, or completed, which is `CLOSED`. */
  failed(error: unknown): void
}

/** A question that waits for its answer. */
export interface Asking {
  /** The question has this `msgId`: an answer that came before it was known is told now. */
  named(msgId: MsgId): void
  /** Waits no longer. */
  leave(): void
}

/** How many envelopes of a peer may wait until it is known whether one of them is the answer. */
const EARLY_MAX = 1_024

const all = new WeakMap<Observable<Envelope>, Answers>()

/** All questions that wait for answers from one inbox: one subscription, while anybody waits. */
export class Answers {
  readonly #inbox: Observable<Envelope>
  readonly #desks = new Map<Pid, Desk>()
  #askers = 0
  #subscription: Subscription | undefined

  private constructor(inbox: Observable<Envelope>) {
    this.#inbox = inbox
  }

  /** The answers that come into this inbox. */
  static of(inbox: Observable<Envelope>): Answers {
    let answers = all.get(inbox)
    if (answers === undefined) {
      answers = new Answers(inbox)
      all.set(inbox, answers)
    }
    return answers
  }

  /**
   * Waits for the first envelope of `pid` that answers a question.
   *
   * @param msgId the question's, if it is known already
   */
  ask(pid: Pid, msgId: MsgId | undefined, asker: Asker): Asking {
    const desk = this.#desks.get(pid) ?? new Desk()
    this.#desks.set(pid, desk)
    const question = new Question(asker, desk, () => this.#left(pid, desk))
    if (msgId === undefined) desk.unnamed.add(question)
    else question.named(msgId)
    this.#askers++
    this.#listen()
    return question
  }

  #listen(): void {
    // It may complete before this returns.
    if (this.#askers > 1 || this.#subscription !== undefined) return
    this.#subscription = this.#inbox.subscribe({
      next: (envelope) => this.#desks.get(envelope.pid)?.hear(envelope),
      error: (error) => this.#failed(error),
      complete: () => {
        const message = 'the inbox completed before the answer'
        this.#failed(new ClusterError('CLOSED', message))
      },
    })
    if (this.#askers === 0) this.#stop()
  }

  #failed(error: unknown): void {
    for (const desk of [...this.#desks.values()]) desk.fail(error)
  }

  #left(pid: Pid, desk: Desk): void {
    if (desk.empty && this.#desks.get(pid) === desk) this.#desks.delete(pid)
    if (--this.#askers === 0) this.#stop()
  }

  #stop(): void {
    this.#subscription?.unsubscribe()
    this.#subscription = undefined
  }
}

/** The questions to one peer. */
class Desk {
  readonly #named = new Map<MsgId, Question>()
  readonly unnamed = new Set<Question>()
  /** What may answer the unnamed ones, by what it answers; the oldest first. */
  readonly #early = new Map<MsgId, Envelope>()

  get empty(): boolean {
    return this.#named.size === 0 && this.unnamed.size === 0
  }

  hear(envelope: Envelope): void {
    const { re } = envelope
    if (re === undefined) return
    for (let one = this.#named.get(re); one !== undefined; one = one.twin) {
      one.asker.answered(envelope)
    }
    if (this.unnamed.size === 0 || this.#early.has(re)) return
    this.#early.set(re, envelope)
    if (this.#early.size <= EARLY_MAX) return
    for (const oldest of this.#early.keys()) {
      this.#early.delete(oldest)
      return
    }
  }

  name(question: Question, msgId: MsgId): void {
    const early = this.#early.get(msgId)
    this.unnamed.delete(question)
    if (this.unnamed.size === 0) this.#early.clear()
    question.msgId = msgId
    question.twin = this.#named.get(msgId)
    this.#named.set(msgId, question)
    if (early !== undefined) question.asker.answered(early)
  }

  remove(question: Question): void {
    const { msgId } = question
    if (msgId === undefined) {
      this.unnamed.delete(question)
      if (this.unnamed.size === 0) this.#early.clear()
      return
    }
    const first = this.#named.get(msgId)
    if (first !== question) {
      for (let one = first; one !== undefined; one = one.twin) {
        if (one.twin === question) one.twin = question.twin
      }
    } else if (question.twin === undefined) this.#named.delete(msgId)
    else this.#named.set(msgId, question.twin)
  }

  fail(error: unknown): void {
    const questions = [...this.unnamed]
    for (const first of this.#named.values()) {
      for (let one: Question | undefined = first; one !== undefined; one = one.twin) {
        questions.push(one)
      }
    }
    for (const { asker } of questions) asker.failed(error)
  }
}

class Question implements Asking {
  readonly asker: Asker
  readonly #desk: Desk
  readonly #left: () => void
  #waits = true
  msgId: MsgId | undefined = undefined
  /** Another one of the same name: whoever names its envelopes itself may ask twice. */
  twin: Question | undefined = undefined

  constructor(asker: Asker, desk: Desk, left: () => void) {
    this.asker = asker
    this.#desk = desk
    this.#left = left
  }

  named(msgId: MsgId): void {
    if (this.#waits && this.msgId === undefined) this.#desk.name(this, msgId)
  }

  leave(): void {
    if (!this.#waits) return
    this.#waits = false
    this.#desk.remove(this)
    this.#left()
  }
}
