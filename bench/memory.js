/** Memory of a node per idle peer that is up, and per queued envelope. */
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { WorkerPool } from './worker-pool.js'

const SINGLE_NODE = fileURLToPath(new URL('single-node-worker.js', import.meta.url))
const MANY_NODES = fileURLToPath(new URL('many-nodes-worker.js', import.meta.url))

const WARM_PEERS = 2

/**
 * Links are up this long before the measurement: handshakes are over, heartbeats were exchanged.
 */
const SETTLE_MS = 500
const SETTLE_MS_PER_PEER = 25

/** Longer than the measurement: no envelope expires. */
const TTL_MS = 600_000

const GOAL_BYTES_PER_IDLE_PEER = 100_000

export const about = 'memory per idle peer, and per queued envelope'

export const options = {
  peers: { default: 200, about: 'peers that are up, each with a connection of its own' },
  envelopes: { default: 100_000, about: 'envelopes of 90 bytes queued for a peer that is down' },
}

export async function run({ peers, envelopes }, log) {
  const idle = await measurePeers(peers)
  log(`${peers} peers: ${idle.rss} bytes each`)
  const queued = await measureEnvelopes(envelopes)
  log(`${envelopes} envelopes: ${queued.rss} bytes each`)
  return {
    name: 'memory',
    peers,
    envelopes,
    bytesPerIdlePeer: idle.rss,
    idlePeer: idle,
    bytesPerQueuedEnvelope: queued.rss,
    queuedEnvelope: queued,
  }
}

export const figures = {
  bytesPerIdlePeer: 'lower',
  heapBytesPerIdlePeer: 'lower',
  bytesPerQueuedEnvelope: 'lower',
  heapBytesPerQueuedEnvelope: 'lower',
}

/** One measurement, resident and in the JavaScript heap. */
export async function measure({ peers, envelopes }) {
  const idle = await measurePeers(peers)
  const queued = await measureEnvelopes(envelopes)
  return {
    bytesPerIdlePeer: idle.rss,
    heapBytesPerIdlePeer: idle.heapUsed,
    bytesPerQueuedEnvelope: queued.rss,
    heapBytesPerQueuedEnvelope: queued.heapUsed,
  }
}

/** Draws the result of `run`. */
export function lines({ peers, envelopes, idlePeer, queuedEnvelope }) {
  const bytes = (value) => value.toLocaleString('en-US')
  const parts = ({ rss, heapUsed, external }) =>
    `${bytes(rss)} bytes resident: heap ${bytes(heapUsed)}, external ${bytes(external)}`
  return [
    `  each of ${peers} idle peers          ${parts(idlePeer)} (goal <= ${bytes(GOAL_BYTES_PER_IDLE_PEER)})`,
    `  each of ${bytes(envelopes)} envelopes   ${parts(queuedEnvelope)}`,
  ]
}

/** The difference between a node with its peers and without. */
async function measurePeers(count) {
  const pool = new WorkerPool()
  try {
    const single = pool.start(SINGLE_NODE, { execArgv: ['--expose-gc'] })
    const many = pool.start(MANY_NODES)
    const pids = Array.from({ length: Math.max(count, WARM_PEERS) }, (_, index) => index + 2)
    const self = await single.call('open', { pid: 1, cluster: 'memory' })
    const peers = await many.call('open', { pids, cluster: 'memory' })
    await many.call('addPeer', self)
    // Compiled code and pools are allocated once per process, not per peer.
    await single.call('connect', peers.slice(0, WARM_PEERS))
    await single.call('removePeers')
    await sleep(SETTLE_MS)
    const before = await single.call('measureMemory')
    await single.call('connect', peers.slice(0, count))
    await many.call('ready')
    await sleep(SETTLE_MS + count * SETTLE_MS_PER_PEER)
    return perUnit(before, await single.call('measureMemory'), count)
  } finally {
    pool.terminate()
  }
}

async function measureEnvelopes(count) {
  const pool = new WorkerPool()
  try {
    const single = pool.start(SINGLE_NODE, { execArgv: ['--expose-gc'] })
    const limits = { bufSize: count, bufBytes: 2 ** 30, ttlMs: TTL_MS }
    await single.call('open', { pid: 1, cluster: 'memory', limits })
    const before = await single.call('measureMemory')
    const { queued } = await single.call('queue', { envelopes: count })
    if (queued !== count) throw new Error(`${queued} of ${count} envelopes are queued`)
    return perUnit(before, await single.call('measureMemory'), count)
  } finally {
    pool.terminate()
  }
}

function perUnit(before, after, count) {
  const each = (key) => Math.round((after[key] - before[key]) / count)
  return { rss: each('rss'), heapUsed: each('heapUsed'), external: each('external') }
}
