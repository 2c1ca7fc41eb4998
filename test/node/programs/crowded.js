// A process with at most 200 descriptors adds 100 peers in every possible way, and prints the errors as JSON.
import { closeSync, openSync } from 'node:fs'
import { createNode } from '../../../dist/index.js'
import { filter, firstValueFrom, take, toArray } from 'rxjs'

const peers = Array.from({ length: 100 }, (_, index) => ({
  pid: index + 2,
  endpoint: `tcp://127.0.0.1:${20_000 + index}`,
}))
const me = { pid: 1, endpoint: 'tcp://127.0.0.1:1', bind: 'tcp://127.0.0.1:0' }
const said = {}
const why = ({ code, message }) => `${code}: ${message}`

said.created = await createNode({ cluster: 'crowded', peers: [me, ...peers] }, 1).catch(why)
const node = await createNode({ cluster: 'crowded', peers: [me] }, 1)
const refusal = firstValueFrom(
  node.events.pipe(
    filter(({ type }) => type === 'peers-refused'),
    take(1),
    toArray(),
  ),
)
node.peers.next(new Map(peers.map((peer) => [peer.pid, peer])))
said.next = why((await refusal)[0].error)
said.peers = node.peers.value.size

// A few peers fit; then other files take all descriptors that are left.
const failed = firstValueFrom(node.events.pipe(filter(({ type }) => type === 'link-failed')))
for (const peer of peers.slice(0, 3)) node.addPeer(peer)
const held = []
try {
  for (;;) held.push(openSync('/dev/null'))
} catch {
  // No descriptor is left.
}
node.addPeer(peers[3])
const { pid, error } = await failed
said.failed = [pid, why(error)]
for (const descriptor of held) closeSync(descriptor)
await node.close()
console.log(JSON.stringify(said))
