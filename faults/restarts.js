/** The receiver is killed repeatedly during a stream, and restarts at the same port. */
import { judge, readLog } from './incarnation-logs.js'
import { freePort } from './ports.js'
import { join } from 'node:path'
import { messagesMax } from './message.js'
import { seededRandom } from './seeded-random.js'
import { setTimeout as sleep } from 'node:timers/promises'
import { withDirectory } from './temp-dir.js'
import { withHarness } from './run-harness.js'

/** An incarnation is killed up to this long after its first message; a few before it. */
const LIFETIME_MS_MAX = 100
const EARLY_MS_MAX = 30
const EARLY_SHARE = 0.2
/** Every tenth message is sent with `deliver`, whose result is checked, too. */
const DELIVER_EVERY = 10
const SIZE = 32

export const about = 'the receiver is killed during a stream and restarted'

export const options = {
  times: { default: 50, about: 'how often' },
  policy: {
    default: 'dead-letter',
    choices: ['dead-letter', 'resend'],
    about: '`onRestart` of the sender',
  },
  how: { default: 'kill', choices: ['kill', 'close'], about: 'SIGKILL, or `node.close()`' },
  window: { default: 65_536, about: '`windowBytes`: the limit of unacknowledged bytes' },
  seed: { default: 1, about: 'seed of the lifetimes' },
}

export const variants = [{}, { policy: 'resend' }, { window: 8 * 2 ** 20 }, { how: 'close' }]

export async function run(settings) {
  const seconds = 60 + 2 * settings.times
  return withDirectory((directory) =>
    withHarness(seconds, (harness) => runRestarts(harness, directory, settings)),
  )
}

async function runRestarts(harness, directory, { times, policy, how, window, seed }) {
  const random = seededRandom(seed)
  const common = { size: SIZE, limits: { onRestart: policy, windowBytes: window } }
  const logs = []
  const settings = { pid: 1, ...common, deliverEvery: DELIVER_EVERY }
  const sender = await harness.start('sender', 'worker.js', settings)
  const port = await freePort()
  let receiver = await startReceiver()
  await sender.ask('peer', { pid: 2, port })
  sender.send('grant', { messages: Infinity })
  const flooded = sender.ask('flood', { to: 2, messages: Infinity })
  for (let restart = 1; restart <= times; restart++) {
    if (random() < EARLY_SHARE) await sleep(random() * EARLY_MS_MAX)
    else {
      await receiver.firstMessage
      await sleep(random() * LIFETIME_MS_MAX)
    }
    await receiver[how]()
    receiver = await startReceiver()
  }
  await receiver.firstMessage
  sender.send('stop')
  const { sent, seconds } = await flooded
  const report = await sender.ask('report')
  await Promise.all([sender.close(), receiver.close()])
  const delivered = await Promise.all(logs.map(readLog))
  const result = judge(delivered, report, {
    deliverEvery: DELIVER_EVERY,
    dead: policy === 'dead-letter' && how === 'kill',
    redelivered: policy === 'resend' && how === 'kill',
    unknownLimit: messagesMax(window, SIZE),
  })
  const perSecond = Math.round(sent / seconds)
  return { ...result, perSecond, seconds: Math.round(seconds * 100) / 100 }

  async function startReceiver() {
    const log = join(directory, `incarnation-${logs.length}`)
    logs.push(log)
    const name = `receiver ${logs.length}`
    const child = await harness.start(name, 'worker.js', { pid: 2, ...common, port, log })
    child.firstMessage = child.nextSignal('first-message')
    await child.ask('peer', { pid: 1, port: sender.hello.port })
    return child
  }
}
