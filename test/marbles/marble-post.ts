/** A post office on virtual time: its inbox, peers, links and receipts are lanes. */
import { BehaviorSubject, NEVER, Observable, Subject, map, skip } from 'rxjs'
import { ERROR_CODES } from '../../src/model/cluster-error.ts'
import type { OutgoingEnvelope, Receipt } from '../../src/model/envelope.ts'
import type { LinkState, Links, Peer, Peers } from '../../src/model/peer.ts'
import type { Pid } from '../../src/model/pid.ts'
import type { Post } from '../../src/ports/post.ts'
import type { Bench } from '../../src/marbles/bench.ts'
import { errorOf } from '../../src/marbles/values.ts'

/** A post and what is put into its outbox, or delivered. */
export interface MarblePost {
  readonly post: Post
  readonly outbox: Observable<OutgoingEnvelope>
}

const MY_PID = 1
const FIRST_MSG_ID = 1000

/**
 * Makes a post of pid 1 from the lanes of a stanza; all of them may be left out.
 *
 * - `inbox`: envelopes
 * - `peers`: lists of pids, `[2,3]`; at first it is the option `peers=2,3`, or peers 2, 3 and 4
 * - `links`: the links that change, `{"2":"down"}`; at first, and for a new peer, a link is up
 * - `receipts`: each mark is the receipt of the oldest delivery that has none; a mark whose value
 *   is an error code fails it, and `#` fails all. Without the lane a receipt comes at once
 */
export function marblePost(bench: Bench): MarblePost {
  const outbox = new Subject<OutgoingEnvelope>()
  const peers = peersOf(bench, bench.option('peers') ?? '2,3,4')
  let nextMsgId = FIRST_MSG_ID
  const counter = deliveries(bench)
  const post: Post = {
    pid: MY_PID,
    inbox: bench.has('inbox') ? bench.mail('inbox') : NEVER,
    outbox: { next: (one) => outbox.next(one), error: () => undefined, complete: () => undefined },
    peers,
    links: linksOf(bench, peers),
    deliver(envelope) {
      const named = { ...envelope, msgId: envelope.msgId ?? nextMsgId++ }
      let receipt: Observable<Receipt> | undefined
      return new Observable((subscriber) => {
        if (receipt === undefined) {
          receipt = counter({ pid: named.pid, msgId: named.msgId }, () => (receipt = undefined))
          outbox.next(named)
        }
        return receipt.subscribe(subscriber)
      })
    },
  }
  return { post, outbox }
}

/**
 * The `peers` of a stanza, as a node has them: what the lane `peers` draws at frame 0 is there
 * from the beginning.
 *
 * @param bench holds the lane, where it is drawn
 * @param first the pids at first where it is not, with commas between them
 */
export function peersOf(bench: Bench, first = ''): BehaviorSubject<Peers> {
  if (!bench.has('peers')) {
    return new BehaviorSubject(peersFor(first === '' ? [] : first.split(',').map(Number)))
  }
  const drawn = bench.first('peers')
  const peers = new BehaviorSubject(peersFor(drawn ?? []))
  const changes = bench.values('peers').pipe(skip(drawn === undefined ? 0 : 1), map(peersFor))
  changes.subscribe(peers)
  return peers
}

function linksOf(bench: Bench, peers: Observable<Peers>): BehaviorSubject<Links> {
  const links = new BehaviorSubject<Links>(new Map())
  peers.subscribe((now) => {
    const states = [...now.keys()].map((pid) => [pid, links.value.get(pid) ?? 'up'] as const)
    links.next(new Map(states))
  })
  if (bench.has('links')) {
    bench.values('links').subscribe((value) => {
      const changed = Object.entries(value as Record<string, LinkState>)
      const states = changed.map(([pid, state]) => [Number(pid), state] as const)
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

/** Makes receipts: at once, or as the lane `receipts` says. */
function deliveries(
  bench: Bench,
): (receipt: Receipt, whenSettled: () => void) => Observable<Receipt> {
  if (!bench.has('receipts')) {
    return (receipt, whenSettled) =>
      new Observable((subscriber) => {
        whenSettled()
        subscriber.next(receipt)
        subscriber.complete()
      })
  }
  const waiting: { take(): void; fail(error: unknown): void }[] = []
  let failure: { readonly error: unknown } | undefined
  bench.values('receipts').subscribe({
    next(value) {
      const one = waiting.shift()
      if (ERROR_CODES.some((code) => code === value)) one?.fail(errorOf(String(value)))
      else one?.take()
    },
    error(error: unknown) {
      failure = { error }
      for (const one of waiting.splice(0)) one.fail(error)
    },
  })
  return (receipt, whenSettled) => {
    const answer = new Subject<Receipt>()
    const take = (): void => {
      whenSettled()
      answer.next(receipt)
      answer.complete()
    }
    const fail = (error: unknown): void => {
      whenSettled()
      answer.error(error)
    }
    if (failure === undefined) waiting.push({ take, fail })
    else fail(failure.error)
    return answer
  }
}
