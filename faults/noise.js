/** Noise: what somebody may say on a connection who does not speak our protocol, or not quite. */
import { randomFillSync } from 'node:crypto'
import { oneOf } from './chance.js'

/** The greeting of ZMTP 3.1: signature, version, a mechanism, as a server or not, and padding. */
function greeting(mechanism) {
  const bytes = Buffer.alloc(64)
  bytes.write('ff00000000000000017f0301', 'hex')
  bytes.write(mechanism, 12, 'latin1')
  return bytes
}

/** A command of ZMTP: READY with the type of a socket. */
function ready(socketType) {
  const name = Buffer.from('\x05READY\x0bSocket-Type', 'latin1')
  const value = Buffer.from(`\0\0\0${String.fromCharCode(socketType.length)}${socketType}`, 'latin1')
  return Buffer.concat([Buffer.from([0x04, name.length + value.length]), name, value])
}

/** A message of one part. */
function frame(body) {
  return Buffer.concat([Buffer.from([0, body.length]), body])
}

const rubbish = (chance, most) => randomFillSync(Buffer.alloc(1 + Math.floor(chance() * most)))

/** By name: the bytes, by chance. Each is what a ROUTER would say, up to where it goes wrong. */
export const NOISES = {
  silence: () => Buffer.alloc(0),
  'one byte': (chance) => rubbish(chance, 1),
  rubbish: (chance) => rubbish(chance, 2_000),
  'much rubbish': (chance) => rubbish(chance, 1_000_000),
  http: () => Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
  ssh: () => Buffer.from('SSH-2.0-OpenSSH_9.6\r\n'),
  'half a greeting': (chance) => greeting('NULL').subarray(0, 1 + Math.floor(chance() * 63)),
  'a greeting and rubbish': (chance) => Buffer.concat([greeting('NULL'), rubbish(chance, 200)]),
  'another mechanism': () => greeting('CURVE'),
  'no mechanism': () => greeting('X'.repeat(20)),
  'another socket': () => Buffer.concat([greeting('NULL'), ready('PUB')]),
  'an endless command': () => Buffer.concat([greeting('NULL'), Buffer.from('06ffffffffffffffff', 'hex')]),
  'a handshake and silence': () => Buffer.concat([greeting('NULL'), ready('ROUTER')]),
  'a handshake and a huge frame': () => Buffer.concat([greeting('NULL'), ready('ROUTER'), Buffer.from('027fffffffffffffff', 'hex')]),
  'a handshake and rubbish': (chance) => Buffer.concat([greeting('NULL'), ready('ROUTER'), rubbish(chance, 2_000)]),
  'a handshake and frames of rubbish': (chance) => {
    const frames = Array.from({ length: 20 }, () => frame(rubbish(chance, 255)))
    return Buffer.concat([greeting('NULL'), ready('ROUTER'), ...frames])
  },
  // The first byte is the type of the frame, so that its fields are read.
  'a handshake and frames that begin well': (chance) => {
    const frames = Array.from({ length: 20 }, () => frame(Buffer.concat([Buffer.from([Math.floor(chance() * 14)]), rubbish(chance, 254)])))
    return Buffer.concat([greeting('NULL'), ready('ROUTER'), ...frames])
  },
}

/** Makes a noise on a connection; afterwards it is ended, cut, or left open. */
export function makeNoise(socket, noise, chance) {
  socket.on('error', () => undefined)
  socket.write(noise)
  const then = oneOf(chance, ['end', 'cut', 'stay', 'stay'])
  if (then === 'end') socket.end()
  if (then === 'cut') setTimeout(() => socket.destroy(), chance() * 50)
}
