/** The bounds of what a hostile sender can make a receiver store and send. */
import { PLAIN_HELLO } from '../protocol/plain.ts'
import type { Incarnation } from '../../src/model/envelope.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { runInNewContext } from 'node:vm'
import { setFlagsFromString } from 'node:v8'
import { World, endpointOf } from './world.ts'
import { entryWith, batchOf } from '../protocol/entries.ts'
import type { Connection } from '../../src/ports/transport.ts'
import { decodeFrame } from '../../src/protocol/wire/decode-frame.ts'
import { encodeDataFrame } from '../../src/protocol/wire/data-frame.ts'
import { encodeFrame } from '../../src/protocol/wire/encode-frame.ts'
import type { WireFrame } from '../../src/protocol/wire/frames.ts'

setFlagsFromString('--expose_gc')
const gc = runInNewContext('gc') as () => void

let world: World
afterEach(() => world?.end())

/** A sender without a node that claims to be pid 2. */
function connectAttacker(pid = 2) {
  const received: WireFrame[] = []
  const sizes: number[] = []
  let connection: Connection
  const attacker = {
    received,
    sizes,
    send: (frame: readonly Uint8Array[]) => connection.send(frame),
    report: () => received.flatMap((frame) => ('sessions' in frame ? frame.sessions : [])).at(-1)!,
  }
  connection = world.transport().connect(
    endpointOf(1),
    { maxPartBytes: 1e9 },
    {
      opened: () => {
        const offer = { pid, incarnation: '00000000000000ff' as Incarnation, epoch: 1, settled: 0 }
        const hello = {
          type: 'hello',
          version: 2,
          nonce: 7,
          cluster: 'test',
          to: 1,
          ...PLAIN_HELLO,
        } as const
        connection.send([encodeFrame({ ...hello, offers: [offer] })])
      },
      frame: (frame) => {
        sizes.push(frame.reduce((sum, part) => sum + part.length, 0))
        received.push(decodeFrame(frame))
      },
      closed: () => undefined,
    },
  )
  world.run(100)
  return attacker
}

describe('a hostile sender', () => {
  it('can make a receiver store a bounded number of rejections, in one frame or in many', () => {
    world = new World()
    const one = world.open(1, [1, 2])
    one.inbox.subscribe()
    const attacker = connectAttacker()
    const { toEpoch } = attacker.report()
    const empty = entryWith([])
    const batches = Array.from({ length: 315 }, (_, index) =>
      batchOf(
        Array.from({ length: 4_096 }, () => empty),
        { pid: 2, toEpoch, first: 1 + index * 4_096 },
      ),
    )
    const frame = encodeDataFrame(batches)
    attacker.send(frame)
    world.run(10)
    const { rejections } = attacker.report()
    attacker.sizes.length = 0
    attacker.send([encodeFrame({ type: 'ping', token: 1, requestsReports: true })])
    world.run(10)
    expect(rejections.length).toBeLessThan(10_000)
  }, 120_000)

  it('cannot make a receiver buffer much more than its window, in batches of one entry', () => {
    world = new World()
    const one = world.open(1, [1, 2], { windowBytes: 1_000_000, maxMessageBytes: 1_000_000 })
    one.inbox.subscribe()
    one.pause()
    const attacker = connectAttacker()
    const { toEpoch } = attacker.report()
    const entry = entryWith([0xc0])
    gc()
    const before = process.memoryUsage()
    let first = 1
    for (let frames = 0; frames < 40; frames++) {
      const batches = Array.from({ length: 4_096 }, () =>
        batchOf([entry], { pid: 2, toEpoch, first: first++ }),
      )
      attacker.send(encodeDataFrame(batches))
      world.run(5)
    }
    gc()
    const after = process.memoryUsage()
    const growth = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
    // Four windows: objects take memory beside the bytes.
    expect(growth).toBeLessThan(8_000_000)
  }, 120_000)

  it('gets one report of a session, even if a frame repeats its offer', () => {
    world = new World()
    const one = world.open(1, [1, 2])
    one.inbox.subscribe()
    const attacker = connectAttacker()
    const { toEpoch } = attacker.report()
    attacker.send(
      encodeDataFrame([
        batchOf(
          Array.from({ length: 900 }, () => entryWith([])),
          { pid: 2, toEpoch },
        ),
      ]),
    )
    world.run(10)
    attacker.sizes.length = 0
    const offer = { pid: 2, incarnation: '00000000000000ff' as Incarnation, epoch: 1, settled: 0 }
    const frame = encodeFrame({
      type: 'join',
      nonce: 9,
      offers: Array.from({ length: 2_000 }, () => offer),
    })
    attacker.send([frame])
    world.run(10)
    expect(Math.max(...attacker.sizes)).toBeLessThan(10 * frame.length)
  }, 120_000)
})
