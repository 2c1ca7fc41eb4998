/** Reborn: the sender is killed again and again, mid-stream, and comes back as another life. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chanceOf } from './chance.js'
import { readLog } from './lives.js'
import { withCrew } from './crew.js'
import { withDirectory } from './scratch.js'

/** A life lasts so long at most after its first receipt. */
const LIFE_MS = 100
/** What came of a life is counted when so long nothing more has come. */
const QUIET_MS = 200

export const about = 'the sender is killed mid-stream and started again'

export const options = {
  times: { default: 20, about: 'how often' },
  seed: { default: 1, about: 'what the lengths of the lives are drawn from' },
}

export const variants = [{}]

/** Law: of each life the receiver has a beginning without holes, and in it is all that the life had a receipt for. */
export async function run({ times, seed }) {
  return withDirectory((directory) => withCrew(60 + 2 * times, (crew) => live(crew, directory, { times, seed })))
}

async function live(crew, directory, { times, seed }) {
  const chance = chanceOf(seed)
  const receiver = await crew.start('receiver', 'worker.js', { pid: 2 })
  const logs = []
  const startMs = performance.now()
  for (let life = 0; life < times; life++) {
    logs.push(join(directory, `life-${life}`))
    const settings = { pid: 1, sender: life, deliverEvery: 1, receiptLog: logs[life] }
    const sender = await crew.start(`sender ${life}`, 'worker.js', settings)
    if (life === 0) await receiver.ask('peer', { pid: 1, port: sender.hello.port })
    const receipt = sender.hear('receipt')
    await sender.ask('peer', { pid: 2, port: receiver.hello.port })
    sender.tell('grant', { messages: Infinity })
    sender.tell('flood', { to: 2, messages: Infinity })
    await receipt
    await sleep(chance() * LIFE_MS)
    await sender.kill()
  }
  await quiet(receiver)
  const seconds = (performance.now() - startMs) / 1_000
  const tallies = await Promise.all(logs.map((_, life) => receiver.ask('tally', { sender: life })))
  const receipts = await Promise.all(logs.map(readLog))
  await receiver.close()
  return { ...verdict(tallies, receipts), seconds: Math.round(seconds * 100) / 100 }
}

async function quiet(receiver) {
  for (let before = -1; ; ) {
    const { taken } = await receiver.ask('report')
    if (taken === before) return
    before = taken
    await sleep(QUIET_MS)
  }
}

function verdict(tallies, receipts) {
  const sum = (key) => tallies.reduce((total, one) => total + one[key], 0)
  const [messages, lost, duplicated, reordered, damaged] = ['sent', 'lost', 'duplicated', 'reordered', 'damaged'].map(sum)
  const problems = tallies.flatMap(({ sent, holes, ...wrong }, life) => [
    ...Object.entries(wrong).flatMap(([what, count]) => (count > 0 ? [`life ${life}: ${count} ${what} ${holes.join(', ')}`] : [])),
    ...receipts[life].filter((sequence) => sequence >= sent).map((sequence) => `life ${life}: a receipt for ${sequence}, and ${sent} came`),
  ])
  return { messages, lost, duplicated, reordered, damaged, ok: problems.length === 0, problems: problems.slice(0, 20) }
}
