/** Connections are answered with garbage bytes, and listeners receive them, during a stream. */
import { GARBAGE, sendGarbage } from './garbage-bytes.js'
import { oneOf, seededRandom } from './seeded-random.js'
import { connect } from 'node:net'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { stream } from './stream.js'

/** The share of connections that are answered with garbage until all kinds were used. */
const SHARE = 0.7

export const about = 'connections are answered with garbage, and peers receive it, during a stream'

export const options = {
  answers: { default: 40, about: 'connections that are answered with garbage' },
  messages: { default: 100_000, about: 'messages sent meanwhile' },
  seed: { default: 1, about: 'seed of the garbage' },
}

export const variants = [{}]

/** Uses every kind of garbage in turn, so that none depends on the seed. */
export async function run({ answers, messages, seed }) {
  const random = seededRandom(seed)
  const kinds = Object.keys(GARBAGE)
  const portion = messages / (answers + 1)
  // A handshake that stops half-way takes five seconds to time out.
  return stream({ messages, seconds: 60 + 6 * answers }, async ({ receiver, proxies, grant }) => {
    const left = Array.from({ length: answers }, (_, index) => kinds[index % kinds.length])
    let onAnswered
    proxies[0].intercept = (caller) => {
      if (left.length === 0 || random() > SHARE) return false
      sendGarbage(caller, GARBAGE[left.shift()](random), random)
      onAnswered?.()
      return true
    }
    while (left.length > 0) {
      grant(1 + portion * (answers - left.length))
      await sendToListener(receiver.hello.port, GARBAGE[oneOf(random, kinds)](random), random)
      const answered = new Promise((resolve) => (onAnswered = resolve))
      proxies[0].reset()
      await Promise.race([answered, sleep(1_000)])
    }
  })
}

async function sendToListener(port, bytes, random) {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  sendGarbage(socket, bytes, random)
  socket.unref()
}
