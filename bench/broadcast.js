/** Broadcasts: envelopes per second, the cost of one more peer, and property reads per message. */
import { fileURLToPath } from 'node:url'
import { WorkerPool } from './worker-pool.js'

const WORKER = fileURLToPath(new URL('broadcast-worker.js', import.meta.url))

const SIZES = [1, 4, 9, 49]

/** Processes that share the peers. */
const RECEIVERS = 2

/** Broadcasts whose property reads are counted. */
const COUNTED = 100

export const about = 'one node to many, messages encoded once'

export const options = {
  envelopes: { default: 400_000, about: 'envelopes received per run, by all peers together' },
  runs: { default: 3, about: 'runs of each; the figure is their median' },
}

export async function run({ envelopes, runs }, log) {
  const sizes = []
  for (const peers of SIZES) {
    const size = await broadcast({ peers, envelopes, runs })
    log(`to ${peers}: ${size.perSecond.toLocaleString('en-US')}/s`)
    sizes.push(size)
  }
  const one = sizes[0]
  const most = sizes.at(-1)
  const microsPerExtraPeer = round(
    (most.microsPerBroadcast - one.microsPerBroadcast) / (most.peers - one.peers),
  )
  return { name: 'broadcast', envelopes, runs, sizes, microsPerExtraPeer }
}

export const figures = { perSecondToMost: 'higher', microsPerExtraPeer: 'lower' }

/** One run of each size. */
export async function measure({ envelopes }, log) {
  const { sizes, microsPerExtraPeer } = await run({ envelopes, runs: 1 }, log)
  return { perSecondToMost: sizes.at(-1).perSecond, microsPerExtraPeer }
}

/** Draws the result of `run`. */
export function lines({ sizes, microsPerExtraPeer }) {
  const rows = sizes.map(
    ({ peers, perSecond, microsPerBroadcast, readsPerBroadcast }) =>
      `  to ${String(peers).padStart(2)}  ${perSecond.toLocaleString('en-US').padStart(12)} envelopes/s, ` +
      `${String(microsPerBroadcast).padStart(6)} µs per broadcast, each property read ${readsPerBroadcast} times`,
  )
  return [
    ...rows,
    `  each further peer costs ${microsPerExtraPeer} µs per broadcast (goal: reads do not grow with the peers)`,
  ]
}

/** Measures one number of peers. */
async function broadcast({ peers: count, envelopes, runs }) {
  const pool = new WorkerPool()
  try {
    const sender = pool.start(WORKER)
    const pids = Array.from({ length: count }, (_, index) => index + 2)
    const receivers = Array.from({ length: Math.min(RECEIVERS, count) }, () => pool.start(WORKER))
    const open = (worker, index) =>
      worker.call('open', { pids: pids.filter((pid) => pid % receivers.length === index) })
    const [self] = await sender.call('open', { pids: [1] })
    const peers = (await Promise.all(receivers.map(open))).flat()
    await Promise.all([
      sender.call('connect', peers),
      ...receivers.map((worker) => worker.call('connect', [self])),
    ])
    const once = async (command, broadcasts) => {
      await Promise.all(receivers.map((worker) => worker.call('expect', { broadcasts })))
      const ends = receivers.map((worker) => worker.call('received'))
      const sent = await sender.call(command, { broadcasts })
      return { ...sent, endMs: Math.max(...(await Promise.all(ends))) }
    }
    const broadcasts = Math.ceil(envelopes / count)
    const { reads } = await once('sendCounted', COUNTED)
    const tookMs = []
    // Run 0 warms up.
    for (let index = 0; index <= runs; index++) {
      const { startMs, endMs } = await once('send', broadcasts)
      if (index > 0) tookMs.push(endMs - startMs)
    }
    const ms = tookMs.toSorted((a, b) => a - b)[Math.floor(runs / 2)]
    return {
      peers: count,
      broadcasts,
      perSecond: Math.round((broadcasts * count) / (ms / 1000)),
      microsPerBroadcast: round((ms * 1000) / broadcasts),
      readsPerBroadcast: round(reads / COUNTED),
    }
  } finally {
    pool.terminate()
  }
}

function round(value) {
  return Math.round(value * 100) / 100
}
