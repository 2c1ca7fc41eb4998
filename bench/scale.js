/** Every node broadcasts to every other: how many nodes fit on a machine, and how fast they are. */
import { fileURLToPath } from 'node:url'
import { WorkerPool, nowMs } from './worker-pool.js'

const WORKER = fileURLToPath(new URL('scale-worker.js', import.meta.url))

/** The rows of the table without --nodes: nodes and processes. */
const TABLE = [
  [10, 1],
  [50, 1],
  [150, 1],
  [200, 1],
  [100, 4],
]

/** The goals, by the number of nodes in one process. */
const GOALS = {
  150: { seconds: 1 },
  200: { seconds: 1.5, connectSeconds: 10 },
  700: { seconds: 5, descriptors: 5_000 },
}

/** Descriptors per process, per local node, and per address of any node. */
const PER_PROCESS = 100
const PER_NODE = 2
const PER_ADDRESS = 4

const SAMPLE_EVERY_MS = 250

export const about = 'every node broadcasts to every other, over TCP'

export const options = {
  nodes: { default: 0, min: 0, about: 'nodes in all; 0 is a table of several sizes' },
  processes: { default: 1, about: 'processes that share the nodes' },
  rounds: { default: 1, about: 'broadcasts per node' },
}

/** The sizes that are measured when builds are compared without --nodes. */
const COMPARED = [
  [150, 1],
  [100, 4],
]

export const figures = {
  connectSeconds: 'lower',
  seconds: 'lower',
  cpuSeconds: 'lower',
  rssMb: 'lower',
}

/** One run; without --nodes, the sums over two sizes. */
export async function measure({ nodes, processes, rounds }, log) {
  const sizes = nodes > 0 ? [[nodes, processes]] : COMPARED
  const sums = Object.fromEntries(Object.keys(figures).map((figure) => [figure, 0]))
  for (const [count, shared] of sizes) {
    const size = await scale({ nodes: count, processes: shared, rounds }, log)
    if (size.lost !== 0 || size.duplicated !== 0) throw new Error(JSON.stringify(size))
    for (const figure of Object.keys(sums)) sums[figure] = round(sums[figure] + size[figure])
  }
  return sums
}

/** @returns one size, or the table of them */
export async function run({ nodes, processes, rounds }, log) {
  if (nodes > 0) return { name: 'scale', ...(await scale({ nodes, processes, rounds }, log)) }
  const sizes = []
  for (const [count, shared] of TABLE)
    sizes.push(await scale({ nodes: count, processes: shared, rounds }, log))
  return { name: 'scale', sizes }
}

/** Draws the result of `run`. */
export function lines(result) {
  const count = (value) => value.toLocaleString('en-US')
  return (result.sizes ?? [result]).map((size) => {
    const goal = size.processes === 1 ? (GOALS[size.nodes] ?? {}) : {}
    const goalOf = (name, unit) =>
      goal[name] === undefined
        ? ''
        : ` (goal ${unit === '' ? '<=' : '<'} ${count(goal[name])}${unit})`
    const {
      nodes,
      processes,
      delivered,
      expected,
      lost,
      connectSeconds,
      seconds,
      descriptors,
      rssMb,
    } = size
    return [
      `  ${String(nodes).padStart(4)} nodes in ${String(processes).padStart(3)}`,
      `${count(delivered)} of ${count(expected)}, lost ${lost}`,
      `connected in ${connectSeconds} s${goalOf('connectSeconds', ' s')}`,
      `delivered in ${seconds} s${goalOf('seconds', ' s')}`,
      `${descriptors === null ? 'unknown' : count(descriptors)} descriptors${goalOf('descriptors', '')}`,
      `${count(rssMb)} MB`,
    ].join(', ')
  })
}

/** Runs one size. */
export async function scale({ nodes, processes, rounds }, log) {
  if (processes > nodes) throw new Error(`${processes} processes cannot share ${nodes} nodes`)
  requireLimit(nodes, processes)
  const pool = new WorkerPool()
  let descriptors = 0
  const sample = () => {
    const now = pool.descriptors()
    descriptors = now === null || descriptors === null ? null : Math.max(descriptors, now)
  }
  const sampling = setInterval(sample, SAMPLE_EVERY_MS)
  try {
    const openMs = nowMs()
    const opened = []
    for (let index = 0; index < processes; index++) {
      const pids = Array.from({ length: nodes }, (_, at) => at + 1).filter(
        (pid) => pid % processes === index,
      )
      opened.push(pool.start(WORKER).call('open', { pids, population: nodes, rounds }))
    }
    const peers = (await Promise.all(opened)).flat()
    const name = `${nodes} nodes in ${processes}`
    const connectMs = nowMs()
    log(`${name}: open after ${round((connectMs - openMs) / 1000)} s`)
    const connected = await pool.callAll('connect', peers)
    const connectSeconds = round(
      (Math.max(...connected.map(({ endMs }) => endMs)) - connectMs) / 1000,
    )
    sample()
    log(`${name}: connected after ${connectSeconds} s`)
    const reports = await pool.callAll('broadcast').catch(async (error) => {
      log(`${name}: ${error.message}`)
      return undefined
    })
    const counts = await pool.callAll('count')
    sample()
    const sum = (key) => counts.reduce((total, one) => total + one[key], 0)
    const expected = nodes * (nodes - 1) * rounds
    const startMs = Math.min(...(reports ?? []).map((report) => report.startMs))
    const endMs = Math.max(...(reports ?? []).map((report) => report.endMs))
    const delivered = sum('delivered')
    const seconds = reports === undefined ? null : round((endMs - startMs) / 1000)
    log(`${name}: ${delivered} of ${expected} delivered in ${seconds} s`)
    if (delivered !== expected || sum('duplicated') > 0) process.exitCode = 1
    return {
      nodes,
      processes,
      rounds,
      expected,
      delivered,
      lost: expected - delivered,
      duplicated: sum('duplicated'),
      dead: sum('dead'),
      connectSeconds,
      seconds,
      cpuSeconds: round(sum('cpuSeconds')),
      descriptors,
      rssMb: Math.round(sum('rssMb')),
    }
  } finally {
    clearInterval(sampling)
    pool.terminate()
  }
}

/** @throws Error where the limit of open files is too low for the nodes */
function requireLimit(nodes, processes) {
  // Each process has one connection to every address; each node accepts one from every process.
  const needed =
    PER_PROCESS + Math.ceil(nodes / processes) * (PER_NODE + processes) + nodes * PER_ADDRESS
  const limit = process.report.getReport().userLimits?.open_files.hard
  if (typeof limit !== 'number' || limit >= needed) return
  throw new Error(
    `${nodes} nodes in ${processes} need about ${needed} file descriptors per process, and ${limit} are allowed: ` +
      `raise the limit (ulimit -n ${needed}), or take more processes`,
  )
}

function round(seconds) {
  return Math.round(seconds * 1000) / 1000
}
