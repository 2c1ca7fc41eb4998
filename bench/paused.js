/**
 * A node pauses while a peer sends at full speed: memory is bounded, nothing is lost, others are
 * unaffected.
 */
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { WorkerPool } from './worker-pool.js'

const WORKER = fileURLToPath(new URL('paused-worker.js', import.meta.url))

/** Node 1 sends, node 2 pauses, and node 1 pings these. */
const OTHERS = [3, 4, 5, 6, 7, 8, 9]

/** Pings the same nodes, unaffected by the pause: it shows changes of the machine's load. */
const CONTROL = 10

/** Seconds of traffic before the measurement. */
const WARM_SECONDS = 4

/** Resident memory may grow by this factor of the queued bytes, plus this many bytes. */
const GOAL_FACTOR = 1.5
const GOAL_BYTES = 64 * 2 ** 20

/**
 * The 99th percentile may grow by this factor during the pause, times the growth of the control.
 */
const GOAL_LATENCY = 2

/** Every queue is bounded by bytes, and no envelope expires. */
const LIMITS = {
  bufSize: 1_000_000,
  bufBytes: 64 * 2 ** 20,
  windowBytes: 8 * 2 ** 20,
  ttlMs: 2 ** 31 - 1,
}

/**
 * How node 1 sends: concurrent deliveries, or into the outbox, where a full queue drops entries.
 */
const VARIANTS = [
  { variant: 'deliver, 64 at a time', inFlight: 64 },
  { variant: 'deliver, 4,000 at a time', inFlight: 4_000 },
  { variant: 'deliver, 64 at a time, to boundedMergeMap', inFlight: 64, isBounded: true },
  { variant: 'deliver, 4,000 at a time, to boundedMergeMap', inFlight: 4_000, isBounded: true },
  { variant: 'outbox, drop-newest', inFlight: 0, overflow: 'drop-newest' },
  { variant: 'outbox, drop-oldest', inFlight: 0, overflow: 'drop-oldest' },
]

export const about = 'a node pauses while a peer keeps sending'

export const options = {
  seconds: { default: 60, about: 'how long it pauses' },
  bytes: { default: 1_000, about: 'size of a message' },
}

export async function run({ seconds, bytes }, log) {
  const variants = []
  for (const variant of VARIANTS) {
    const result = await pausedRun(variant, { seconds, bytes })
    log(lineOf(result))
    variants.push(result)
  }
  if (variants.some(({ ok }) => !ok)) process.exitCode = 1
  return { name: 'paused', seconds, bytes, variants, ok: variants.every(({ ok }) => ok) }
}

export function lines({ variants }) {
  return variants.map((result) => `  ${lineOf(result)}`)
}

function lineOf({ variant, waiting, growth, goal, latency, lost, delivered, dropped, ok }) {
  const mib = (size) => `${Math.round(size / 2 ** 20)} MiB`
  return [
    `${variant}: ${mib(waiting.bytes)} queued`,
    `sender grew by ${mib(growth.sender)} (goal <= ${mib(goal.sender)})`,
    `paused node by ${mib(growth.paused)} (goal <= ${mib(goal.paused)})`,
    `p99 of others ${latency.during.p99Ms} ms, ${latency.before.p99Ms} ms before (goal < ${latency.goalMs} ms)`,
    `${delivered.toLocaleString('en-US')} delivered, ${dropped.toLocaleString('en-US')} dropped, lost ${lost}${ok ? '' : ': NOT OK'}`,
  ].join(', ')
}

async function pausedRun(
  { variant, inFlight, isBounded = false, overflow = 'drop-newest' },
  { seconds, bytes },
) {
  const pool = new WorkerPool({ stallTimeoutMs: 60_000 + seconds * 1_000 })
  try {
    const start = () => pool.start(WORKER, { execArgv: ['--expose-gc'] })
    const [sender, paused, others, control] = [start(), start(), start(), start()]
    const open = (worker, pids) => worker.call('open', { pids, limits: { ...LIMITS, overflow } })
    const opened = await Promise.all([
      open(sender, [1]),
      open(paused, [2]),
      open(others, OTHERS),
      open(control, [CONTROL]),
    ])
    await others.call('echo')
    await paused.call('receive', { isBounded })
    await pool.callAll('connect', opened.flat())
    const ping = async (forSeconds) => {
      const command = { pids: OTHERS, seconds: forSeconds }
      const [own, other] = await Promise.all([
        sender.call('ping', command),
        control.call('ping', command),
      ])
      return { ...own, controlP99Ms: other.p99Ms }
    }

    const quiet = await ping(Math.min(2, seconds))
    await sender.call('start', { inFlight, bytes })
    await sleep(Math.min(WARM_SECONDS, seconds) * 1_000)
    const before = await ping(Math.min(10, seconds))
    await sender.call('stop')
    await sender.call('drain')
    const light = {
      sender: await sender.call('measureMemory'),
      paused: await paused.call('measureMemory'),
    }

    await paused.call('pause', { isBounded })
    await sender.call('start', { inFlight, bytes })
    const during = await ping(seconds)
    await sender.call('stop')
    const { queued, unacknowledged } = await sender.call('waiting')
    const heavy = {
      sender: await sender.call('measureMemory'),
      paused: await paused.call('measureMemory'),
    }

    await paused.call('resume')
    await sender.call('drain')
    const { delivered, dead } = await sender.call('waiting')
    const { sent, receipts, failures } = await sender.call('count')
    const { received, disorder } = await paused.call('count')
    const waiting = { queued, unacknowledged, bytes: (queued + unacknowledged) * bytes }
    const allowed = (size) => Math.round(GOAL_FACTOR * size + GOAL_BYTES)
    const growth = { sender: heavy.sender - light.sender, paused: heavy.paused - light.paused }
    const goal = { sender: allowed(waiting.bytes), paused: allowed(unacknowledged * bytes) }
    const machine = Math.max(1, during.controlP99Ms / before.controlP99Ms)
    const latencyGoal = Math.round(GOAL_LATENCY * machine * before.p99Ms * 1000) / 1000
    const lost = sent - dead - received
    const ok =
      lost === 0 &&
      disorder === 0 &&
      delivered === received &&
      (inFlight === 0 || (failures === 0 && dead === 0 && receipts === sent)) &&
      growth.sender <= goal.sender &&
      growth.paused <= goal.paused &&
      during.p99Ms < latencyGoal
    const latency = { quiet, before, during, goalMs: latencyGoal }
    return {
      variant,
      waiting,
      growth,
      goal,
      latency,
      sent,
      delivered,
      dropped: dead,
      received,
      lost,
      disorder,
      receipts,
      failures,
      ok,
    }
  } finally {
    pool.terminate()
  }
}
