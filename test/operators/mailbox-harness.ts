/** A mailbox for tests that is driven by hand. */
import { BehaviorSubject, NEVER, Observable, Subject } from 'rxjs'
import type { Subscriber } from 'rxjs'
import type { Envelope, OutgoingEnvelope, Receipt } from '../../src/model/envelope.ts'
import type { LinkState, Links, Peers } from '../../src/model/peer.ts'
import type { Mailbox } from '../../src/ports/mailbox.ts'
import { envelopeFrom, peersOf } from './operator-harness.ts'

/** One call of `deliver`. */
export interface ManualDelivery {
  readonly envelope: OutgoingEnvelope
  readonly msgId: number
  /** How often it was subscribed to, and how often that ended. */
  subscribed: number
  unsubscribed: number
  acknowledge(): void
  fail(error: unknown): void
}

/** Returns links in these states. */
export function linksOf(states: Readonly<Record<number, LinkState>>): Links {
  return new Map(Object.entries(states).map(([pid, state]) => [Number(pid), { state, sinceMs: 0 }]))
}

/** A mailbox whose receipts, replies, peers and links are set by the test. */
export class ManualMailbox implements Mailbox {
  readonly pid = 1
  readonly inbox = new Subject<Envelope>()
  readonly outbox = new Subject<OutgoingEnvelope>()
  readonly peers = new BehaviorSubject<Peers>(peersOf(2, 3))
  readonly links = new BehaviorSubject<Links>(linksOf({ 2: 'up', 3: 'up' }))
  readonly closed = NEVER
  readonly deliveries: ManualDelivery[] = []
  /** Whether the inbox was observed at the first subscription of a delivery. */
  inboxObservedAtSend: boolean | undefined
  #msgId = 1000

  deliver(envelope: OutgoingEnvelope): Observable<Receipt> {
    const msgId = envelope.msgId ?? this.#msgId++
    let current: Subscriber<Receipt> | undefined
    const delivery: ManualDelivery = {
      envelope,
      msgId,
      subscribed: 0,
      unsubscribed: 0,
      acknowledge: () => {
        current?.next({ pid: envelope.pid, msgId })
        current?.complete()
      },
      fail: (error) => current?.error(error),
    }
    this.deliveries.push(delivery)
    return new Observable((subscriber) => {
      this.inboxObservedAtSend ??= this.inbox.observed
      delivery.subscribed += 1
      current = subscriber
      return () => {
        delivery.unsubscribed += 1
      }
    })
  }

  /** Emits a reply from the inbox. */
  receiveReply(pid: number, re: number | undefined, msg: unknown = 'reply'): Envelope {
    const envelope = envelopeFrom(pid, 1, msg, re === undefined ? {} : { re })
    this.inbox.next(envelope)
    return envelope
  }

  /** Whether nothing is subscribed to any more. */
  get isIdle(): boolean {
    const { inbox, peers, links } = this
    const hasOpenDelivery = this.deliveries.some(
      (delivery) => delivery.subscribed > delivery.unsubscribed,
    )
    return !inbox.observed && !peers.observed && !links.observed && !hasOpenDelivery
  }
}
