/** Resets: the line between two processes is cut again and again, in the middle of a stream. */
import { chanceOf } from './chance.js'
import { chop } from './axe.js'
import { stream } from './stream.js'

/** What one message takes on the wire beside its ballast, about. */
const OTHER_BYTES = 48

export const about = 'the TCP connections are cut with RST, mid-stream'

export const options = {
  kills: { default: 10, about: 'how often' },
  messages: { default: 100_000, about: 'messages sent meanwhile' },
  size: { default: 32, about: 'bytes of a message; beyond 64 they are mixed, and this is the average' },
  ways: { default: 'one', choices: ['one', 'both'], about: 'whether as many go back at the same time' },
  seed: { default: 1, about: 'what the moments of the cuts are drawn from' },
}

export const variants = [
  { kills: 10 },
  { kills: 100 },
  { kills: 1_000 },
  { kills: 100, ways: 'both' },
  { kills: 100, size: 50_000, messages: 5_000 },
]

/** Sends in as many portions as there are cuts, and one more: each cut meets one on its way. */
export async function run({ kills, messages, size, ways, seed }, { worker } = {}) {
  const portion = messages / (kills + 1)
  const chance = chanceOf(seed)
  return stream({ messages, size, ways, seconds: 60 + kills / 10, worker }, async ({ line, grant }) => {
    const bytes = portion * (size + OTHER_BYTES)
    await chop(line, { kills, bytes, chance }, (made) => grant(1 + portion * (made + 1)))
  })
}
