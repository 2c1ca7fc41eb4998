// Node 2: sends its address to its parent, and beats until the parent disconnects.
import { broadcast, createNode, heartbeat } from '../../../dist/index.js'
import { firstValueFrom } from 'rxjs'

const peers = [
  { pid: 1, endpoint: 'tcp://127.0.0.1:1', bind: 'tcp://127.0.0.1:0' },
  { pid: 2, endpoint: 'tcp://127.0.0.1:2', bind: 'tcp://127.0.0.1:0' },
]
const node = await createNode({ cluster: 'beats', peers }, 2)
heartbeat(200, (beat) => beat)
  .pipe(broadcast())
  .subscribe(node.outbox)
process.on('message', (endpoint) => node.addPeer({ pid: 1, endpoint }))
process.on('disconnect', () => process.exit(0))
process.send(await firstValueFrom(node.bound()))
