// A worker thread opens a node over TCP and ends without closing it: by itself, or by an error.
import { Worker, isMainThread, workerData } from 'node:worker_threads'
import { createNode } from '../../../dist/index.js'
import { filter, firstValueFrom } from 'rxjs'

if (isMainThread) {
  const codes = []
  for (const end of ['exit', 'error']) {
    const worker = new Worker(new URL(import.meta.url), { workerData: end })
    worker.on('error', () => undefined)
    codes.push(await new Promise((resolve) => worker.once('exit', resolve)))
  }
  console.log(JSON.stringify(codes))
} else {
  const peers = [1, 2].map((pid) => ({
    pid,
    endpoint: `tcp://127.0.0.1:${pid}`,
    bind: 'tcp://127.0.0.1:0',
  }))
  const node = await createNode({ peers }, 1)
  await firstValueFrom(node.links.pipe(filter((links) => links.get(2)?.state === 'down')))
  if (workerData === 'exit') process.exit(0)
  throw new Error('this thread ends')
}
