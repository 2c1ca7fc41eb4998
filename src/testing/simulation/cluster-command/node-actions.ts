/** Parses the text of a lane `commandN`, such as `add 3` or `close`, to a call of the node. */
import { marbleProblem } from '../../marbles/marble-test.ts'
import type { Unsubscribable } from 'rxjs'
import type { ClusterNode } from '../../../node/cluster-node.ts'

/** Calls a method of a node. */
export type NodeAction = (node: ClusterNode) => void

const FORMS = 'add 3, add 3 at tcp://node-4:7000, remove 3, pause inbox, resume inbox, or close'
/** The pause of each paused inbox. */
const pauses = new WeakMap<ClusterNode, Unsubscribable>()

/** Parses a node action. @throws ClusterError `INVALID_ARGUMENT` that lists the known ones */
export function parseNodeAction(text: string): NodeAction {
  const [, action, pid, endpoint] = /^(add|remove) (\d+)(?: at (\S+))?$/.exec(text) ?? []
  if (action === 'remove' && endpoint === undefined) return (node) => node.removePeer(Number(pid))
  if (action === 'add') {
    if (endpoint === undefined) return (node) => node.addPeer(Number(pid))
    return (node) => node.addPeer({ pid: Number(pid), endpoint })
  }
  switch (text) {
    case 'pause inbox':
      return (node) => void pauses.set(node, node.pause())
    case 'resume inbox':
      return (node) => pauses.get(node)?.unsubscribe()
    case 'close':
      return (node) => void node.close()
    default:
      throw marbleProblem(
        `"${text}" is not a node action: write ${FORMS}, or JSON for the protocol`,
      )
  }
}
