/** Everybody broadcasts to everybody: how many nodes a machine carries, and how fast. */
import { fileURLToPath } from 'node:url'
import { Crew, nowMs } from './crew.js'

const WORKER = fileURLToPath(new URL('scale-worker.js', import.meta.url))

/** What the table shows when no size is asked for: nodes and processes. */
const TABLE = [
  [10, 1],
  [50, 1],
  [150, 1],
  [200, 1],
  [100, 4],
]

/** The goals, by the number of nodes in one process. */
const GOALS = { 150: { seconds: 1 }, 200: { seconds: 1.5, joinSeconds: 10 }, 700: { seconds: 5, descriptors: 5_000 } }

/** Descriptors that a process takes for itself, for a node of its own, and for the address of a node, whoever has it. */
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

/** @returns one size, or the table of them */
export async function run({ nodes, processes, rounds }, say) {
  if (nodes > 0) return { name: 'scale', ...(await scale({ nodes, processes, rounds }, say)) }
  const sizes = []
  for (const [count, shared] of TABLE) sizes.push(await scale({ nodes: count, processes: shared, rounds }, say))
  return { name: 'scale', sizes }
}

/** What `run` returned, for people. */
export function lines(result) {
  const count = (value) => value.toLocaleString('en-US')
  return (result.sizes ?? [result]).map((size) => {
    const goal = size.processes === 1 ? (GOALS[size.nodes] ?? {}) : {}
    const beside = (name, unit) => (goal[name] === undefined ? '' : ` (goal ${unit === '' ? '<=' : '<'} ${count(goal[name])}${unit})`)
    const { nodes, processes, delivered, expected, lost, joinSeconds, seconds, descriptors, rssMb } = size
    return [
      `  ${String(nodes).padStart(4)} nodes in ${String(processes).padStart(3)}`,
      `${count(delivered)} of ${count(expected)}, lost ${lost}`,
      `joined in ${joinSeconds} s${beside('joinSeconds', ' s')}`,
      `delivered in ${seconds} s${beside('seconds', ' s')}`,
      `${descriptors === null ? 'unknown' : count(descriptors)} descriptors${beside('descriptors', '')}`,
      `${count(rssMb)} MB`,
    ].join(', ')
  })
}

/** One run of one size. */
export async function scale({ nodes, processes, rounds }, say) {
  if (processes > nodes) throw new Error(`${processes} processes cannot share ${nodes} nodes: there are more of them`)
  requireLimit(nodes, processes)
  const crew = new Crew()
  let descriptors = 0
  const sample = () => {
    const now = crew.descriptors()
    descriptors = now === null || descriptors === null ? null : Math.max(descriptors, now)
  }
  const sampling = setInterval(sample, SAMPLE_EVERY_MS)
  try {
    const openMs = nowMs()
    const opened = []
    for (let index = 0; index < processes; index++) {
      const pids = Array.from({ length: nodes }, (_, at) => at + 1).filter((pid) => pid % processes === index)
      opened.push(crew.hire(WORKER).ask('open', { pids, population: nodes, rounds }))
    }
    const peers = (await Promise.all(opened)).flat()
    const name = `${nodes} nodes in ${processes}`
    const joinMs = nowMs()
    say(`${name}: open after ${round((joinMs - openMs) / 1000)} s`)
    const joined = await crew.ask('join', peers)
    const joinSeconds = round((Math.max(...joined.map(({ endMs }) => endMs)) - joinMs) / 1000)
    sample()
    say(`${name}: joined after ${joinSeconds} s`)
    const reports = await crew.ask('broadcast').catch(async (error) => {
      say(`${name}: ${error.message}`)
      return undefined
    })
    const counts = await crew.ask('count')
    sample()
    const sum = (key) => counts.reduce((total, one) => total + one[key], 0)
    const expected = nodes * (nodes - 1) * rounds
    const startMs = Math.min(...(reports ?? []).map((report) => report.startMs))
    const endMs = Math.max(...(reports ?? []).map((report) => report.endMs))
    const delivered = sum('delivered')
    const seconds = reports === undefined ? null : round((endMs - startMs) / 1000)
    say(`${name}: ${delivered} of ${expected} delivered in ${seconds} s`)
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
      joinSeconds,
      seconds,
      cpuSeconds: round(sum('cpuSeconds')),
      descriptors,
      rssMb: Math.round(sum('rssMb')),
    }
  } finally {
    clearInterval(sampling)
    crew.dismiss()
  }
}

/** @throws Error where a process may open fewer files than its nodes need */
function requireLimit(nodes, processes) {
  // Every process has one connection to every address; each node accepts one from every process.
  const needed = PER_PROCESS + Math.ceil(nodes / processes) * (PER_NODE + processes) + nodes * PER_ADDRESS
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
