/** Answers: whose question an envelope answers, found with one look at it, however many wait. */
import type { Observable, Subscription } from 'rxjs'
import type { Envelope, MsgId } from '../../model/envelope.ts'
import { ClusterError } from '../../model/cluster-error.ts'
import type { Pid } from '../../model/pid.ts'

/** Whoever waits for an answer. */
export interface Requester {
  onReply(envelope: Envelope): void
  /** There will be no answer: the inbox failed, or completed, which is `CLOSED`. */
  onError(error: unknown): void
}

/** A question that waits for its answer. */
export interface RequestHandle {
  /** The question has this `msgId`: an answer that came before it was known is told now. */
  identify(msgId: MsgId): void
  /** Waits no longer. */
  cancel(): void
}

/** How many envelopes of a peer may wait until it is known whether one of them is the answer. */
const UNMATCHED_REPLIES_MAX = 1_024

const instances = new WeakMap<Observable<Envelope>, PendingRequests>()

/** All questions that wait for answers from one inbox: one subscription, while anybody waits. */
export class PendingRequests {
  readonly #inbox: Observable<Envelope>
  readonly #byPeer = new Map<Pid, PeerRequests>()
  #count = 0
  #subscription: Subscription | undefined

  private constructor(inbox: Observable<Envelope>) {
    this.#inbox = inbox
  }

  /** The answers that come into this inbox. */
  static of(inbox: Observable<Envelope>): PendingRequests {
    let requests = instances.get(inbox)
    if (requests === undefined) {
      requests = new PendingRequests(inbox)
      instances.set(inbox, requests)
    }
    return requests
  }

  /**
   * Waits for the first envelope of `pid` that answers a question.
   *
   * @param msgId the question's, if it is known already
   */
  add(pid: Pid, msgId: MsgId | undefined, requester: Requester): RequestHandle {
    const requests = this.#byPeer.get(pid) ?? new PeerRequests()
    this.#byPeer.set(pid, requests)
    const request = new PendingRequest(requester, requests, () => this.#remove(pid, requests))
    if (msgId === undefined) requests.unidentified.add(request)
    else request.identify(msgId)
    this.#count++
    this.#subscribe()
    return request
  }

  #subscribe(): void {
    // It may complete before this returns.
    if (this.#count > 1 || this.#subscription !== undefined) return
    this.#subscription = this.#inbox.subscribe({
      next: (envelope) => this.#byPeer.get(envelope.pid)?.onReply(envelope),
      error: (error) => this.#fail(error),
      complete: () => {
        const message = 'the inbox completed before the answer'
        this.#fail(new ClusterError('CLOSED', message))
      },
    })
    if (this.#count === 0) this.#unsubscribe()
  }

  #fail(error: unknown): void {
    for (const requests of [...this.#byPeer.values()]) requests.fail(error)
  }

  #remove(pid: Pid, requests: PeerRequests): void {
    if (requests.isEmpty && this.#byPeer.get(pid) === requests) this.#byPeer.delete(pid)
    if (--this.#count === 0) this.#unsubscribe()
  }

  #unsubscribe(): void {
    this.#subscription?.unsubscribe()
    this.#subscription = undefined
  }
}

/** The questions to one peer. */
class PeerRequests {
  readonly #identified = new Map<MsgId, PendingRequest>()
  readonly unidentified = new Set<PendingRequest>()
  /** What may answer the unnamed ones, by what it answers; the oldest first. */
  readonly #unmatched = new Map<MsgId, Envelope>()

  get isEmpty(): boolean {
    return this.#identified.size === 0 && this.unidentified.size === 0
  }

  onReply(envelope: Envelope): void {
    const { re } = envelope
    if (re === undefined) return
    for (let request = this.#identified.get(re); request !== undefined; request = request.next) {
      request.requester.onReply(envelope)
    }
    if (this.unidentified.size === 0 || this.#unmatched.has(re)) return
    this.#unmatched.set(re, envelope)
    if (this.#unmatched.size <= UNMATCHED_REPLIES_MAX) return
    for (const oldest of this.#unmatched.keys()) {
      this.#unmatched.delete(oldest)
      return
    }
  }

  identify(request: PendingRequest, msgId: MsgId): void {
    const reply = this.#unmatched.get(msgId)
    this.unidentified.delete(request)
    if (this.unidentified.size === 0) this.#unmatched.clear()
    request.msgId = msgId
    request.next = this.#identified.get(msgId)
    this.#identified.set(msgId, request)
    if (reply !== undefined) request.requester.onReply(reply)
  }

  remove(request: PendingRequest): void {
    const { msgId } = request
    if (msgId === undefined) {
      this.unidentified.delete(request)
      if (this.unidentified.size === 0) this.#unmatched.clear()
      return
    }
    const first = this.#identified.get(msgId)
    if (first !== request) {
      for (let previous = first; previous !== undefined; previous = previous.next) {
        if (previous.next === request) previous.next = request.next
      }
    } else if (request.next === undefined) this.#identified.delete(msgId)
    else this.#identified.set(msgId, request.next)
  }

  fail(error: unknown): void {
    const requests = [...this.unidentified]
    for (const first of this.#identified.values()) {
      for (
        let request: PendingRequest | undefined = first;
        request !== undefined;
        request = request.next
      ) {
        requests.push(request)
      }
    }
    for (const { requester } of requests) requester.onError(error)
  }
}

class PendingRequest implements RequestHandle {
  readonly requester: Requester
  readonly #requests: PeerRequests
  readonly #onDone: () => void
  #isPending = true
  msgId: MsgId | undefined = undefined
  /** Another one of the same name: whoever names its envelopes itself may ask twice. */
  next: PendingRequest | undefined = undefined

  constructor(requester: Requester, requests: PeerRequests, onDone: () => void) {
    this.requester = requester
    this.#requests = requests
    this.#onDone = onDone
  }

  identify(msgId: MsgId): void {
    if (this.#isPending && this.msgId === undefined) this.#requests.identify(this, msgId)
  }

  cancel(): void {
    if (!this.#isPending) return
    this.#isPending = false
    this.#requests.remove(this)
    this.#onDone()
  }
}
