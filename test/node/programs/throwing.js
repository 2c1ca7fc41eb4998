// One of three inbox subscribers of a node throws. Prints what the others received as JSON.
import { createNode } from '../../../dist/index.js'
import { firstValueFrom } from 'rxjs'

const directory = process.argv[2]
const peers = [1, 2].map((pid) => ({ pid, endpoint: `ipc://${directory}/node-${pid}` }))
const [one, two] = await Promise.all(
  [1, 2].map((pid) => createNode({ cluster: 'throwing', peers }, pid)),
)
const seen = { before: [], after: [], uncaught: [] }
process.on('uncaughtException', (error) => seen.uncaught.push(error.message))
two.inbox.subscribe(({ msg }) => seen.before.push(msg))
two.inbox.subscribe(({ msg }) => {
  throw new Error(`cannot handle ${msg}`)
})
two.inbox.subscribe(({ msg }) => seen.after.push(msg))
for (const msg of [1, 2, 3]) await firstValueFrom(one.deliver({ pid: 2, msg }))
await Promise.all([one.close(), two.close()])
console.log(JSON.stringify(seen))
