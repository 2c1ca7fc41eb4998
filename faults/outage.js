/** All connections are reset, and for a while new ones are refused. */
import { halfway, stream } from './stream.js'

export const about = 'all connections are reset and new ones refused, for a while'

export const options = {
  ms: { default: 1_000, about: 'how long' },
  messages: {
    default: 100_000,
    about: 'messages sent; half of them wait for the end of the outage',
  },
}

export const variants = [{ ms: 100 }, { ms: 1_000 }, { ms: 10_000 }]

export async function run({ ms, messages }) {
  return stream({ messages, seconds: 30 + ms / 500 }, async (all) => {
    const outage = () => Promise.all(all.proxies.map((proxy) => proxy.outage(ms)))
    await halfway(messages, all, outage)
  })
}
