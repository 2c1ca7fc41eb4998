/** Restarts: the receiver is killed again and again, mid-stream, and comes back at the same port as another life. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chanceOf } from './chance.js'
import { freePort } from './ports.js'
import { judge, readLog } from './lives.js'
import { mostWithin } from './message.js'
import { withCrew } from './crew.js'
import { withDirectory } from './scratch.js'

/** A life lasts so long at most after its first message; some end before it. */
const LIFE_MS = 100
const EARLY_MS = 30
const EARLY_SHARE = 0.2
/** Every tenth message is sent with `deliver`, and its fate is compared too. */
const DELIVER_EVERY = 10
const SIZE = 32

export const about = 'the receiver is killed mid-stream and started again'

export const options = {
  times: { default: 50, about: 'how often' },
  policy: { default: 'dead-letter', choices: ['dead-letter', 'resend'], about: '`onRestart` of the sender' },
  how: { default: 'kill', choices: ['kill', 'close'], about: 'SIGKILL, or `node.close()`' },
  window: { default: 65_536, about: '`windowBytes`: what may be unacknowledged' },
  seed: { default: 1, about: 'what the lengths of the lives are drawn from' },
}

export const variants = [{}, { policy: 'resend' }, { window: 8 * 2 ** 20 }, { how: 'close' }]

export async function run(settings) {
  return withDirectory((directory) => withCrew(60 + 2 * settings.times, (crew) => live(crew, directory, settings)))
}

async function live(crew, directory, { times, policy, how, window, seed }) {
  const chance = chanceOf(seed)
  const limits = { onRestart: policy, windowBytes: window }
  const logs = []
  const sender = await crew.start('sender', 'worker.js', { pid: 1, limits, size: SIZE, deliverEvery: DELIVER_EVERY })
  const port = await freePort()
  let receiver = await begin()
  await sender.ask('peer', { pid: 2, port })
  sender.tell('grant', { messages: Infinity })
  const flooded = sender.ask('flood', { to: 2, messages: Infinity })
  for (let life = 1; life <= times; life++) {
    if (chance() < EARLY_SHARE) await sleep(chance() * EARLY_MS)
    else {
      await receiver.first
      await sleep(chance() * LIFE_MS)
    }
    await receiver[how]()
    receiver = await begin()
  }
  await receiver.first
  sender.tell('stop')
  const { sent, seconds } = await flooded
  const report = await sender.ask('report')
  await Promise.all([sender.close(), receiver.close()])
  const lives = await Promise.all(logs.map(readLog))
  const dead = policy === 'dead-letter' && how === 'kill'
  const again = policy === 'resend' && how === 'kill'
  const result = judge(lives, report, { deliverEvery: DELIVER_EVERY, dead, again, unknownLimit: mostWithin(window, SIZE) })
  return { ...result, perSecond: Math.round(sent / seconds), seconds: Math.round(seconds * 100) / 100 }

  async function begin() {
    const log = join(directory, `life-${logs.length}`)
    logs.push(log)
    const receiver = await crew.start(`receiver ${logs.length}`, 'worker.js', { pid: 2, port, log, size: SIZE, limits })
    receiver.first = receiver.hear('first')
    await receiver.ask('peer', { pid: 1, port: sender.hello.port })
    return receiver
  }
}
