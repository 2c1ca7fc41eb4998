/**
 * A stopped process keeps its connections, as under SIGSTOP, a debugger, or a suspended machine.
 */
import { halfway, stream } from './stream.js'
import { setTimeout as sleep } from 'node:timers/promises'

export const about = 'a process is stopped (SIGSTOP) during the stream, and continued later'

export const options = {
  ms: { default: 1_000, about: 'how long; beyond 6,000 heartbeats time out' },
  process: { default: 'receiver', choices: ['receiver', 'sender'], about: 'which process' },
  messages: { default: 100_000, about: 'messages sent' },
}

export const variants = [
  { ms: 1_000 },
  { ms: 8_000 },
  { ms: 15_000 },
  { ms: 8_000, process: 'sender' },
]

export async function run({ ms, process, messages }) {
  return stream({ messages, seconds: 30 + ms / 500 }, async (all) => {
    await halfway(messages, all, async () => {
      all[process].stop()
      await sleep(ms)
      all[process].resume()
    })
  })
}
