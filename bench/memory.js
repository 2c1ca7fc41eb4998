/** What a peer that is up and silent takes of a node's memory, and what an envelope takes that waits. */
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { Crew } from './crew.js'

const LONE = fileURLToPath(new URL('lone-worker.js', import.meta.url))
const CROWD = fileURLToPath(new URL('crowd-worker.js', import.meta.url))

const WARM_PEERS = 2

/** Links are up for so long before they are weighed: what greeting takes is gone by then, and heartbeats have been exchanged. */
const SETTLE_MS = 500
const SETTLE_MS_PER_PEER = 25

/** An envelope may wait longer than this takes. */
const TTL_MS = 600_000

const GOAL_BYTES_PER_IDLE_PEER = 100_000

export const about = 'memory per silent peer, and per envelope that waits'

export const options = {
  peers: { default: 200, about: 'peers that are up, each with a connection of its own' },
  envelopes: { default: 100_000, about: 'envelopes of 90 bytes that wait for a peer that is down' },
}

export async function run({ peers, envelopes }, say) {
  const idle = await weighPeers(peers)
  say(`${peers} peers: ${idle.rss} bytes each`)
  const queued = await weighEnvelopes(envelopes)
  say(`${envelopes} envelopes: ${queued.rss} bytes each`)
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

export function lines({ peers, envelopes, idlePeer, queuedEnvelope }) {
  const bytes = (value) => value.toLocaleString('en-US')
  const parts = ({ rss, heapUsed, external }) => `${bytes(rss)} bytes resident: heap ${bytes(heapUsed)}, external ${bytes(external)}`
  return [
    `  each of ${peers} silent peers        ${parts(idlePeer)} (goal <= ${bytes(GOAL_BYTES_PER_IDLE_PEER)})`,
    `  each of ${bytes(envelopes)} envelopes   ${parts(queuedEnvelope)}`,
  ]
}

/** The node with its peers against the node without. */
async function weighPeers(count) {
  const crew = new Crew()
  try {
    const lone = crew.hire(LONE, { execArgv: ['--expose-gc'] })
    const crowd = crew.hire(CROWD)
    const pids = Array.from({ length: Math.max(count, WARM_PEERS) }, (_, index) => index + 2)
    const me = await lone.ask('open', { pid: 1, cluster: 'memory' })
    const peers = await crowd.ask('open', { pids, cluster: 'memory' })
    await crowd.ask('know', me)
    // What every node takes once, code above all, is not the peers'.
    await lone.ask('join', peers.slice(0, WARM_PEERS))
    await lone.ask('leave')
    await sleep(SETTLE_MS)
    const before = await lone.ask('weigh')
    await lone.ask('join', peers.slice(0, count))
    await crowd.ask('ready')
    await sleep(SETTLE_MS + count * SETTLE_MS_PER_PEER)
    return perUnit(before, await lone.ask('weigh'), count)
  } finally {
    crew.dismiss()
  }
}

async function weighEnvelopes(count) {
  const crew = new Crew()
  try {
    const lone = crew.hire(LONE, { execArgv: ['--expose-gc'] })
    const limits = { bufSize: count, bufBytes: 2 ** 30, ttlMs: TTL_MS }
    await lone.ask('open', { pid: 1, cluster: 'memory', limits })
    const before = await lone.ask('weigh')
    const { queued } = await lone.ask('queue', { envelopes: count })
    if (queued !== count) throw new Error(`${queued} of ${count} envelopes wait`)
    return perUnit(before, await lone.ask('weigh'), count)
  } finally {
    crew.dismiss()
  }
}

function perUnit(before, after, count) {
  const each = (key) => Math.round((after[key] - before[key]) / count)
  return { rss: each('rss'), heapUsed: each('heapUsed'), external: each('external') }
}
