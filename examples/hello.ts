/** Hello: three processes send each other a message. */
import { broadcast, createNode } from 'rx-cluster'
import { firstValueFrom, lastValueFrom, of, take, tap } from 'rxjs'
import { fork } from 'node:child_process'
import { localConfig } from './local-config.ts'

const [, file = '', pid, config = ''] = process.argv

if (pid === undefined) {
  // The first process has no node. It starts one process per node, all with the same config.
  const shared = await localConfig('hello', 3)
  for (const peer of shared.peers) fork(file, [`${peer.pid}`, JSON.stringify(shared)])
} else {
  const node = await createNode(JSON.parse(config), Number(pid))
  // Subscribe to the inbox first, and send as soon as the links to both peers are up.
  const messages = node.inbox.pipe(
    take(2),
    tap((envelope) => console.log(`node ${pid} received from ${envelope.pid}: ${envelope.msg}`)),
  )
  const received = lastValueFrom(messages)
  await firstValueFrom(node.ready({ timeoutMs: 10_000 }))
  of(`hello from process ${process.pid}`).pipe(broadcast()).subscribe(node.outbox)
  await received
  // The node closes once its outbox is delivered.
  await node.close()
}
