/** A process receives nothing for a while, and meanwhile its connections are reset repeatedly. */
import { halfway, stream } from './stream.js'
import { setTimeout as sleep } from 'node:timers/promises'

export const about = 'a process receives nothing while the connections are reset repeatedly'

export const options = {
  ms: { default: 1_000, about: 'how long' },
  mode: {
    default: 'block',
    choices: ['block', 'pause'],
    about: 'its event loop is blocked, or its inbox paused',
  },
  kills: { default: 10, about: 'resets meanwhile' },
  process: { default: 'receiver', choices: ['receiver', 'sender'], about: 'which process' },
  messages: { default: 100_000, about: 'messages sent' },
}

export const variants = [{}, { ms: 8_000 }, { process: 'sender' }, { mode: 'pause' }]

export async function run({ ms, mode, kills, process, messages }) {
  return stream({ messages, seconds: 30 + ms / 500 }, async (all) => {
    await halfway(messages, all, async () => {
      const over = all[process].ask(mode, { ms })
      for (let done = 0; done < kills; done++) {
        await sleep(ms / (kills + 1))
        for (const proxy of all.proxies) proxy.reset()
      }
      await over
    })
  })
}
