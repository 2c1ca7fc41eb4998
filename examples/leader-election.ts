/** Leader election: three processes elect a leader; it is killed, and the others elect another. */
import { createNode } from 'rx-cluster'
import { elect } from './elect.ts'
import type { ElectionState } from './elect.ts'
import { fork } from 'node:child_process'
import { localConfig } from './local-config.ts'

const [, file = '', pid, config = ''] = process.argv

if (pid === undefined) {
  // The first process has no node. It starts the nodes and kills their leaders.
  const shared = await localConfig('election', 3)
  const children = shared.peers.map((peer) => fork(file, [`${peer.pid}`, JSON.stringify(shared)]))
  const followers = new Map<number, number>()
  let killed = 0
  for (const [index, child] of children.entries()) {
    child.on('message', ({ leader, term }: ElectionState) => {
      if (leader === undefined) return
      console.log(`node ${index + 1}: in term ${term} node ${leader} leads`)
      followers.set(term, (followers.get(term) ?? 0) + 1)
      // Kill the leader once every remaining node follows it.
      if (followers.get(term) !== 3 - killed) return
      console.log(`node ${leader} is killed`)
      children[leader - 1]?.kill('SIGKILL')
      // One node of three is no majority: end the example.
      if (++killed === 2) for (const each of children) each.kill()
    })
  }
} else {
  const node = await createNode(JSON.parse(config), Number(pid))
  elect(node).subscribe((state) => process.send?.(state))
}
