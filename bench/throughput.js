/** Small objects from one process to another, messages per second: ours beside raw zeromq.js, in turn, in one run. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { contenders } from './contenders.js'

const WORKER = fileURLToPath(new URL('throughput-worker.js', import.meta.url))

export const about = 'small objects, process to process, one way'

export const options = {
  messages: { default: 1_000_000, about: 'messages per run' },
  runs: { default: 5, about: 'runs of each; the figure is their median' },
}

/** @returns what every contender reached, median of the runs, and ours against the raw socket */
export async function run({ messages, runs }, say) {
  const names = Object.keys(contenders)
  const reached = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 0; round <= runs; round++) {
    for (const name of names) {
      const perSecond = await once1(name, round === 0 ? Math.ceil(messages / 10) : messages)
      // The first round only warms the machine up.
      if (round > 0) reached[name].push(perSecond)
      say(`${round === 0 ? 'warm-up' : `round ${round}`}: ${name} ${Math.round(perSecond).toLocaleString('en-US')}/s`)
    }
  }
  const perSecond = Object.fromEntries(names.map((name) => [name, Math.round(median(reached[name]))]))
  const vsRaw = Math.round((perSecond['rx-cluster'] / perSecond['raw zeromq']) * 100) / 100
  return { name: 'throughput', messages, runs, perSecond, vsRaw }
}

/** What `run` returned, for people. */
export function lines({ perSecond, vsRaw }) {
  const rows = Object.entries(perSecond).map(([who, value]) => `  ${who.padEnd(12)} ${value.toLocaleString('en-US').padStart(12)}/s`)
  return [...rows, `  vsRaw        ${String(vsRaw).padStart(12)}`]
}

/** One run of one contender: seconds from the first send to the last message taken. */
async function once1(name, messages) {
  const start = (role) => fork(WORKER, [name, role, JSON.stringify({ messages })])
  const receiver = start('receiver')
  const sender = start('sender')
  const failed = new Promise((_, reject) => {
    for (const child of [receiver, sender]) {
      child.on('exit', (code) => code !== 0 && reject(new Error(`${name}: a process ended with ${code}`)))
    }
  })
  const heard = async (child, key) => {
    for (;;) {
      const [report] = await Promise.race([once(child, 'message'), failed])
      if (key in report) return report[key]
    }
  }
  try {
    const address = await heard(receiver, 'address')
    sender.send({ address })
    await heard(sender, 'ready')
    const ended = heard(receiver, 'endMs')
    const started = heard(sender, 'startMs')
    sender.send({ go: true })
    const [startMs, endMs] = await Promise.all([started, ended])
    sender.send({ stop: true })
    receiver.send({ stop: true })
    await Promise.all([once(sender, 'exit'), once(receiver, 'exit')])
    return messages / ((endMs - startMs) / 1000)
  } finally {
    receiver.kill()
    sender.kill()
  }
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
