/** Adds peers one by one, as a discovery service names them, and all at once. */
import { setTimeout as sleep } from 'node:timers/promises'
import { library } from './adapters.js'
import { nowMs } from './worker-pool.js'

const { memoryTransport, openNode } = library

const COUNTS = [500, 1_000, 2_000, 4_000]

/** Milliseconds to add `GOAL_COUNT` peers one by one. */
const GOAL_COUNT = 2_000
const GOAL_MS = 200

export const about = 'peers added one by one, and as one map'

export const options = {
  times: { default: 5, about: 'nodes that are opened for each count; the median counts' },
}

export async function run({ times }, log) {
  const rows = []
  for (const count of COUNTS) {
    const oneByOne = await median(times, (node) => {
      for (let pid = 1; pid <= count; pid++) node.addPeer(peer(pid))
    })
    const asOneMap = await median(times, (node) => {
      node.peers.next(new Map(Array.from({ length: count }, (_, at) => [at + 1, peer(at + 1)])))
    })
    rows.push({ count, oneByOneMs: oneByOne, asOneMapMs: asOneMap })
    log(`${count} peers were added in ${oneByOne} ms`)
  }
  const goal = rows.find(({ count }) => count === GOAL_COUNT)
  if (goal.oneByOneMs > GOAL_MS) process.exitCode = 1
  return { name: 'peers', rows, goalMs: GOAL_MS }
}

export function lines({ rows, goalMs }) {
  return [
    ...rows.map(({ count, oneByOneMs, asOneMapMs }) => {
      const number = String(count).padStart(5)
      return `${number} peers: one by one ${oneByOneMs} ms, as one map ${asOneMapMs} ms`
    }),
    `goal: ${GOAL_COUNT} peers one by one in ${goalMs} ms`,
  ]
}

async function median(times, add) {
  const all = []
  for (let time = 0; time < times; time++) {
    const transport = memoryTransport({ microtask: queueMicrotask })
    const node = openNode({ peers: [peer(0)] }, 0, { transport })
    const startMs = nowMs()
    add(node)
    all.push(Math.round((nowMs() - startMs) * 10) / 10)
    await node.close()
    await sleep(10)
  }
  return all.sort((a, b) => a - b)[Math.floor(times / 2)]
}

function peer(pid) {
  return { pid, endpoint: `inproc://bench-peers-${pid}` }
}
