/** One node to many: envelopes per second, what one more peer costs, and how often a message is read for them all. */
import { fileURLToPath } from 'node:url'
import { Crew } from './crew.js'

const WORKER = fileURLToPath(new URL('broadcast-worker.js', import.meta.url))

const SIZES = [1, 4, 9, 49]

/** The peers are in as many processes, where there are enough of them. */
const RECEIVERS = 2

const COUNTED = 100

export const about = 'one node to many, messages encoded once'

export const options = {
  envelopes: { default: 400_000, about: 'envelopes that arrive per run, at all peers together' },
  runs: { default: 3, about: 'runs of each; the figure is their median' },
}

export async function run({ envelopes, runs }, say) {
  const sizes = []
  for (const peers of SIZES) {
    const size = await broadcast({ peers, envelopes, runs })
    say(`to ${peers}: ${size.perSecond.toLocaleString('en-US')}/s`)
    sizes.push(size)
  }
  const one = sizes[0]
  const most = sizes.at(-1)
  const microsPerExtraPeer = round((most.microsPerBroadcast - one.microsPerBroadcast) / (most.peers - one.peers))
  return { name: 'broadcast', envelopes, runs, sizes, microsPerExtraPeer }
}

export function lines({ sizes, microsPerExtraPeer }) {
  const rows = sizes.map(
    ({ peers, perSecond, microsPerBroadcast, readsPerBroadcast }) =>
      `  to ${String(peers).padStart(2)}  ${perSecond.toLocaleString('en-US').padStart(12)} envelopes/s, ` +
      `${String(microsPerBroadcast).padStart(6)} µs per broadcast, each property read ${readsPerBroadcast} times`,
  )
  return [...rows, `  each further peer costs ${microsPerExtraPeer} µs per broadcast (goal: reads do not grow with the peers)`]
}

/** One number of peers. */
async function broadcast({ peers: count, envelopes, runs }) {
  const crew = new Crew()
  try {
    const sender = crew.hire(WORKER)
    const pids = Array.from({ length: count }, (_, index) => index + 2)
    const receivers = Array.from({ length: Math.min(RECEIVERS, count) }, () => crew.hire(WORKER))
    const open = (worker, index) => worker.ask('open', { pids: pids.filter((pid) => pid % receivers.length === index) })
    const [me] = await sender.ask('open', { pids: [1] })
    const peers = (await Promise.all(receivers.map(open))).flat()
    await Promise.all([sender.ask('join', peers), ...receivers.map((worker) => worker.ask('join', [me]))])
    const once = async (order, broadcasts) => {
      await Promise.all(receivers.map((worker) => worker.ask('expect', { broadcasts })))
      const ends = receivers.map((worker) => worker.ask('received'))
      const sent = await sender.ask(order, { broadcasts })
      return { ...sent, endMs: Math.max(...(await Promise.all(ends))) }
    }
    const broadcasts = Math.ceil(envelopes / count)
    const { reads } = await once('sendCounted', COUNTED)
    const tookMs = []
    // The first run only warms up.
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
    crew.dismiss()
  }
}

function round(value) {
  return Math.round(value * 100) / 100
}
