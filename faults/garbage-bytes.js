/** Byte sequences that violate ZMTP or the link protocol, in many ways. */
import { greeting, part, ready as readyOf } from './attacks/zmtp.js'
import { randomFillSync } from 'node:crypto'
import { oneOf } from './seeded-random.js'

const ready = (socketType) => readyOf({ socketType })

const randomBytes = (random, max) => randomFillSync(Buffer.alloc(1 + Math.floor(random() * max)))

/** By name. The later ones begin like the bytes of a ROUTER, up to the violation. */
export const GARBAGE = {
  silence: () => Buffer.alloc(0),
  'one byte': (random) => randomBytes(random, 1),
  'random bytes': (random) => randomBytes(random, 2_000),
  'a megabyte of random bytes': (random) => randomBytes(random, 1_000_000),
  http: () => Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
  ssh: () => Buffer.from('SSH-2.0-OpenSSH_9.6\r\n'),
  'a truncated greeting': (random) => greeting('NULL').subarray(0, 1 + Math.floor(random() * 63)),
  'a greeting and random bytes': (random) =>
    Buffer.concat([greeting('NULL'), randomBytes(random, 200)]),
  'an unsupported mechanism': () => greeting('CURVE'),
  'an unknown mechanism': () => greeting('X'.repeat(20)),
  'an incompatible socket': () => Buffer.concat([greeting('NULL'), ready('PUB')]),
  'an endless command': () =>
    Buffer.concat([greeting('NULL'), Buffer.from('06ffffffffffffffff', 'hex')]),
  'a handshake and silence': () => Buffer.concat([greeting('NULL'), ready('ROUTER')]),
  'a handshake and a huge frame': () =>
    Buffer.concat([greeting('NULL'), ready('ROUTER'), Buffer.from('027fffffffffffffff', 'hex')]),
  'a handshake and random bytes': (random) =>
    Buffer.concat([greeting('NULL'), ready('ROUTER'), randomBytes(random, 2_000)]),
  'a handshake and frames of random bytes': (random) => {
    const frames = Array.from({ length: 20 }, () => part(randomBytes(random, 255)))
    return Buffer.concat([greeting('NULL'), ready('ROUTER'), ...frames])
  },
  // A valid first byte makes the receiver decode the fields.
  'a handshake and frames with a valid type': (random) => {
    const frames = Array.from({ length: 20 }, () =>
      part(Buffer.concat([Buffer.from([Math.floor(random() * 14)]), randomBytes(random, 254)])),
    )
    return Buffer.concat([greeting('NULL'), ready('ROUTER'), ...frames])
  },
}

/** Sends bytes on a connection; afterwards it is ended, destroyed, or left open. */
export function sendGarbage(socket, bytes, random) {
  socket.on('error', () => undefined)
  socket.write(bytes)
  const then = oneOf(random, ['end', 'destroy', 'keep', 'keep'])
  if (then === 'end') socket.end()
  if (then === 'destroy') setTimeout(() => socket.destroy(), random() * 50)
}
