/** A mailbox in virtual time, whose inbox, peers, links and receipts are lanes. */
import { BehaviorSubject, NEVER, Observable, Subject, map, skip } from 'rxjs'
import { ERROR_CODES } from '../../src/model/cluster-error.ts'
import type { OutgoingEnvelope, Receipt } from '../../src/model/envelope.ts'
import type { Link, LinkState, Links, Peer, Peers } from '../../src/model/peer.ts'
import type { Pid } from '../../src/model/pid.ts'
import type { Mailbox } from '../../src/ports/mailbox.ts'
import type { MarbleContext } from '../../src/testing/marbles/context.ts'
import { errorOf } from '../../src/testing/marbles/values.ts'

/** A mailbox, and the envelopes that are sent or delivered through it. */
export interface MarbleMailbox {
  readonly mailbox: Mailbox
  readonly outbox: Observable<OutgoingEnvelope>
}

const OWN_PID = 1
const FIRST_MSG_ID = 1000

/**
 * Creates a mailbox with pid 1 from these lanes, all of them optional:
 *
 * - `inbox`: received envelopes
 * - `peers`: lists of pids, `[2,3]`; initially the option `peers=2,3`, or else peers 2, 3 and 4
 * - `links`: changes of links, `{"2":"down"}`; initial links and those of new peers are up
 * - `receipts`: each mark is the receipt of the oldest pending delivery; a mark whose value is an
 *   error code fails it, and `#` fails all. Without the lane, receipts are emitted at once
 */
export function marbleMailbox(context: MarbleContext): MarbleMailbox {
  const outbox = new Subject<OutgoingEnvelope>()
  const peers = peersOf(context, context.option('peers') ?? '2,3,4')
  let nextMsgId = FIRST_MSG_ID
  const receiptFor = deliveries(context)
  const mailbox: Mailbox = {
    pid: OWN_PID,
    inbox: context.has('inbox') ? context.envelopes('inbox') : NEVER,
    outbox: { next: (one) => outbox.next(one), error: () => undefined, complete: () => undefined },
    peers,
    links: linksOf(context, peers),
    closed: NEVER,
    deliver(envelope) {
      const numbered = { ...envelope, msgId: envelope.msgId ?? nextMsgId++ }
      let receipt: Observable<Receipt> | undefined
      return new Observable((subscriber) => {
        if (receipt === undefined) {
          receipt = receiptFor(
            { pid: numbered.pid, msgId: numbered.msgId },
            () => (receipt = undefined),
          )
          outbox.next(numbered)
        }
        return receipt.subscribe(subscriber)
      })
    },
  }
  return { mailbox, outbox }
}

/**
 * Returns the peers of the lane `peers`, like those of a node. Its value at frame 0 is the initial
 * one.
 *
 * @param context the context with the lane
 * @param initial the pids if there is no lane, separated by commas
 */
export function peersOf(context: MarbleContext, initial = ''): BehaviorSubject<Peers> {
  if (!context.has('peers')) {
    return new BehaviorSubject(peersFor(initial === '' ? [] : initial.split(',').map(Number)))
  }
  const drawn = context.first('peers')
  const peers = new BehaviorSubject(peersFor(drawn ?? []))
  const changes = context.values('peers').pipe(skip(drawn === undefined ? 0 : 1), map(peersFor))
  changes.subscribe(peers)
  return peers
}

const UP: Link = { state: 'up', sinceMs: 0 }

function linksOf(context: MarbleContext, peers: Observable<Peers>): BehaviorSubject<Links> {
  const links = new BehaviorSubject<Links>(new Map())
  peers.subscribe((now) => {
    const states = [...now.keys()].map((pid) => [pid, links.value.get(pid) ?? UP] as const)
    links.next(new Map(states))
  })
  if (context.has('links')) {
    context.values('links').subscribe((value) => {
      const changed = Object.entries(value as Record<string, LinkState>)
      const states = changed.map(([pid, state]): [Pid, Link] => [
        Number(pid),
        { state, sinceMs: 0 },
      ])
      links.next(new Map([...links.value, ...states]))
    })
  }
  return links
}

function peersFor(pids: unknown): Peers {
  return new Map((pids as readonly Pid[]).map((pid) => [pid, peerFor(pid)]))
}

function peerFor(pid: Pid): Peer {
  return { pid, endpoint: `tcp://127.0.0.1:${5000 + pid}` }
}

/** Returns a function that creates receipts: at once, or from the lane `receipts`. */
function deliveries(
  context: MarbleContext,
): (receipt: Receipt, onSettled: () => void) => Observable<Receipt> {
  if (!context.has('receipts')) {
    return (receipt, onSettled) =>
      new Observable((subscriber) => {
        onSettled()
        subscriber.next(receipt)
        subscriber.complete()
      })
  }
  const pending: { settle(): void; fail(error: unknown): void }[] = []
  let failure: { readonly error: unknown } | undefined
  context.values('receipts').subscribe({
    next(value) {
      const one = pending.shift()
      if (ERROR_CODES.some((code) => code === value)) one?.fail(errorOf(String(value)))
      else one?.settle()
    },
    error(error: unknown) {
      failure = { error }
      for (const one of pending.splice(0)) one.fail(error)
    },
  })
  return (receipt, onSettled) => {
    const subject = new Subject<Receipt>()
    const settle = (): void => {
      onSettled()
      subject.next(receipt)
      subject.complete()
    }
    const fail = (error: unknown): void => {
      onSettled()
      subject.error(error)
    }
    if (failure === undefined) pending.push({ settle, fail })
    else fail(failure.error)
    return subject
  }
}
