/** The CPU time of a node without traffic. */
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { WorkerPool } from './worker-pool.js'

const SINGLE_NODE = fileURLToPath(new URL('single-node-worker.js', import.meta.url))
const MANY_NODES = fileURLToPath(new URL('many-nodes-worker.js', import.meta.url))

/** Work that connecting left behind is done by then. */
const SETTLE_MS = 3_000

const GOAL_PERCENT = 3

export const about = 'an idle node: the share of one core that it takes'

export const options = {
  peers: { default: 200, about: 'peers that are up, each with a connection of its own' },
  seconds: { default: 20, about: 'how long it is measured' },
}

export async function run({ peers: count, seconds }, log) {
  const pool = new WorkerPool({ stallTimeoutMs: 60_000 + seconds * 1_000 })
  try {
    const single = pool.start(SINGLE_NODE)
    const many = pool.start(MANY_NODES)
    const self = await single.call('open', { pid: 1, cluster: 'idle' })
    const pids = Array.from({ length: count }, (_, index) => index + 2)
    const peers = await many.call('open', { pids, cluster: 'idle' })
    await many.call('addPeer', self)
    await single.call('connect', peers)
    await many.call('ready')
    log(`${count} peers are up`)
    await sleep(SETTLE_MS)
    const { share } = await single.call('idle', { seconds })
    return {
      name: 'idle',
      peers: count,
      seconds,
      percentOfOneCore: Math.round(share * 10_000) / 100,
    }
  } finally {
    pool.terminate()
  }
}

export const figures = { percentOfOneCore: 'lower' }

/** One measurement. */
export async function measure(settings, log) {
  const { percentOfOneCore } = await run(settings, log)
  return { percentOfOneCore }
}

/** Draws the result of `run`. */
export function lines({ peers, seconds, percentOfOneCore }) {
  return [
    `  ${peers} peers, for ${seconds} s: ${percentOfOneCore} % of one core (goal < ${GOAL_PERCENT} %)`,
  ]
}
