/** Gone: a fault that lasts longer than mail may wait. Much is dead then; that must be true, and afterwards all is well again. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { judge, readLog } from './lives.js'
import { mostWithin } from './message.js'
import { withCrew } from './crew.js'
import { withDirectory } from './scratch.js'

const DELIVER_EVERY = 10
const SIZE = 32
/** Mail waits a second, and the peer is given up after two. */
const LIMITS = { ttlMs: 1_000, peerGoneMs: 2_000, windowBytes: 65_536 }
/** So often one fault follows another: what was given up in one may come to light in the next. */
const TIMES = 3

export const about = 'a fault longer than ttlMs and peerGoneMs: what is said of the dead is true'

export const options = {
  ms: { default: 12_000, about: 'how long; heartbeats are missed after 6,000' },
  by: { default: 'stall', choices: ['stall', 'outage', 'freeze'], about: 'what happens' },
}

export const variants = [{ by: 'stall' }, { by: 'outage', ms: 4_000 }, { by: 'freeze' }]

export async function run({ ms, by }) {
  const seconds = 60 + (TIMES * ms) / 500
  return withDirectory((directory) => withCrew(seconds, (crew) => live(crew, join(directory, 'taken'), { ms, by })))
}

async function live(crew, log, { ms, by }) {
  const [sender, receiver] = await Promise.all([
    crew.start('sender', 'worker.js', { pid: 1, size: SIZE, limits: LIMITS, deliverEvery: DELIVER_EVERY }),
    crew.start('receiver', 'worker.js', { pid: 2, size: SIZE, limits: LIMITS, log }),
  ])
  const line = await Promise.all([crew.proxy(receiver.hello.port), crew.proxy(sender.hello.port)])
  await receiver.ask('peer', { pid: 1, port: line[1].port })
  await sender.ask('peer', { pid: 2, port: line[0].port })
  sender.tell('grant', { messages: Infinity })
  const flooded = sender.ask('flood', { to: 2, messages: Infinity })
  for (let time = 0; time < TIMES; time++) {
    const { taken } = await receiver.ask('report')
    await receiver.ask('reach', { count: taken + 1_000 })
    if (by === 'freeze') {
      receiver.freeze()
      await sleep(ms)
      receiver.thaw()
    } else await Promise.all(line.map((proxy) => proxy[by](ms)))
  }
  const { taken } = await receiver.ask('report')
  await receiver.ask('reach', { count: taken + 1_000 })
  sender.tell('stop')
  const { sent, seconds } = await flooded
  const report = await sender.ask('report')
  await Promise.all([sender.close(), receiver.close()])
  const allowed = { deliverEvery: DELIVER_EVERY, dead: true, again: false, unknownLimit: TIMES * mostWithin(LIMITS.windowBytes, SIZE) }
  const result = judge([await readLog(log)], report, allowed)
  return { ...result, perSecond: Math.round(sent / seconds), seconds: Math.round(seconds * 100) / 100 }
}
