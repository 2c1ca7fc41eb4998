// Node 1: stands still for 2 s, for 3 s, and while node 2 is killed. Prints its verdicts about it.
import { createNode, detectFailures } from '../../../dist/index.js'
import { distinctUntilChanged, firstValueFrom, map, share, skip, filter } from 'rxjs'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { setImmediate as nextIteration } from 'node:timers/promises'

// Not inside an assessment, so that the next one is due before the sockets are read.
const stall = async (ms) => {
  await nextIteration()
  for (const end = performance.now() + ms; performance.now() < end;);
}
const child = fork(fileURLToPath(new URL('beating.js', import.meta.url)))
const [server] = await once(child, 'message')
const peers = [
  { pid: 1, endpoint: 'tcp://127.0.0.1:1', bind: 'tcp://127.0.0.1:0' },
  { pid: 2, endpoint: server },
]
const node = await createNode({ cluster: 'beats', peers }, 1)
const suspicions = node.inbox.pipe(detectFailures({ everyMs: 200 }), share())
const verdicts = []
suspicions
  .pipe(
    map(({ verdict }) => verdict),
    distinctUntilChanged(),
  )
  .subscribe((verdict) => verdicts.push(verdict))
const assessments = (count) => firstValueFrom(suspicions.pipe(skip(count - 1)))
child.send(await firstValueFrom(node.bound()))

await assessments(12)
await stall(2_000)
await assessments(8)
await stall(3_000)
await assessments(8)
verdicts.push('killed')
child.kill('SIGKILL')
const killedMs = performance.now()
await stall(2_000)
await firstValueFrom(suspicions.pipe(filter(({ verdict }) => verdict === 'suspect')))
const suspectedMs = performance.now() - killedMs
await node.close()
console.log(JSON.stringify({ verdicts, suspectedMs }))
