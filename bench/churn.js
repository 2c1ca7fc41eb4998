/** Peers come and go, and leave nothing behind. */
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { Crew, nowMs } from './crew.js'

const LONE = fileURLToPath(new URL('lone-worker.js', import.meta.url))
const CROWD = fileURLToPath(new URL('crowd-worker.js', import.meta.url))

/** Half of the peers are there; nobody listens at the addresses of the others. */
const PEERS = 64
const DEAD_PORT = 2

/** What is done first: the code is compiled, the pools have their size. */
const WARM_ROUNDS = 500

/** Sockets have so long to close behind the last peer. */
const SETTLE_MS = 20_000
const SETTLED_MS = 500

export const about = 'peers added and deleted: descriptors and memory are as they were'

export const options = {
  rounds: { default: 100_000, about: 'peers that are added and deleted' },
}

export async function run({ rounds }, say) {
  const crew = new Crew()
  try {
    const lone = crew.hire(LONE, { execArgv: ['--expose-gc'] })
    const crowd = crew.hire(CROWD)
    const me = await lone.ask('open', { pid: 1, cluster: 'churn' })
    const there = await crowd.ask('open', { pids: Array.from({ length: PEERS / 2 }, (_, index) => index + 2), cluster: 'churn' })
    await crowd.ask('know', me)
    const absent = there.map((_, index) => ({ pid: 1_000 + index, endpoint: `tcp://127.0.0.1:${DEAD_PORT + index}` }))
    await lone.ask('churn', { rounds: Math.min(rounds, WARM_ROUNDS), there, absent })
    await lone.ask('greet', there[0])
    const before = { ...(await settled(crew)), ...(await lone.ask('weigh')) }
    const startMs = nowMs()
    const { cameUp } = await lone.ask('churn', { rounds, there, absent })
    const seconds = Math.round((nowMs() - startMs) / 100) / 10
    say(`${rounds} peers came and went in ${seconds} s, ${cameUp} links were up`)
    const after = { ...(await settled(crew, before.descriptors)), ...(await lone.ask('weigh')) }
    await lone.ask('greet', there[1])
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
    crew.dismiss()
  }
}

export function lines({ rounds, seconds, linksUp, descriptorsBefore, descriptorsAfter, heapGrowthBytes, externalGrowthBytes, rssGrowthBytes }) {
  const count = (value) => value.toLocaleString('en-US')
  return [
    `  ${count(rounds)} peers came and went in ${seconds} s, ${count(linksUp)} links came up`,
    `  descriptors ${descriptorsBefore ?? 'unknown'} before, ${descriptorsAfter ?? 'unknown'} after (goal: the same)`,
    `  heap grew by ${count(heapGrowthBytes)} bytes, external by ${count(externalGrowthBytes)}, resident by ${count(rssGrowthBytes)}`,
  ]
}

/** How many descriptors both processes have when that no longer changes, or when it is what it was. */
async function settled(crew, wanted) {
  const untilMs = nowMs() + SETTLE_MS
  for (let last; ; ) {
    await sleep(SETTLED_MS)
    const descriptors = crew.descriptors()
    if (descriptors === (wanted ?? last) || nowMs() > untilMs) return { descriptors }
    last = descriptors
  }
}
