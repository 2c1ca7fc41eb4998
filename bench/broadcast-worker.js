// The node that broadcasts, or some of the receivers, in a process of their own.
import { library, rxjs } from './adapters.js'
import { nowMs, serve } from './worker-pool.js'

const { BROADCAST, createNode } = library
const { firstValueFrom } = rxjs

/** The configured endpoint; the real port is chosen by the system. */
const UNUSED_ENDPOINT = 'tcp://127.0.0.1:1'

/** The sender keeps every queue below this, as backpressure would; a queue holds 5,000. */
const QUEUE = 4_000

let nodes = []
let expected = 0
let received = 0
let allReceived = () => undefined
let all

serve(
  {
    open: async ({ pids }) => {
      const open = (pid) =>
        createNode(
          {
            cluster: 'broadcast',
            peers: [{ pid, endpoint: UNUSED_ENDPOINT, bind: 'tcp://127.0.0.1:0' }],
          },
          pid,
        )
      nodes = await Promise.all(pids.map(open))
      for (const node of nodes) {
        let next = 0
        node.inbox.subscribe(({ msg: { sequence } }) => {
          // Each message arrives once and in order; a run begins with 0.
          if (sequence !== next && sequence !== 0)
            throw new Error(`${node.pid} expected ${next}, got ${sequence}`)
          next = sequence + 1
          if (++received === expected) allReceived(nowMs())
        })
      }
      return Promise.all(
        nodes.map(async (node) => ({
          pid: node.pid,
          endpoint: await firstValueFrom(node.bound()),
        })),
      )
    },

    connect: async (peers) => {
      for (const node of nodes) {
        node.peers.next(
          new Map(peers.filter(({ pid }) => pid !== node.pid).map((peer) => [peer.pid, peer])),
        )
      }
      await Promise.all(nodes.map((node) => firstValueFrom(node.ready())))
    },

    /** Sets the number of broadcasts that each node of this process will receive. */
    expect: ({ broadcasts }) => {
      received = 0
      expected = broadcasts * nodes.length
      all = new Promise((resolve) => (allReceived = resolve))
    },

    /** @returns when the last of them arrived */
    received: () => all,

    /** Broadcasts at full speed. @returns when it began */
    send: async ({ broadcasts }) => {
      const startMs = nowMs()
      await broadcastAll(broadcasts, (sequence) => {
        return {
          type: 'append',
          term: 7,
          leader: 1,
          sequence,
          prevIndex: sequence - 1,
          commit: 12,
          ok: true,
        }
      })
      return { startMs }
    },

    /** Broadcasts messages with a property that counts its reads. */
    sendCounted: async ({ broadcasts }) => {
      let reads = 0
      await broadcastAll(broadcasts, (sequence) => {
        return {
          get type() {
            reads++
            return 'append'
          },
          sequence,
        }
      })
      return { reads }
    },
  },
  () => ({ received, expected }),
)

async function broadcastAll(broadcasts, messageOf) {
  const [node] = nodes
  let sequence = 0
  while (sequence < broadcasts) {
    let queued = 0
    for (const peer of node.stats().peers.values()) queued = Math.max(queued, peer.queued)
    const end = Math.min(broadcasts, sequence + Math.max(0, QUEUE - queued))
    while (sequence < end) node.outbox.next({ pid: BROADCAST, msg: messageOf(sequence++) })
    await new Promise((resolve) => setImmediate(resolve))
  }
}
