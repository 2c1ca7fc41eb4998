/** Membership: a peer is added, moves to another address, and is removed, while the node runs. */
import { distinctUntilChanged, filter, firstValueFrom, map } from 'rxjs'
import type { Links } from 'rx-cluster'
import { createNode } from 'rx-cluster'
import { localEndpoints } from './local-config.ts'

const [ownEndpoint = '', firstEndpoint = '', secondEndpoint = ''] = await localEndpoints(3)
const self = { pid: 1, endpoint: ownEndpoint }

// The config of node 1 lists only node 1.
const node = await createNode({ cluster: 'members', peers: [self] }, 1)
const stateOf = (links: Links): string => links.get(2)?.state ?? 'not a member'
const isSettled = filter((state: string) => state !== 'connecting')
const states = node.links.pipe(map(stateOf), isSettled, distinctUntilChanged())
states.subscribe((state) => console.log('node 2 is', state))
node.inbox.subscribe(({ msg }) => console.log('node 1 received:', msg))
node.deadLetters.subscribe(({ envelope, reason }) => console.log(envelope.msg, '→', reason))
const untilState = (state: string) => firstValueFrom(states.pipe(filter((now) => now === state)))

// Add a peer: the link comes up once both nodes know each other, in either order.
const first = await createNode(
  { cluster: 'members', peers: [self, { pid: 2, endpoint: firstEndpoint }] },
  2,
)
node.addPeer({ pid: 2, endpoint: firstEndpoint })
await untilState('up')
await firstValueFrom(first.deliver({ pid: 1, msg: 'hello' }))

// Move it: the queued envelopes go to the new address.
await first.close()
await untilState('down')
const delivered = firstValueFrom(node.deliver({ pid: 2, msg: 'queued while down' }))
const second = await createNode(
  { cluster: 'members', peers: [self, { pid: 2, endpoint: secondEndpoint }] },
  2,
)
second.inbox.subscribe(({ msg }) => console.log('node 2 received at its new address:', msg))
node.addPeer({ pid: 2, endpoint: secondEndpoint })
await Promise.all([delivered, untilState('up')])

// Remove it: envelopes to it become dead letters, and its envelopes are refused.
node.removePeer(2)
node.outbox.next({ pid: 2, msg: 'goodbye' })
await untilState('not a member')
await Promise.all([node.close(), second.close()])
