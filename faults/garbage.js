/** Garbage: who answers the call is not the peer, or is out of its mind; the next time, or the time after, it is the peer. */
import { connect } from 'node:net'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { NOISES, makeNoise } from './noise.js'
import { chanceOf, oneOf } from './chance.js'
import { stream } from './stream.js'

/** So much of the time a call is answered with garbage, as long as there is some. */
const SHARE = 0.7

export const about = 'calls are answered with garbage, and so are the peers called, in the middle of a stream'

export const options = {
  answers: { default: 40, about: 'how many calls are answered with garbage' },
  messages: { default: 100_000, about: 'messages sent meanwhile' },
  seed: { default: 1, about: 'what the garbage is drawn from' },
}

export const variants = [{}]

/** Each kind of garbage in turn: first so that all come, whatever chance says. */
export async function run({ answers, messages, seed }) {
  const chance = chanceOf(seed)
  const kinds = Object.keys(NOISES)
  const portion = messages / (answers + 1)
  // A handshake that stops half-way costs five seconds.
  return stream({ messages, seconds: 60 + 6 * answers }, async ({ receiver, line, grant }) => {
    const left = Array.from({ length: answers }, (_, index) => kinds[index % kinds.length])
    let answered
    line[0].intercept = (caller) => {
      if (left.length === 0 || chance() > SHARE) return false
      makeNoise(caller, NOISES[left.shift()](chance), chance)
      answered?.()
      return true
    }
    while (left.length > 0) {
      grant(1 + portion * (answers - left.length))
      await heckle(receiver.hello.port, NOISES[oneOf(chance, kinds)](chance), chance)
      const garbled = new Promise((resolve) => (answered = resolve))
      line[0].reset()
      await Promise.race([garbled, sleep(1_000)])
    }
  })
}

/** Says the same to the listener. */
async function heckle(port, noise, chance) {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  makeNoise(socket, noise, chance)
  socket.unref()
}
