/** The connections stay open and carry no bytes for a while, as when a cable is pulled. */
import { halfway, stream } from './stream.js'

export const about = 'the connections carry no bytes for a while, and then all at once'

export const options = {
  ms: { default: 1_000, about: 'how long; beyond 6,000 the connections time out' },
  messages: { default: 100_000, about: 'messages sent' },
}

export const variants = [{ ms: 1_000 }, { ms: 8_000 }, { ms: 15_000 }]

/** Data of a connection that timed out arrives late, after the HELLO of its successor. */
export async function run({ ms, messages }) {
  return stream({ messages, seconds: 30 + ms / 500 }, async (all) => {
    const stall = () => Promise.all(all.proxies.map((proxy) => proxy.stall(ms)))
    await halfway(messages, all, stall)
  })
}
