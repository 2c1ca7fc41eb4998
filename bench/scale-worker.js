// Some nodes of a scale run, in a process of their own.
import { firstValueFrom } from 'rxjs'
import { BROADCAST, createNode } from '../dist/index.js'
import { nowMs, serve } from './crew.js'

/** Where nobody listens: a node tells where it listens only once it does. */
const NOWHERE = 'tcp://127.0.0.1:1'

let nodes = []
let pids = []
/** All nodes of all processes, numbered from 1 up. */
let population = 0
let rounds = 0
let expected = 0
let delivered = 0
let duplicated = 0
let dead = 0
let usageBefore
/** A bit for each envelope that has to come: receiver, sender, round. */
let seen = new Uint8Array(0)
let allDelivered = () => undefined

serve(
  {
    /** Opens nodes, and tells where they listen. */
    open: async (settings) => {
      ;({ pids, population, rounds } = settings)
      const bufSize = Math.max(5_000, rounds)
      const open = (pid) =>
        createNode({ cluster: 'scale', peers: [{ pid, endpoint: NOWHERE, bind: 'tcp://127.0.0.1:0' }], bufSize }, pid)
      nodes = await Promise.all(pids.map(open))
      expected = pids.length * (population - 1) * rounds
      seen = new Uint8Array(Math.ceil((pids.length * population * rounds) / 8))
      for (const [index, node] of nodes.entries()) {
        node.inbox.subscribe(({ pid, msg }) => take(index, pid, msg))
        node.deadLetters.subscribe(() => dead++)
      }
      return Promise.all(nodes.map(async (node) => ({ pid: node.pid, endpoint: await firstValueFrom(node.bound()) })))
    },

    /** Everybody is a peer of everybody. */
    join: async (all) => {
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

    /** Every node broadcasts, in as many rounds. */
    broadcast: async () => {
      const all = new Promise((resolve) => (allDelivered = resolve))
      const startMs = nowMs()
      usageBefore = process.cpuUsage()
      for (let round = 0; round < rounds; round++) {
        for (const node of nodes) {
          node.outbox.next({ pid: BROADCAST, msg: { type: 'append', term: 7, leader: node.pid, round, commit: 12, ok: true } })
        }
        if (round < rounds - 1) await new Promise((resolve) => setImmediate(resolve))
      }
      return { startMs, endMs: expected === 0 ? startMs : await all }
    },

    /** What has come so far, the processor time since the first broadcast, and the most memory that this process ever had. */
    count: () => {
      const { user, system } = process.cpuUsage(usageBefore)
      return { delivered, duplicated, dead, cpuSeconds: (user + system) / 1e6, rssMb: process.resourceUsage().maxRSS / 1024 }
    },
  },
  () => ({ up: upLinks(), delivered, expected, dead }),
)

/** Takes one envelope in; each has to come exactly once. */
function take(receiver, sender, { leader, round }) {
  if (leader !== sender || !(sender >= 1 && sender <= population) || !(round >= 0 && round < rounds)) {
    throw new Error(`${pids[receiver]} received what nobody sent: ${JSON.stringify({ sender, leader, round })}`)
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
  // Once mail flows there is nothing to tell, and nothing to spend on it.
  if (delivered === 0) for (const { links } of nodes) for (const state of links.value.values()) if (state === 'up') up++
  return up
}
