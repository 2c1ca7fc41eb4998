/** One node pauses while a peer sends to it at full speed: memory stays bounded, nothing is lost, the others notice nothing. */
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { Crew } from './crew.js'

const WORKER = fileURLToPath(new URL('paused-worker.js', import.meta.url))

/** Node 1 sends, node 2 pauses, and these are pinged by node 1. */
const OTHERS = [3, 4, 5, 6, 7, 8, 9]

/** It pings the same nodes and has nothing to do with the pause: what changes for it too is the machine's doing. */
const BYSTANDER = 10

/** Mail flows for so long before anything is measured. */
const WARM_SECONDS = 4

/** Resident memory may grow by so much of what waits, and by so many bytes besides. */
const GOAL_FACTOR = 1.5
const GOAL_BYTES = 64 * 2 ** 20

/** During the pause the 99th percentile stays below so many times what it was before; more only where the bystander's grows. */
const GOAL_LATENCY = 2

/** Every queue is bounded by its bytes, and nothing expires. */
const LIMITS = { bufSize: 1_000_000, bufBytes: 64 * 2 ** 20, windowBytes: 8 * 2 ** 20, ttlMs: 2 ** 31 - 1 }

/** How it is sent: so many deliveries at a time, or into the outbox, where a full queue drops something. */
const VARIANTS = [
  { variant: 'deliver, 64 at a time', inFlight: 64 },
  { variant: 'deliver, 4,000 at a time', inFlight: 4_000 },
  { variant: 'deliver, 64 at a time, to bounded(pause)', inFlight: 64, isBounded: true },
  { variant: 'deliver, 4,000 at a time, to bounded(pause)', inFlight: 4_000, isBounded: true },
  { variant: 'outbox, drop-newest', inFlight: 0, overflow: 'drop-newest' },
  { variant: 'outbox, drop-oldest', inFlight: 0, overflow: 'drop-oldest' },
]

export const about = 'a node pauses, and a peer sends to it all the same'

export const options = {
  seconds: { default: 60, about: 'how long it pauses' },
  bytes: { default: 1_000, about: 'size of a message' },
}

export async function run({ seconds, bytes }, say) {
  const variants = []
  for (const variant of VARIANTS) {
    const result = await pausedRun(variant, { seconds, bytes })
    say(lineOf(result))
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
    `${variant}: ${mib(waiting.bytes)} wait`,
    `sender grew by ${mib(growth.sender)} (goal <= ${mib(goal.sender)})`,
    `paused node by ${mib(growth.paused)} (goal <= ${mib(goal.paused)})`,
    `others' p99 ${latency.during.p99Ms} ms, ${latency.before.p99Ms} ms before (goal < ${latency.goalMs} ms)`,
    `${delivered.toLocaleString('en-US')} delivered, ${dropped.toLocaleString('en-US')} dropped, lost ${lost}${ok ? '' : ': NOT OK'}`,
  ].join(', ')
}

async function pausedRun({ variant, inFlight, isBounded = false, overflow = 'drop-newest' }, { seconds, bytes }) {
  const crew = new Crew({ patienceMs: 60_000 + seconds * 1_000 })
  try {
    const hire = () => crew.hire(WORKER, { execArgv: ['--expose-gc'] })
    const [sender, paused, others, bystander] = [hire(), hire(), hire(), hire()]
    const open = (worker, pids) => worker.ask('open', { pids, limits: { ...LIMITS, overflow } })
    const opened = await Promise.all([open(sender, [1]), open(paused, [2]), open(others, OTHERS), open(bystander, [BYSTANDER])])
    await others.ask('answer')
    await paused.ask('take', { isBounded })
    await crew.ask('join', opened.flat())
    const ping = async (forSeconds) => {
      const order = { pids: OTHERS, seconds: forSeconds }
      const [mine, its] = await Promise.all([sender.ask('ping', order), bystander.ask('ping', order)])
      return { ...mine, bystanderP99Ms: its.p99Ms }
    }

    const quiet = await ping(Math.min(2, seconds))
    await sender.ask('start', { inFlight, bytes })
    await sleep(Math.min(WARM_SECONDS, seconds) * 1_000)
    const before = await ping(Math.min(10, seconds))
    await sender.ask('stop')
    await sender.ask('drain')
    const light = { sender: await sender.ask('weigh'), paused: await paused.ask('weigh') }

    await paused.ask('pause', { isBounded })
    await sender.ask('start', { inFlight, bytes })
    const during = await ping(seconds)
    await sender.ask('stop')
    const { queued, unacknowledged } = await sender.ask('waiting')
    const heavy = { sender: await sender.ask('weigh'), paused: await paused.ask('weigh') }

    await paused.ask('resume')
    await sender.ask('drain')
    const { delivered, dead } = await sender.ask('waiting')
    const { sent, receipts, failures } = await sender.ask('count')
    const { received, disorder } = await paused.ask('count')
    const waiting = { queued, unacknowledged, bytes: (queued + unacknowledged) * bytes }
    const allowed = (size) => Math.round(GOAL_FACTOR * size + GOAL_BYTES)
    const growth = { sender: heavy.sender - light.sender, paused: heavy.paused - light.paused }
    const goal = { sender: allowed(waiting.bytes), paused: allowed(unacknowledged * bytes) }
    const machine = Math.max(1, during.bystanderP99Ms / before.bystanderP99Ms)
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
    return { variant, waiting, growth, goal, latency, sent, delivered, dropped: dead, received, lost, disorder, receipts, failures, ok }
  } finally {
    crew.dismiss()
  }
}
