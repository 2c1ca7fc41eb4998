/** Outage: every connection is cut, and for a while nobody can connect. */
import { halfway, stream } from './stream.js'

export const about = 'the line is cut and refuses every connection, for a while'

export const options = {
  ms: { default: 1_000, about: 'how long' },
  messages: { default: 100_000, about: 'messages sent; half of them wait for the end of it' },
}

export const variants = [{ ms: 100 }, { ms: 1_000 }, { ms: 10_000 }]

export async function run({ ms, messages }) {
  return stream({ messages, seconds: 30 + ms / 500 }, async (all) => {
    await halfway(messages, all, () => Promise.all(all.line.map((proxy) => proxy.outage(ms))))
  })
}
