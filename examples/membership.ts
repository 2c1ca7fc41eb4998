/** Membership: a peer is added, moves to another address and is removed, while the node goes on. */
import { distinctUntilChanged, filter, firstValueFrom, map } from 'rxjs'
import type { Links } from 'rx-cluster'
import { createNode } from 'rx-cluster'
import { freeEndpoints } from './free-ports.ts'

const [address = '', firstAddress = '', secondAddress = ''] = await freeEndpoints(3)
const self = { pid: 1, endpoint: address }

// The node begins alone: its config names only itself.
const node = await createNode({ cluster: 'town', peers: [self] }, 1)
const stateOf = (links: Links): string => links.get(2) ?? 'a stranger'
const settledStates = filter((state: string) => state !== 'connecting')
const states = node.links.pipe(map(stateOf), settledStates, distinctUntilChanged())
states.subscribe((state) => console.log('node 2 is', state))
node.inbox.subscribe(({ msg }) => console.log('node 2 says', msg))
node.deadLetters.subscribe(({ envelope, reason }) => console.log(envelope.msg, '→', reason))
const untilState = (state: string) => firstValueFrom(states.pipe(filter((now) => now === state)))

// Added: the link opens when both know each other, in whatever order that happens.
const first = await createNode(
  { cluster: 'town', peers: [self, { pid: 2, endpoint: firstAddress }] },
  2,
)
node.addPeer({ pid: 2, endpoint: firstAddress })
await untilState('up')
await firstValueFrom(first.deliver({ pid: 1, msg: 'hello from my flat' }))

// Moved: the link follows, and takes along what waits.
await first.close()
await untilState('down')
const delivered = firstValueFrom(node.deliver({ pid: 2, msg: 'a letter' }))
const second = await createNode(
  { cluster: 'town', peers: [self, { pid: 2, endpoint: secondAddress }] },
  2,
)
second.inbox.subscribe(({ msg }) => console.log('in the house:', msg))
node.addPeer({ pid: 2, endpoint: secondAddress })
await Promise.all([delivered, untilState('up')])

// Removed: nothing goes there any more, and what comes from there is refused.
node.removePeer(2)
node.outbox.next({ pid: 2, msg: 'goodbye' })
await untilState('a stranger')
await Promise.all([node.close(), second.close()])
