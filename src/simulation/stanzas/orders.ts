/** Orders: what the lane `tellN` of a stanza does with its node, in words. */
import type { ClusterNode } from '../../node/cluster-node.ts'

/** Something that is done with a node. */
export type Order = (node: ClusterNode) => void

const FORMS = 'add 3, add 3 at tcp://node-4:7000, delete 3, pause inbox, resume inbox, or close'
/** How each inbox that was paused is resumed. */
const paused = new WeakMap<ClusterNode, () => void>()

/**
 * Reads an order.
 *
 * @throws Error where it is none
 */
export function readOrder(text: string): Order {
  const [, verb, pid, endpoint] = /^(add|delete) (\d+)(?: at (\S+))?$/.exec(text) ?? []
  if (verb === 'delete' && endpoint === undefined) return (node) => node.delPeer(Number(pid))
  if (verb === 'add') {
    if (endpoint === undefined) return (node) => node.addPeer(Number(pid))
    return (node) => node.addPeer({ pid: Number(pid), endpoint })
  }
  switch (text) {
    case 'pause inbox':
      return (node) => void paused.set(node, node.pause())
    case 'resume inbox':
      return (node) => paused.get(node)?.()
    case 'close':
      return (node) => void node.close()
    default:
      throw new Error(`"${text}" is no order: write ${FORMS}, or JSON for the protocol`)
  }
}
