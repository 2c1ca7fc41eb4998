/** The sender is killed repeatedly during a stream, and restarts as another incarnation. */
import { join } from 'node:path'
import { readLog } from './incarnation-logs.js'
import { seededRandom } from './seeded-random.js'
import { setTimeout as sleep } from 'node:timers/promises'
import { withDirectory } from './temp-dir.js'
import { withHarness } from './run-harness.js'

/** An incarnation is killed up to this long after its first receipt. */
const LIFETIME_MS_MAX = 100
/** The receiver is done when nothing more has arrived for this long. */
const QUIET_MS = 200

export const about = 'the sender is killed during a stream and restarted'

export const options = {
  times: { default: 20, about: 'how often' },
  seed: { default: 1, about: 'seed of the lifetimes' },
}

export const variants = [{}]

/**
 * Checks that the receiver was delivered a prefix, without gaps, of what each incarnation sent, and
 * that the prefix includes every message with a receipt.
 */
export async function run({ times, seed }) {
  return withDirectory((directory) =>
    withHarness(60 + 2 * times, (harness) => runRestarts(harness, directory, { times, seed })),
  )
}

async function runRestarts(harness, directory, { times, seed }) {
  const random = seededRandom(seed)
  const receiver = await harness.start('receiver', 'worker.js', { pid: 2 })
  const logs = []
  const startMs = performance.now()
  for (let incarnation = 0; incarnation < times; incarnation++) {
    logs.push(join(directory, `incarnation-${incarnation}`))
    const receiptLog = logs[incarnation]
    const settings = { pid: 1, sender: incarnation, deliverEvery: 1, receiptLog }
    const sender = await harness.start(`sender ${incarnation}`, 'worker.js', settings)
    if (incarnation === 0) await receiver.ask('peer', { pid: 1, port: sender.hello.port })
    const receipt = sender.nextSignal('first-receipt')
    await sender.ask('peer', { pid: 2, port: receiver.hello.port })
    sender.send('grant', { messages: Infinity })
    sender.send('flood', { to: 2, messages: Infinity })
    await receipt
    await sleep(random() * LIFETIME_MS_MAX)
    await sender.kill()
  }
  await untilQuiet(receiver)
  const seconds = (performance.now() - startMs) / 1_000
  const summaries = await Promise.all(
    logs.map((_, incarnation) => receiver.ask('summary', { sender: incarnation })),
  )
  const receipts = await Promise.all(logs.map(readLog))
  await receiver.close()
  return { ...verdictOf(summaries, receipts), seconds: Math.round(seconds * 100) / 100 }
}

async function untilQuiet(receiver) {
  for (let before = -1; ;) {
    const { received } = await receiver.ask('report')
    if (received === before) return
    before = received
    await sleep(QUIET_MS)
  }
}

function verdictOf(summaries, receipts) {
  const sum = (key) => summaries.reduce((total, summary) => total + summary[key], 0)
  const problems = summaries.flatMap(({ sent, gaps, ...wrong }, incarnation) => [
    ...Object.entries(wrong)
      .filter(([, count]) => count > 0)
      .map(([what, count]) => `incarnation ${incarnation}: ${count} ${what} ${gaps.join(', ')}`),
    ...receipts[incarnation]
      .filter((sequence) => sequence >= sent)
      .map((at) => `incarnation ${incarnation}: a receipt for ${at}, and ${sent} were delivered`),
  ])
  return {
    messages: sum('sent'),
    lost: sum('lost'),
    duplicated: sum('duplicated'),
    reordered: sum('reordered'),
    damaged: sum('damaged'),
    ok: problems.length === 0,
    problems: problems.slice(0, 20),
  }
}
