/** Hello: three processes greet each other, and each ends when everybody has greeted it. */
import { broadcast, createNode } from 'rx-cluster'
import { firstValueFrom, lastValueFrom, of, take, tap } from 'rxjs'
import { fork } from 'node:child_process'
import { freeConfig } from './free-ports.ts'

const [, file = '', pid, config = ''] = process.argv

if (pid === undefined) {
  // The process that you start has no node: it starts one process per node. All have one config.
  const shared = await freeConfig('hello', 3)
  for (const peer of shared.peers) fork(file, [`${peer.pid}`, JSON.stringify(shared)])
} else {
  const node = await createNode(JSON.parse(config), Number(pid))
  const greetings = node.inbox.pipe(
    take(2),
    tap((hello) => console.log(`node ${pid} hears from node ${hello.pid}: ${hello.msg}`)),
  )
  const allGreeted = lastValueFrom(greetings)
  await firstValueFrom(node.ready())
  of(`hello from process ${process.pid}`).pipe(broadcast()).subscribe(node.outbox)
  await allGreeted
  // What is still in the outbox leaves before the node does.
  await node.close()
}
