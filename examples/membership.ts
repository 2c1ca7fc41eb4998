/** Membership: a peer is added, moves to another address and is removed, while the node goes on. */
import { distinctUntilChanged, filter, firstValueFrom, map } from 'rxjs'
import type { Links } from 'rx-cluster'
import { createNode } from 'rx-cluster'
import { freeEndpoints } from './free-ports.ts'

const [home = '', flat = '', house = ''] = await freeEndpoints(3)
const me = { pid: 1, endpoint: home }

// The node begins alone: its config names only itself.
const node = await createNode({ cluster: 'town', peers: [me] }, 1)
const stateOf = (links: Links): string => links.get(2) ?? 'a stranger'
const told = filter((state: string) => state !== 'connecting')
const friend = node.links.pipe(map(stateOf), told, distinctUntilChanged())
friend.subscribe((state) => console.log('node 2 is', state))
node.inbox.subscribe(({ msg }) => console.log('node 2 says', msg))
node.deadLetters.subscribe(({ envelope, reason }) => console.log(envelope.msg, '→', reason))
const becomes = (state: string) => firstValueFrom(friend.pipe(filter((now) => now === state)))

// Added: the link opens when both know each other, in whatever order that happens.
const inFlat = await createNode({ cluster: 'town', peers: [me, { pid: 2, endpoint: flat }] }, 2)
node.addPeer({ pid: 2, endpoint: flat })
await becomes('up')
await firstValueFrom(inFlat.deliver({ pid: 1, msg: 'hello from my flat' }))

// Moved: the link follows, and takes along what waits.
await inFlat.close()
await becomes('down')
const taken = firstValueFrom(node.deliver({ pid: 2, msg: 'a letter' }))
const inHouse = await createNode({ cluster: 'town', peers: [me, { pid: 2, endpoint: house }] }, 2)
inHouse.inbox.subscribe(({ msg }) => console.log('in the house:', msg))
node.addPeer({ pid: 2, endpoint: house })
await Promise.all([taken, becomes('up')])

// Removed: nothing goes there any more, and what comes from there is refused.
node.delPeer(2)
node.outbox.next({ pid: 2, msg: 'goodbye' })
await becomes('a stranger')
await Promise.all([node.close(), inHouse.close()])
