// Asks node 2 one question, prints the address of this node and then the reply.
// Arguments: the question, the address of node 2, the address of this node.
import { createNode, request } from '../../../dist/index.js'
import { firstValueFrom } from 'rxjs'

const [question, server, bind] = process.argv.slice(2)
const peers = [
  { pid: 1, endpoint: 'tcp://127.0.0.1:1', bind },
  { pid: 2, endpoint: server },
]
const node = await createNode({ cluster: 'real', peers }, 1)
console.log(await firstValueFrom(node.bound()))
process.once('SIGTERM', () => void node.close())
const reply = request(node, { pid: 2, msg: question }, { timeoutMs: 15_000 })
console.log(await firstValueFrom(reply).then(({ msg }) => msg, String))
await node.close()
