/** What a node takes of a core while nobody says anything. */
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { Crew } from './crew.js'

const LONE = fileURLToPath(new URL('lone-worker.js', import.meta.url))
const CROWD = fileURLToPath(new URL('crowd-worker.js', import.meta.url))

/** What joining leaves to do is done by then. */
const SETTLE_MS = 3_000

const GOAL_PERCENT = 3

export const about = 'a silent node: the share of one core that it takes'

export const options = {
  peers: { default: 200, about: 'peers that are up, each with a connection of its own' },
  seconds: { default: 20, about: 'how long it is watched' },
}

export async function run({ peers: count, seconds }, say) {
  const crew = new Crew({ patienceMs: 60_000 + seconds * 1_000 })
  try {
    const lone = crew.hire(LONE)
    const crowd = crew.hire(CROWD)
    const me = await lone.ask('open', { pid: 1, cluster: 'idle' })
    const pids = Array.from({ length: count }, (_, index) => index + 2)
    const peers = await crowd.ask('open', { pids, cluster: 'idle' })
    await crowd.ask('know', me)
    await lone.ask('join', peers)
    await crowd.ask('ready')
    say(`${count} peers are up`)
    await sleep(SETTLE_MS)
    const { share } = await lone.ask('idle', { seconds })
    return { name: 'idle', peers: count, seconds, percentOfOneCore: Math.round(share * 10_000) / 100 }
  } finally {
    crew.dismiss()
  }
}

export function lines({ peers, seconds, percentOfOneCore }) {
  return [`  ${peers} peers, for ${seconds} s: ${percentOfOneCore} % of one core (goal < ${GOAL_PERCENT} %)`]
}
