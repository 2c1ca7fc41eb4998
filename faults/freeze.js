/** Freeze: a process stands still with its connections, as with SIGSTOP, a debugger, or a machine that sleeps. */
import { setTimeout as sleep } from 'node:timers/promises'
import { halfway, stream } from './stream.js'

export const about = 'a process is stopped mid-stream (SIGSTOP), and goes on later'

export const options = {
  ms: { default: 1_000, about: 'how long; beyond 6,000 its heartbeats are missed' },
  who: { default: 'receiver', choices: ['receiver', 'sender'], about: 'which process' },
  messages: { default: 100_000, about: 'messages sent' },
}

export const variants = [{ ms: 1_000 }, { ms: 8_000 }, { ms: 15_000 }, { ms: 8_000, who: 'sender' }]

export async function run({ ms, who, messages }) {
  return stream({ messages, seconds: 30 + ms / 500 }, async (all) => {
    await halfway(messages, all, async () => {
      all[who].freeze()
      await sleep(ms)
      all[who].thaw()
    })
  })
}
