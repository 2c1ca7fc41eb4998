/**
 * A fault that lasts longer than envelopes may wait. Many become dead letters; their outcomes must
 * be true, and the cluster must recover.
 */
import { judge, readLog } from './incarnation-logs.js'
import { join } from 'node:path'
import { messagesMax } from './message.js'
import { setTimeout as sleep } from 'node:timers/promises'
import { withDirectory } from './temp-dir.js'
import { withHarness } from './run-harness.js'

const DELIVER_EVERY = 10
const SIZE = 32
/** Envelopes expire after one second; the peer times out after two. */
const LIMITS = { ttlMs: 1_000, peerTimeoutMs: 2_000, windowBytes: 65_536 }
/** Repetitions: an envelope that failed in one fault may be wrongly delivered in the next. */
const TIMES = 3

export const about =
  'a fault longer than ttlMs and peerTimeoutMs: the outcomes of dead letters are true'

export const options = {
  ms: { default: 12_000, about: 'how long; heartbeats time out after 6,000' },
  by: { default: 'stall', choices: ['stall', 'outage', 'sigstop'], about: 'the fault' },
}

export const variants = [{ by: 'stall' }, { by: 'outage', ms: 4_000 }, { by: 'sigstop' }]

export async function run({ ms, by }) {
  const seconds = 60 + (TIMES * ms) / 500
  return withDirectory((directory) =>
    withHarness(seconds, (harness) => runFaults(harness, join(directory, 'delivered'), { ms, by })),
  )
}

async function runFaults(harness, log, { ms, by }) {
  const common = { size: SIZE, limits: LIMITS }
  const [sender, receiver] = await Promise.all([
    harness.start('sender', 'worker.js', { pid: 1, ...common, deliverEvery: DELIVER_EVERY }),
    harness.start('receiver', 'worker.js', { pid: 2, ...common, log }),
  ])
  const ports = [receiver.hello.port, sender.hello.port]
  const proxies = await Promise.all(ports.map((port) => harness.proxy(port)))
  await receiver.ask('peer', { pid: 1, port: proxies[1].port })
  await sender.ask('peer', { pid: 2, port: proxies[0].port })
  sender.send('grant', { messages: Infinity })
  const flooded = sender.ask('flood', { to: 2, messages: Infinity })
  const awaitTraffic = async () => {
    const { received } = await receiver.ask('report')
    await receiver.ask('reach', { count: received + 1_000 })
  }
  for (let time = 0; time < TIMES; time++) {
    await awaitTraffic()
    if (by === 'sigstop') {
      receiver.stop()
      await sleep(ms)
      receiver.resume()
    } else await Promise.all(proxies.map((proxy) => proxy[by](ms)))
  }
  await awaitTraffic()
  sender.send('stop')
  const { sent, seconds } = await flooded
  const report = await sender.ask('report')
  await Promise.all([sender.close(), receiver.close()])
  const unknownLimit = TIMES * messagesMax(LIMITS.windowBytes, SIZE)
  const allowed = { deliverEvery: DELIVER_EVERY, dead: true, redelivered: false, unknownLimit }
  const result = judge([await readLog(log)], report, allowed)
  const perSecond = Math.round(sent / seconds)
  return { ...result, perSecond, seconds: Math.round(seconds * 100) / 100 }
}
