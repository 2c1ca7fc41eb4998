/** The connections between two processes are reset repeatedly during a stream. */
import { injectResets } from './reset-injector.js'
import { seededRandom } from './seeded-random.js'
import { stream } from './stream.js'

/** Approximate bytes of a message on the wire, without padding. */
const OVERHEAD_BYTES = 48

export const about = 'the TCP connections are reset (RST) during a stream'

export const options = {
  kills: { default: 10, about: 'how often' },
  messages: { default: 100_000, about: 'messages sent meanwhile' },
  size: { default: 32, about: 'bytes of a message; beyond 64 sizes vary around this average' },
  directions: {
    default: 'one',
    choices: ['one', 'both'],
    about: 'whether the receiver sends as many back at the same time',
  },
  seed: { default: 1, about: 'seed of the moments of the resets' },
}

export const variants = [
  { kills: 10 },
  { kills: 100 },
  { kills: 1_000 },
  { kills: 100, directions: 'both' },
  { kills: 100, size: 50_000, messages: 5_000 },
]

/** Sends one portion more than there are resets: each reset meets data in transit. */
export async function run({ kills, messages, size, directions, seed }, { worker } = {}) {
  const portion = messages / (kills + 1)
  const random = seededRandom(seed)
  const settings = { messages, size, directions, seconds: 60 + kills / 10, worker }
  return stream(settings, async ({ proxies, grant }) => {
    const bytes = portion * (size + OVERHEAD_BYTES)
    const step = (done) => grant(1 + portion * (done + 1))
    await injectResets(proxies, { kills, bytes, random }, step)
  })
}
