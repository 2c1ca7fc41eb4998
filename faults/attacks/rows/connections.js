/** Connections that are opened and say nothing, or not enough. */
import { connect } from 'node:net'
import { greeting } from '../zmtp.js'

/** Connections that are held at the same time. */
const HELD = 2_000
const READY_HELD = 500
const OPENED_AT_ONCE = 50

/** Keeps `count` connections open, and replaces those that are closed. */
async function hold(attacker, count, begin) {
  const open = new Set()
  while (!attacker.over) {
    for (let opened = 0; open.size < count && opened < OPENED_AT_ONCE; opened++) {
      const socket = connect(attacker.settings.port, '127.0.0.1')
      open.add(socket)
      attacker.count('opened')
      socket.on('error', () => undefined)
      socket.on('close', () => open.delete(socket))
      begin?.(socket)
    }
    await attacker.wait(5)
  }
  attacker.count('held', open.size)
  for (const socket of open) socket.destroy()
}

async function holdReady(attacker, pong) {
  const open = new Set()
  try {
    while (!attacker.over) {
      if (open.size >= READY_HELD) {
        await attacker.wait(20)
        continue
      }
      const client = await attacker.raw({ pong })
      open.add(client)
      attacker.count('opened')
      void client.closed.then(() => open.delete(client))
    }
  } finally {
    attacker.count('held', open.size)
  }
}

export const CONNECTIONS = [
  {
    name: 'ready-silent',
    letter: 'a',
    finding: 'F7',
    about: `${READY_HELD} connections that finish the handshake, and answer no PING`,
    run: (attacker) => holdReady(attacker, false),
  },
  {
    name: 'ready-pong',
    letter: 'a',
    finding: 'F7',
    about: `${READY_HELD} connections that finish the handshake, and answer PING only`,
    run: (attacker) => holdReady(attacker, true),
  },
  {
    name: 'idle-tcp',
    letter: 'a',
    about: `${HELD} TCP connections that send nothing`,
    run: (attacker) => hold(attacker, HELD),
  },
  {
    name: 'half-handshake',
    letter: 'a',
    about: `${HELD} connections that send half of a greeting`,
    run: (attacker) =>
      hold(attacker, HELD, (socket) => socket.write(greeting('NULL').subarray(0, 30))),
  },
  {
    name: 'come-and-go',
    letter: 'a',
    about: 'connections that are closed at once',
    run: (attacker) =>
      hold(attacker, OPENED_AT_ONCE, (socket) => socket.once('connect', () => socket.destroy())),
  },
]
