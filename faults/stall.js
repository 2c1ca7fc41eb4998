/** Stall: the line stays, and nothing moves on it, as when a cable is pulled. */
import { halfway, stream } from './stream.js'

export const about = 'nothing moves on the connections for a while, and then everything at once'

export const options = {
  ms: { default: 1_000, about: 'how long; beyond 6,000 the connections are given up' },
  messages: { default: 100_000, about: 'messages sent' },
}

export const variants = [{ ms: 1_000 }, { ms: 8_000 }, { ms: 15_000 }]

/** What was written to a connection that was given up arrives all the same, after its successor has said hello. */
export async function run({ ms, messages }) {
  return stream({ messages, seconds: 30 + ms / 500 }, async (all) => {
    await halfway(messages, all, () => Promise.all(all.line.map((proxy) => proxy.stall(ms))))
  })
}
