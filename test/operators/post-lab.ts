/** A post office for tests: everything it does is done by hand. */
import { BehaviorSubject, Observable, Subject } from 'rxjs'
import type { Subscriber } from 'rxjs'
import type { Envelope, OutgoingEnvelope, Receipt } from '../../src/model/envelope.ts'
import type { Links, Peers } from '../../src/model/peer.ts'
import type { Post } from '../../src/ports/post.ts'
import { mail, peersOf } from './lab.ts'

/** One call of `deliver`. */
export interface Delivery {
  readonly envelope: OutgoingEnvelope
  readonly msgId: number
  /** How often it was subscribed to, and how often left or ended. */
  opened: number
  closed: number
  take(): void
  fail(error: unknown): void
}

/** A post office with strings to pull. */
export class HandPost implements Post {
  readonly pid = 1
  readonly inbox = new Subject<Envelope>()
  readonly outbox = new Subject<OutgoingEnvelope>()
  readonly peers = new BehaviorSubject<Peers>(peersOf(2, 3))
  readonly links = new BehaviorSubject<Links>(
    new Map([
      [2, 'up'],
      [3, 'up'],
    ]),
  )
  readonly deliveries: Delivery[] = []
  /** Whether anybody listened to the inbox when the first subscriber of a delivery came. */
  heardBeforeSent: boolean | undefined
  #msgId = 1000

  deliver(envelope: OutgoingEnvelope): Observable<Receipt> {
    const msgId = envelope.msgId ?? this.#msgId++
    let now: Subscriber<Receipt> | undefined
    const delivery: Delivery = {
      envelope,
      msgId,
      opened: 0,
      closed: 0,
      take: () => {
        now?.next({ pid: envelope.pid, msgId })
        now?.complete()
      },
      fail: (error) => now?.error(error),
    }
    this.deliveries.push(delivery)
    return new Observable((subscriber) => {
      this.heardBeforeSent ??= this.inbox.observed
      delivery.opened += 1
      now = subscriber
      return () => {
        delivery.closed += 1
      }
    })
  }

  /** An answer comes in. */
  answer(pid: number, re: number | undefined, msg: unknown = 'answer'): Envelope {
    const envelope = mail(pid, 1, msg, re === undefined ? {} : { re })
    this.inbox.next(envelope)
    return envelope
  }

  /** Nobody listens to anything any more. */
  get quiet(): boolean {
    const { inbox, peers, links } = this
    const open = this.deliveries.some((delivery) => delivery.opened > delivery.closed)
    return !inbox.observed && !peers.observed && !links.observed && !open
  }
}
