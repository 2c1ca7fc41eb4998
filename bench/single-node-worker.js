// One node in a process of its own, whose memory is measured. Started with --expose-gc.
import { library, removePeer, rxjs } from './adapters.js'
import { serve } from './worker-pool.js'
import { setTimeout as sleep } from 'node:timers/promises'

const { createNode } = library
const { firstValueFrom } = rxjs

/** The configured endpoint; the real port is chosen by the system. */
const UNUSED_ENDPOINT = 'tcp://127.0.0.1:1'

/**
 * While peers are added and removed, every seventh stays. When eight stay, the run waits until the
 * reachable ones are up, and removes them.
 */
const KEEP_EVERY = 7
const KEPT_MAX = 8

/** Peers changed per turn of the event loop. */
const PER_TURN = 8

let node
let changed = 0
let cameUp = 0

serve(
  {
    open: async ({ pid, cluster, limits }) => {
      node = await createNode(
        { cluster, peers: [{ pid, endpoint: UNUSED_ENDPOINT, bind: 'tcp://127.0.0.1:0' }] },
        pid,
        limits,
      )
      node.inbox.subscribe(() => undefined)
      node.events.subscribe(({ type, state }) => {
        if (type === 'link' && state === 'up') cameUp++
      })
      return { pid, endpoint: await firstValueFrom(node.bound()) }
    },

    /** Sets the peers, and waits until their links are up. */
    connect: async (peers) => {
      node.peers.next(new Map(peers.map((peer) => [peer.pid, peer])))
      await firstValueFrom(node.ready(peers.length))
    },

    removePeers: () => node.peers.next(new Map()),

    /** @returns the memory of this process after garbage collection */
    measureMemory: async () => {
      for (let round = 0; round < 4; round++) {
        globalThis.gc()
        await sleep(100)
      }
      const { rss, heapUsed, external } = process.memoryUsage()
      return { rss, heapUsed, external }
    },

    /** @returns the share of one core that all threads of this process take */
    idle: async ({ seconds }) => {
      const startMs = performance.now()
      const before = process.cpuUsage()
      await sleep(seconds * 1000)
      const { user, system } = process.cpuUsage(before)
      return { share: (user + system) / 1000 / (performance.now() - startMs) }
    },

    /** Queues envelopes for a peer that is down. */
    queue: async ({ envelopes }) => {
      node.addPeer({ pid: 2, endpoint: 'tcp://127.0.0.1:9' })
      for (let sequence = 0; sequence < envelopes; sequence++) {
        const msg = {
          type: 'append',
          term: 7,
          leader: 1,
          sequence,
          prevIndex: sequence - 1,
          commit: 12,
          ok: true,
        }
        node.outbox.next({ pid: 2, msg })
        if (sequence % 1_000 === 999) await new Promise((resolve) => setImmediate(resolve))
      }
      return node.stats().peers.get(2)
    },

    /** Adds and removes peers, of which every second is unreachable. */
    churn: async ({ rounds, reachable, unreachable }) => {
      const peers = reachable.flatMap((peer, index) => [peer, unreachable[index]])
      const kept = []
      for (let index = 0; index < rounds; index++) {
        const peer = peers[index % peers.length]
        node.addPeer(peer)
        if (index % KEEP_EVERY === 0) kept.push(peer)
        else removePeer(node, peer.pid)
        if (kept.length === KEPT_MAX || index === rounds - 1) {
          await firstValueFrom(node.ready(kept.filter((peer) => reachable.includes(peer)).length))
          for (const { pid } of kept.splice(0)) removePeer(node, pid)
        }
        changed++
        if (index % PER_TURN === PER_TURN - 1) await new Promise((resolve) => setImmediate(resolve))
      }
      return { cameUp }
    },

    /** Delivers one envelope to a reachable peer. */
    deliverOne: async (peer) => {
      node.addPeer(peer)
      await firstValueFrom(node.ready(1))
      await firstValueFrom(node.deliver({ pid: peer.pid, msg: 'hello' }))
      removePeer(node, peer.pid)
    },
  },
  () => ({ links: upLinks(), cameUp, changed }),
)

function upLinks() {
  return [...(node?.links.value.values() ?? [])].filter((link) => (link.state ?? link) === 'up')
    .length
}
