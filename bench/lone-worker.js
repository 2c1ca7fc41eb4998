// One node in a process of its own, which is weighed. Started with --expose-gc.
import { createNode } from '../dist/index.js'
import { firstValueFrom } from 'rxjs'
import { serve } from './crew.js'
import { setTimeout as sleep } from 'node:timers/promises'

const NOWHERE = 'tcp://127.0.0.1:1'

/** Of the peers that come and go one in so many stays, until so many do and those of them that are there have come up. */
const ONE_STAYS_OF = 7
const STAY = 8

/** The event loop has its turn after so many. */
const PER_TURN = 8

let node
let changed = 0
let cameUp = 0

serve(
  {
    open: async ({ pid, cluster, limits }) => {
      node = await createNode({ cluster, peers: [{ pid, endpoint: NOWHERE, bind: 'tcp://127.0.0.1:0' }] }, pid, limits)
      node.inbox.subscribe(() => undefined)
      node.events.subscribe(({ type, state }) => {
        if (type === 'link' && state === 'up') cameUp++
      })
      return { pid, endpoint: await firstValueFrom(node.bound()) }
    },

    /** These are my peers, and they are up. */
    join: async (peers) => {
      node.peers.next(new Map(peers.map((peer) => [peer.pid, peer])))
      await firstValueFrom(node.ready(peers.length))
    },

    leave: () => node.peers.next(new Map()),

    /** What this process holds when all that is garbage has been collected. */
    weigh: async () => {
      for (let round = 0; round < 4; round++) {
        globalThis.gc()
        await sleep(100)
      }
      const { rss, heapUsed, external } = process.memoryUsage()
      return { rss, heapUsed, external }
    },

    /** The share of one core that it takes for so long, all its threads together. */
    idle: async ({ seconds }) => {
      const startMs = performance.now()
      const before = process.cpuUsage()
      await sleep(seconds * 1000)
      const { user, system } = process.cpuUsage(before)
      return { share: (user + system) / 1000 / (performance.now() - startMs) }
    },

    /** Queues envelopes for a peer that is not there. */
    queue: async ({ envelopes }) => {
      node.addPeer({ pid: 2, endpoint: 'tcp://127.0.0.1:9' })
      for (let sequence = 0; sequence < envelopes; sequence++) {
        const msg = { type: 'append', term: 7, leader: 1, sequence, prevIndex: sequence - 1, commit: 12, ok: true }
        node.outbox.next({ pid: 2, msg })
        if (sequence % 1_000 === 999) await new Promise((resolve) => setImmediate(resolve))
      }
      return node.stats().peers.get(2)
    },

    /** Peers come and go: some are there and some are not, most go at once and some come up. */
    churn: async ({ rounds, there, absent }) => {
      const peers = there.flatMap((peer, index) => [peer, absent[index]])
      const staying = []
      for (let index = 0; index < rounds; index++) {
        const peer = peers[index % peers.length]
        node.addPeer(peer)
        if (index % ONE_STAYS_OF === 0) staying.push(peer)
        else node.delPeer(peer.pid)
        if (staying.length === STAY || index === rounds - 1) {
          await firstValueFrom(node.ready(staying.filter((one) => there.includes(one)).length))
          for (const { pid } of staying.splice(0)) node.delPeer(pid)
        }
        changed++
        if (index % PER_TURN === PER_TURN - 1) await new Promise((resolve) => setImmediate(resolve))
      }
      return { cameUp }
    },

    /** One envelope to a peer that is there. */
    greet: async (peer) => {
      node.addPeer(peer)
      await firstValueFrom(node.ready(1))
      await firstValueFrom(node.deliver({ pid: peer.pid, msg: 'hello' }))
      node.delPeer(peer.pid)
    },
  },
  () => ({ links: upLinks(), cameUp, changed }),
)

function upLinks() {
  return [...(node?.links.value.values() ?? [])].filter((state) => state === 'up').length
}
