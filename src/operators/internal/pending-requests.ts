/** Matches replies to pending requests by `re`. */
import type { Observable, Subscription } from 'rxjs'
import type { Envelope, MsgId } from '../../model/envelope.ts'
import { ClusterError } from '../../model/cluster-error.ts'
import type { Mailbox, ReplyConsumer } from '../../ports/mailbox.ts'
import type { Pid } from '../../model/pid.ts'

/** The observer of one request. */
export interface Requester {
  onReply(envelope: Envelope): void
  /** Called if the inbox errors, or completes, which is `CLOSED`. */
  onError(error: unknown): void
}

/** Controls a pending request. */
export interface RequestHandle {
  /** Sets the `msgId` of the request; a reply that arrived earlier is matched now. */
  identify(msgId: MsgId): void
  /** Stops waiting. */
  cancel(): void
}

/** How many replies per peer are stored while the `msgId` of a request is unknown. */
const UNMATCHED_REPLIES_MAX = 1_024

/** The part of a mailbox that gives replies. */
type ReplySource = Pick<Mailbox, 'inbox' | 'consumeReplies'>

const instances = new WeakMap<Observable<Envelope>, PendingRequests>()

/**
 * The pending requests of one mailbox. Consumes the replies of the asked peers; where the mailbox
 * cannot give them, or a `msgId` is unknown, it subscribes to the inbox.
 */
export class PendingRequests implements ReplyConsumer {
  readonly #source: ReplySource
  readonly #peerRequests = new Map<Pid, PeerRequests>()
  /** The number of requests whose reply comes from the inbox. */
  #inboxCount = 0
  #subscription: Subscription | undefined

  private constructor(source: ReplySource) {
    this.#source = source
  }

  /** Returns the pending requests of a mailbox; all its requests share them. */
  static of(source: ReplySource): PendingRequests {
    let requests = instances.get(source.inbox)
    if (requests === undefined) {
      requests = new PendingRequests(source)
      instances.set(source.inbox, requests)
    }
    return requests
  }

  /**
   * Waits for the reply of a peer.
   *
   * @param msgId the `msgId` of the request, if it is known already
   */
  add(pid: Pid, msgId: MsgId | undefined, requester: Requester): RequestHandle {
    const requests = this.#peerRequests.get(pid) ?? new PeerRequests()
    this.#peerRequests.set(pid, requests)
    const consumes = msgId !== undefined && this.#source.consumeReplies !== undefined
    const request = new PendingRequest(requester, requests, () => {
      this.#removeIfEmpty(pid, requests)
      if (!consumes && --this.#inboxCount === 0) this.#unsubscribe()
    })
    if (msgId === undefined) requests.unidentified.add(request)
    else request.identify(msgId)
    if (consumes) requests.stopConsuming ??= this.#source.consumeReplies?.(pid, this)
    else {
      this.#inboxCount++
      this.#subscribe()
    }
    return request
  }

  expects(pid: Pid, re: MsgId): boolean {
    return this.#peerRequests.get(pid)?.expects(re) === true
  }

  reply(envelope: Envelope): void {
    this.#peerRequests.get(envelope.pid)?.onReply(envelope)
  }

  closed(): void {
    this.#fail(new ClusterError('CLOSED', 'the node closed before the reply arrived'))
  }

  #subscribe(): void {
    // The inbox can complete, and end every request, before subscribe returns.
    if (this.#inboxCount > 1 || this.#subscription !== undefined) return
    this.#subscription = this.#source.inbox.subscribe({
      next: (envelope) => this.reply(envelope),
      error: (error) => this.#fail(error),
      complete: () => {
        const message = 'the inbox completed before the reply arrived'
        this.#fail(new ClusterError('CLOSED', message))
      },
    })
    if (this.#inboxCount === 0) this.#unsubscribe()
  }

  #fail(error: unknown): void {
    for (const requests of [...this.#peerRequests.values()]) requests.fail(error)
  }

  #removeIfEmpty(pid: Pid, requests: PeerRequests): void {
    if (!requests.isEmpty) return
    requests.stopConsuming?.()
    requests.stopConsuming = undefined
    if (this.#peerRequests.get(pid) === requests) this.#peerRequests.delete(pid)
  }

  #unsubscribe(): void {
    this.#subscription?.unsubscribe()
    this.#subscription = undefined
  }
}

/** The pending requests to one peer. */
class PeerRequests {
  readonly #identified = new Map<MsgId, PendingRequest>()
  readonly unidentified = new Set<PendingRequest>()
  /** Ends what `consumeReplies` began; undefined while no request needs it. */
  stopConsuming: (() => void) | undefined
  /** Possible replies to the unidentified requests, by `re`; the oldest first. */
  readonly #unmatched = new Map<MsgId, Envelope>()

  get isEmpty(): boolean {
    return this.#identified.size === 0 && this.unidentified.size === 0
  }

  expects(re: MsgId): boolean {
    return this.#identified.has(re)
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
  /** The next request with the same `msgId`: callers that set `msgId` can repeat one. */
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
