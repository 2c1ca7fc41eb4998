/** What a hostile sender makes a receiver do. */
import { afterEach, describe, expect, it } from 'vitest'
import { runInNewContext } from 'node:vm'
import { setFlagsFromString } from 'node:v8'
import { World, endpointOf } from './world.ts'
import { entryWith, runOf } from '../core/entries.ts'
import type { Connection } from '../../src/ports/transport.ts'
import { decodeFrame } from '../../src/core/wire/decode-frame.ts'
import { encodeBatch } from '../../src/core/wire/batch.ts'
import { encodeFrame } from '../../src/core/wire/encode-frame.ts'
import type { WireFrame } from '../../src/core/wire/frames.ts'

setFlagsFromString('--expose_gc')
const gc = runInNewContext('gc') as () => void

let world: World
afterEach(() => world?.end())

/** A stranger who speaks the protocol, and says he is pid 2. */
function stranger(pid = 2) {
  const heard: WireFrame[] = []
  const sizes: number[] = []
  let connection: Connection
  const me = {
    heard,
    sizes,
    send: (frame: readonly Uint8Array[]) => connection.send(frame),
    report: () => heard.flatMap((frame) => ('sessions' in frame ? frame.sessions : [])).at(-1)!,
  }
  connection = world.transport().connect(
    endpointOf(1),
    { maxPartBytes: 1e9 },
    {
      opened: () => {
        const greeting = { pid, incarnation: '00000000000000ff', epoch: 1, settled: 0 }
        const hello = {
          type: 'hello',
          version: 1,
          nonce: 7,
          cluster: 'test',
          to: 1,
          features: 0,
        } as const
        connection.send([encodeFrame({ ...hello, greetings: [greeting] })])
      },
      frame: (frame) => {
        sizes.push(frame.reduce((sum, part) => sum + part.length, 0))
        heard.push(decodeFrame(frame))
      },
      closed: () => undefined,
    },
  )
  world.run(100)
  return me
}

describe('a hostile sender', () => {
  it('has no more than so many rejections kept, in one frame or in many', () => {
    world = new World()
    const one = world.open(1, [1, 2])
    one.inbox.subscribe()
    const him = stranger()
    const { toEpoch } = him.report()
    const empty = entryWith([])
    const runs = Array.from({ length: 315 }, (_, index) =>
      runOf(
        Array.from({ length: 4_096 }, () => empty),
        { pid: 2, toEpoch, first: 1 + index * 4_096 },
      ),
    )
    const frame = encodeBatch(runs)
    him.send(frame)
    world.run(10)
    const { rejections } = him.report()
    him.sizes.length = 0
    him.send([encodeFrame({ type: 'ping', token: 1, report: true })])
    world.run(10)
    expect(rejections.length).toBeLessThan(10_000)
  }, 120_000)

  it('cannot have a node hold much more than its window, in runs of one entry', () => {
    world = new World()
    const one = world.open(1, [1, 2], { windowBytes: 1_000_000, maxMessageBytes: 1_000_000 })
    one.inbox.subscribe()
    one.pause()
    const him = stranger()
    const { toEpoch } = him.report()
    const entry = entryWith([0xc0])
    gc()
    const before = process.memoryUsage()
    let first = 1
    for (let frames = 0; frames < 40; frames++) {
      const runs = Array.from({ length: 4_096 }, () =>
        runOf([entry], { pid: 2, toEpoch, first: first++ }),
      )
      him.send(encodeBatch(runs))
      world.run(5)
    }
    gc()
    const after = process.memoryUsage()
    const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
    // Two windows, say four: what is kept besides the bytes counts too.
    expect(grown).toBeLessThan(8_000_000)
  }, 120_000)

  it('gets one report of a session, however often it asks in one frame', () => {
    world = new World()
    const one = world.open(1, [1, 2])
    one.inbox.subscribe()
    const him = stranger()
    const { toEpoch } = him.report()
    him.send(
      encodeBatch([
        runOf(
          Array.from({ length: 900 }, () => entryWith([])),
          { pid: 2, toEpoch },
        ),
      ]),
    )
    world.run(10)
    him.sizes.length = 0
    const greeting = { pid: 2, incarnation: '00000000000000ff', epoch: 1, settled: 0 }
    const frame = encodeFrame({
      type: 'join',
      nonce: 9,
      greetings: Array.from({ length: 2_000 }, () => greeting),
    })
    him.send([frame])
    world.run(10)
    expect(Math.max(...him.sizes)).toBeLessThan(10 * frame.length)
  }, 120_000)
})
