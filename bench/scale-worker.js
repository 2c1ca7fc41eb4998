// Some nodes of a scale run, in a process of their own.
import { library, rxjs } from './adapters.js'
import { nowMs, serve } from './worker-pool.js'

const { BROADCAST, createNode } = library
const { firstValueFrom } = rxjs

/** The configured endpoint; the real port is chosen by the system. */
const UNUSED_ENDPOINT = 'tcp://127.0.0.1:1'

let nodes = []
let pids = []
/** The number of nodes in all processes; their pids begin with 1. */
let population = 0
let rounds = 0
let expected = 0
let delivered = 0
let duplicated = 0
let dead = 0
let usageBefore
/** A bit for each expected envelope: receiver, sender, round. */
let seen = new Uint8Array(0)
let allDelivered = () => undefined

serve(
  {
    /** Opens nodes. @returns their endpoints */
    open: async (settings) => {
      ;({ pids, population, rounds } = settings)
      const bufSize = Math.max(5_000, rounds)
      const open = (pid) =>
        createNode(
          {
            cluster: 'scale',
            peers: [{ pid, endpoint: UNUSED_ENDPOINT, bind: 'tcp://127.0.0.1:0' }],
            bufSize,
          },
          pid,
        )
      nodes = await Promise.all(pids.map(open))
      expected = pids.length * (population - 1) * rounds
      seen = new Uint8Array(Math.ceil((pids.length * population * rounds) / 8))
      for (const [index, node] of nodes.entries()) {
        node.inbox.subscribe(({ pid, msg }) => receive(index, pid, msg))
        node.deadLetters.subscribe(() => dead++)
      }
      return Promise.all(
        nodes.map(async (node) => ({
          pid: node.pid,
          endpoint: await firstValueFrom(node.bound()),
        })),
      )
    },

    /** Makes every node a peer of every other. */
    connect: async (all) => {
      const peers = new Map(all.map((peer) => [peer.pid, peer]))
      const ready = nodes.map((node) => firstValueFrom(node.ready(population - 1)))
      for (const node of nodes) {
        const others = new Map(peers)
        others.delete(node.pid)
        node.peers.next(others)
      }
      await Promise.all(ready)
      return { endMs: nowMs() }
    },

    /** Every node broadcasts once per round. */
    broadcast: async () => {
      const all = new Promise((resolve) => (allDelivered = resolve))
      const startMs = nowMs()
      usageBefore = process.cpuUsage()
      for (let round = 0; round < rounds; round++) {
        for (const node of nodes) {
          node.outbox.next({
            pid: BROADCAST,
            msg: { type: 'append', term: 7, leader: node.pid, round, commit: 12, ok: true },
          })
        }
        if (round < rounds - 1) await new Promise((resolve) => setImmediate(resolve))
      }
      return { startMs, endMs: expected === 0 ? startMs : await all }
    },

    /** @returns the counts so far, the CPU time since the first broadcast, and the peak memory */
    count: () => {
      const { user, system } = process.cpuUsage(usageBefore)
      return {
        delivered,
        duplicated,
        dead,
        cpuSeconds: (user + system) / 1e6,
        rssMb: process.resourceUsage().maxRSS / 1024,
      }
    },
  },
  () => ({ up: upLinks(), delivered, expected, dead }),
)

/** Checks one envelope; each must arrive exactly once. */
function receive(receiver, sender, { leader, round }) {
  if (
    leader !== sender ||
    !(sender >= 1 && sender <= population) ||
    !(round >= 0 && round < rounds)
  ) {
    throw new Error(
      `${pids[receiver]} received a message that was never sent: ${JSON.stringify({ sender, leader, round })}`,
    )
  }
  const bit = (receiver * population + sender - 1) * rounds + round
  const mask = 1 << (bit & 7)
  if ((seen[bit >> 3] & mask) !== 0) {
    duplicated++
    return
  }
  seen[bit >> 3] |= mask
  if (++delivered === expected) allDelivered(nowMs())
}

function upLinks() {
  let up = 0
  // Progress of the links matters until envelopes arrive; later it would cost CPU time.
  if (delivered === 0)
    for (const { links } of nodes)
      for (const state of links.value.values()) if (state === 'up') up++
  return up
}
