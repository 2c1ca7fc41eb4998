// A crowd: many nodes in one process that all know one node elsewhere, each with a connection of its own, as if in its own process.
import { createNode } from '../dist/index.js'
import { firstValueFrom } from 'rxjs'
import { serve } from './crew.js'
import { zmqTransport } from '../dist/transports/zmq/zmq-transport.js'

const NOWHERE = 'tcp://127.0.0.1:1'

const transport = zmqTransport()
const nodes = []
let received = 0

serve(
  {
    /** Opens nodes, and tells where they listen. */
    open: ({ pids, cluster }) => {
      const open = async (pid) => {
        const config = { cluster, peers: [{ pid, endpoint: NOWHERE, bind: 'tcp://127.0.0.1:0' }] }
        // Links are shared by the nodes of one transport object: these share the sockets' context alone.
        const node = await createNode(config, pid, { transport: { ...transport } })
        nodes.push(node)
        node.inbox.subscribe(() => received++)
        return { pid, endpoint: await firstValueFrom(node.bound()) }
      }
      return Promise.all(pids.map(open))
    },

    /** All of them know this one. */
    know: (peer) => nodes.forEach((node) => node.addPeer(peer)),

    /** Waits until all are up. */
    ready: async () => {
      await Promise.all(nodes.map((node) => firstValueFrom(node.ready())))
    },

    received: () => received,
  },
  () => ({ nodes: nodes.length, received }),
)
