// Many nodes in one process that have a common peer. Each has a connection of its own, as nodes in
// separate processes would.
import { library, openZmqTransport, rxjs } from './adapters.js'
import { serve } from './worker-pool.js'

const { firstValueFrom } = rxjs

/** The configured endpoint; the real port is chosen by the system. */
const UNUSED_ENDPOINT = 'tcp://127.0.0.1:1'

const transport = await openZmqTransport()
const nodes = []
let received = 0

serve(
  {
    /** Opens nodes. @returns their endpoints */
    open: ({ pids, cluster }) => {
      const open = async (pid) => {
        const self = { pid, endpoint: UNUSED_ENDPOINT, bind: 'tcp://127.0.0.1:0' }
        // Nodes share links when they share a transport object: these share only its ZeroMQ
        // context.
        const options = { transport: { ...transport } }
        const node = await library.createNode({ cluster, peers: [self] }, pid, options)
        nodes.push(node)
        node.inbox.subscribe(() => received++)
        return { pid, endpoint: await firstValueFrom(node.bound()) }
      }
      return Promise.all(pids.map(open))
    },

    /** Adds the same peer to every node. */
    addPeer: (peer) => nodes.forEach((node) => node.addPeer(peer)),

    /** Waits until every node has its link up. */
    ready: async () => {
      await Promise.all(nodes.map((node) => firstValueFrom(node.ready())))
    },

    received: () => received,
  },
  () => ({ nodes: nodes.length, received }),
)
