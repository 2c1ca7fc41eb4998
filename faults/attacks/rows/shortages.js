/** Attacks while the victim has few descriptors, or is closing. */
import { connect } from 'node:net'
import { encodeFrame } from '../../../dist/protocol/wire/encode-frame.js'

const CONNECTIONS = 400

async function connections(attacker, count) {
  const open = new Set()
  while (!attacker.over) {
    while (open.size < count) {
      const socket = connect(attacker.settings.port, '127.0.0.1')
      open.add(socket)
      attacker.count('opened')
      socket.on('error', () => undefined)
      socket.on('close', () => open.delete(socket))
    }
    await attacker.wait(5)
  }
  for (const socket of open) socket.destroy()
}

async function pings(attacker) {
  const { link } = await attacker.session()
  for (let token = 0; !attacker.over && !link.closed; token++) {
    attacker.count('frames')
    await link.send([encodeFrame({ type: 'ping', token, requestsReports: true })])
  }
}

async function data(attacker) {
  const { link, session } = await attacker.session()
  while (!attacker.over && !link.closed) {
    attacker.count('frames')
    await session.send({ forged: true, text: 'x'.repeat(1_000) })
  }
}

const ENDING = [
  ['close', 'pings', pings],
  ['close', 'data', data],
  ['close', 'connections', (attacker) => connections(attacker, 50)],
  ['SIGTERM', 'pings', pings],
  ['SIGTERM', 'data', data],
  ['SIGINT', 'connections', (attacker) => connections(attacker, 50)],
]

export const SHORTAGES = [
  {
    name: 'descriptors',
    letter: 'i',
    descriptors: 128,
    about: `${CONNECTIONS} connections to a victim of 128 descriptors`,
    run: (attacker) => connections(attacker, CONNECTIONS),
  },
  {
    name: 'descriptors-flaps',
    letter: 'i',
    descriptors: 256,
    talks: true,
    about: 'a listener that comes and goes, for a victim of 256 descriptors',
    run: async (attacker) => {
      await attacker.listen()
      attacker.count('flaps')
      await attacker.wait(20)
    },
  },
  ...ENDING.map(([ends, what, run]) => ({
    name: `${ends.toLowerCase()}-under-${what}`,
    letter: 'j',
    ends,
    about: `${ends === 'close' ? 'close()' : ends} while there is a flood of ${what}`,
    run,
  })),
]
