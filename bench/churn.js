/** Adds and removes peers, and checks that no descriptors and no memory leak. */
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { WorkerPool, nowMs } from './worker-pool.js'

const SINGLE_NODE = fileURLToPath(new URL('single-node-worker.js', import.meta.url))
const MANY_NODES = fileURLToPath(new URL('many-nodes-worker.js', import.meta.url))

/** Every second peer has an address without a listener. */
const PEERS = 64
const UNUSED_PORT = 2

/** Rounds before the measurement: code is compiled, pools have their size. */
const WARM_ROUNDS = 500

/** Limit for sockets to close after the last peer was removed, and the polling interval. */
const SETTLE_MS = 20_000
const SETTLED_MS = 500

export const about = 'peers added and removed: descriptors and memory are as before'

export const options = {
  rounds: { default: 100_000, about: 'peers that are added and removed' },
}

export async function run({ rounds }, log) {
  const pool = new WorkerPool()
  try {
    const single = pool.start(SINGLE_NODE, { execArgv: ['--expose-gc'] })
    const many = pool.start(MANY_NODES)
    const self = await single.call('open', { pid: 1, cluster: 'churn' })
    const reachable = await many.call('open', {
      pids: Array.from({ length: PEERS / 2 }, (_, index) => index + 2),
      cluster: 'churn',
    })
    await many.call('addPeer', self)
    const unreachable = reachable.map((_, index) => ({
      pid: 1_000 + index,
      endpoint: `tcp://127.0.0.1:${UNUSED_PORT + index}`,
    }))
    await single.call('churn', { rounds: Math.min(rounds, WARM_ROUNDS), reachable, unreachable })
    await single.call('deliverOne', reachable[0])
    const before = { ...(await settled(pool)), ...(await single.call('measureMemory')) }
    const startMs = nowMs()
    const { cameUp } = await single.call('churn', { rounds, reachable, unreachable })
    const seconds = Math.round((nowMs() - startMs) / 100) / 10
    log(`${rounds} peers were added and removed in ${seconds} s, ${cameUp} links came up`)
    const after = {
      ...(await settled(pool, before.descriptors)),
      ...(await single.call('measureMemory')),
    }
    await single.call('deliverOne', reachable[1])
    if (after.descriptors !== before.descriptors) process.exitCode = 1
    const grown = (key) => after[key] - before[key]
    return {
      name: 'churn',
      rounds,
      seconds,
      linksUp: cameUp,
      descriptorsBefore: before.descriptors,
      descriptorsAfter: after.descriptors,
      heapGrowthBytes: grown('heapUsed'),
      externalGrowthBytes: grown('external'),
      rssGrowthBytes: grown('rss'),
      ok: after.descriptors === before.descriptors,
    }
  } finally {
    pool.terminate()
  }
}

export function lines({
  rounds,
  seconds,
  linksUp,
  descriptorsBefore,
  descriptorsAfter,
  heapGrowthBytes,
  externalGrowthBytes,
  rssGrowthBytes,
}) {
  const count = (value) => value.toLocaleString('en-US')
  return [
    `  ${count(rounds)} peers were added and removed in ${seconds} s, ${count(linksUp)} links came up`,
    `  descriptors ${descriptorsBefore ?? 'unknown'} before, ${descriptorsAfter ?? 'unknown'} after (goal: the same)`,
    `  heap grew by ${count(heapGrowthBytes)} bytes, external by ${count(externalGrowthBytes)}, resident by ${count(rssGrowthBytes)}`,
  ]
}

/** Waits until the number of descriptors is `wanted`, or no longer changes. @returns that number */
async function settled(pool, wanted) {
  const untilMs = nowMs() + SETTLE_MS
  for (let last; ;) {
    await sleep(SETTLED_MS)
    const descriptors = pool.descriptors()
    if (descriptors === (wanted ?? last) || nowMs() > untilMs) return { descriptors }
    last = descriptors
  }
}
