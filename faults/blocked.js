/** Blocked: a process does not take anything for a second, and meanwhile the line flaps. */
import { setTimeout as sleep } from 'node:timers/promises'
import { halfway, stream } from './stream.js'

export const about = 'a process takes nothing while the line is cut again and again'

export const options = {
  ms: { default: 1_000, about: 'how long' },
  how: { default: 'block', choices: ['block', 'pause'], about: 'its event loop is blocked, or its inbox paused' },
  kills: { default: 10, about: 'cuts meanwhile' },
  who: { default: 'receiver', choices: ['receiver', 'sender'], about: 'which process' },
  messages: { default: 100_000, about: 'messages sent' },
}

export const variants = [{}, { ms: 8_000 }, { who: 'sender' }, { how: 'pause' }]

export async function run({ ms, how, kills, who, messages }) {
  return stream({ messages, seconds: 30 + ms / 500 }, async (all) => {
    await halfway(messages, all, async () => {
      const over = all[who].ask(how, { ms })
      for (let made = 0; made < kills; made++) {
        await sleep(ms / (kills + 1))
        for (const proxy of all.line) proxy.reset()
      }
      await over
    })
  })
}
