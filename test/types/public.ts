/** Type checks of the public API: all lines must compile, except those with `@ts-expect-error`. */
import {
  BROADCAST,
  boundedMergeMap,
  broadcast,
  groupByPeer,
  dedupe,
  fromPeer,
  majority,
  decodeMessage,
  detectFailures,
  quorum,
} from 'rx-cluster'
import { defineRequest, handle, typed as typedMailbox } from 'rx-cluster'
import { reply, replyWith, request, retryBackoff, toPeer } from 'rx-cluster'
import type { ClusterNode, Envelope, NodeEvent, OutgoingEnvelope, Peers, Mailbox } from 'rx-cluster'
import { type Observable, of } from 'rxjs'
import * as t from 'io-ts'

declare const node: ClusterNode
declare const envelopes: Observable<Envelope<{ term: number }>>

export const mailbox: Mailbox = node
export const outgoing: Observable<OutgoingEnvelope<string>> = of('a').pipe(broadcast())
export const one: Observable<OutgoingEnvelope<number>> = of(1).pipe(toPeer(2))
export const same: Observable<Envelope<{ term: number }>> = envelopes.pipe(
  fromPeer(1, 2),
  dedupe(8),
)
export const typed: Observable<Envelope<{ vote: boolean }>> = node.inbox.pipe(
  decodeMessage(t.type({ vote: t.boolean })),
)
export const question: Envelope = { pid: 1, incarnation: node.incarnation, msgId: 2, msg: '?' }
export const answer: OutgoingEnvelope<'yes'> = reply(question, 'yes')
export const asked: Observable<Envelope> = request(
  node,
  { pid: 2, msg: 'really?' },
  { timeoutMs: 5, retry: 3 },
)
export const oneOfTwo: Observable<OutgoingEnvelope<{ ok: true } | { denied: string }>> =
  node.inbox.pipe(
    replyWith(node, ({ pid }) => (pid > 1 ? [{ ok: true as const }] : [{ denied: 'no' }])),
  )
export const bare: Observable<OutgoingEnvelope<string | number>> = node.inbox.pipe(
  replyWith(node, ({ pid }) => (pid > 1 ? 'yes' : of(1))),
)
export const bytes: Observable<OutgoingEnvelope<Uint8Array>> = node.inbox.pipe(
  replyWith(node, () => Uint8Array.of(1)),
)
export const promised: Observable<OutgoingEnvelope<{ n: number }>> = node.inbox.pipe(
  replyWith(node, async () => ({ n: 1 })),
)
export const bounded: Observable<string | number> = node.inbox.pipe(
  boundedMergeMap(({ pid }) => (pid > 1 ? of(1) : of('a')), { bufSize: 3 }),
)
const Vote = t.type({ term: t.number })
export const votes: Mailbox<{ term: number }, { term: number }> = typedMailbox(node, Vote)
export const isText: Observable<Envelope<string>> = node.inbox.pipe(
  decodeMessage((msg) => typeof msg === 'string'),
)
const Lock = defineRequest({
  name: 'lock',
  request: t.string,
  reply: t.union([t.type({ granted: t.number }), t.type({ denied: t.string })]),
})
export const locks = handle(votes, Lock, ({ pid, msg }) =>
  pid > 1 ? of({ granted: msg.length }) : { denied: 'no' },
)
declare const maybe: { readonly timeoutMs?: number | undefined; readonly rejected?: undefined }
export const lock: Observable<Envelope<{ granted: number } | { denied: string }>> = request(
  votes,
  2,
  Lock,
  'door',
  { timeoutMs: maybe.timeoutMs, retry: undefined },
)
export const decodedMaybe = typedMailbox(node, Vote, { rejected: maybe.rejected })
// @ts-expect-error the value of a lock is a string
request(node, 2, Lock, 7)
// @ts-expect-error a reply is granted or denied
handle(node, Lock, () => ({ granted: 'yes' }))
export const counted = envelopes.pipe(majority(node.peers))
export const grouped = node.inbox.pipe(groupByPeer(node.peers))
export const again = of(1).pipe(retryBackoff({ count: 3, baseMs: 5 }))

of({ pid: BROADCAST, msg: 1 }).subscribe(node.outbox)

// @ts-expect-error a window is a number
dedupe('4')
// @ts-expect-error an envelope has a pid
node.outbox.next({ msg: 1 })
// @ts-expect-error the map of peers is read-only
node.peers.value.set(1, { pid: 1, endpoint: 'tcp://127.0.0.1:1' })
// @ts-expect-error envelopes are read-only
envelopes.subscribe((envelope) => (envelope.pid = 3))
// @ts-expect-error the union of events is closed
export const event: NodeEvent = { type: 'party' }
// @ts-expect-error a key of peers is a pid
export const peers: Peers = new Map([['1', { pid: 1, endpoint: 'x' }]])
// @ts-expect-error a message that has not been decoded is unknown
node.inbox.subscribe(({ msg }) => msg.term)

// Options may be undefined, as a program reads them from flags.
declare const flag: { readonly ms?: number | undefined; readonly follow?: boolean | undefined }
export const operatorOptions = [
  detectFailures({ everyMs: flag.ms, threshold: flag.ms, window: flag.ms }),
  retryBackoff({ count: 1, baseMs: 1, maxMs: flag.ms, jitter: flag.ms }),
  quorum(1, { peers: undefined, follow: flag.follow }),
  majority(node.peers, { follow: flag.follow }),
  decodeMessage(t.string, { rejected: undefined }),
  boundedMergeMap(() => of(1), { bufSize: 1, concurrency: flag.ms, dropped: undefined }),
  request(node, { pid: 2, msg: 1 }, { timeoutMs: flag.ms, retry: flag.ms }),
]

/** A switch over events needs no default. */
export function typeName(one: NodeEvent): string {
  switch (one.type) {
    case 'bound':
    case 'bind-failed':
    case 'link':
    case 'link-failed':
    case 'accepted-by-peer':
    case 'refused-by-peer':
    case 'refused-peer':
    case 'peer-restarted':
    case 'bad-frame':
    case 'peers-refused':
    case 'outbox-error':
    case 'inbox-unobserved':
    case 'event-loop-lag':
    case 'closed':
      return one.type
  }
}
