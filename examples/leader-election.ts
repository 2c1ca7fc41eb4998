/** Leader election: three processes elect a leader, it is killed, and the others elect another. */
import { createNode } from 'rx-cluster'
import { elect } from './elect.ts'
import type { ElectionState } from './elect.ts'
import { fork } from 'node:child_process'
import { freeConfig } from './free-ports.ts'

const [, file = '', pid, config = ''] = process.argv

if (pid === undefined) {
  // The process that you start has no node: it starts the others, and watches them.
  const shared = await freeConfig('election', 3)
  const children = shared.peers.map((peer) => fork(file, [`${peer.pid}`, JSON.stringify(shared)]))
  const followers = new Map<number, number>()
  let killed = 0
  for (const [index, child] of children.entries()) {
    child.on('message', ({ leader, term }: ElectionState) => {
      if (leader === undefined) return
      console.log(`node ${index + 1}: in term ${term} node ${leader} leads`)
      followers.set(term, (followers.get(term) ?? 0) + 1)
      // Once everybody who is left has said so, the leader ends in the hardest way there is.
      if (followers.get(term) !== 3 - killed) return
      console.log(`node ${leader} is killed`)
      children[leader - 1]?.kill('SIGKILL')
      // The last of three is no majority, and waits in vain.
      if (++killed === 2) for (const each of children) each.kill()
    })
  }
} else {
  const node = await createNode(JSON.parse(config), Number(pid))
  elect(node).subscribe((state) => process.send?.(state))
}
