/** Large messages: memory that is used again when its receivers have what stood in it, and never before. */
import { afterEach, expect, it } from 'vitest'
import fc from 'fast-check'
import { World, endpointOf } from './world.ts'

let world: World
afterEach(() => world?.end())

const KIB = 1024
const deeds = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ to: fc.constantFrom(2, 3, -1), kib: fc.integer({ min: 30, max: 90 }) }) },
    { weight: 2, arbitrary: fc.record({ run: fc.integer({ min: 1, max: 50 }) }) },
    { weight: 1, arbitrary: fc.record({ cut: fc.constantFrom(2, 3) }) },
    { weight: 1, arbitrary: fc.record({ pause: fc.constantFrom(2, 3) }) },
  ),
  { minLength: 10, maxLength: 60 },
) // prettier-ignore

it('every message arrives as it was, whatever was sent, acknowledged and written again before it', () => {
  fc.assert(
    fc.property(deeds, fc.nat(), (all, seed) => {
      world = new World(seed)
      const limits = { bufSize: 6, windowBytes: 256 * KIB, ttlMs: 3_000 }
      const [one, two, three] = world.cluster(3, limits)
      const wrong: string[] = []
      let heard = 0
      for (const node of [two, three]) {
        node?.inbox.subscribe(({ msg }) => {
          const { body, fill } = msg as { body: Uint8Array; fill: number }
          if (body.some((byte) => byte !== fill)) wrong.push(`${node.pid} got a mixture of ${fill}`)
          heard++
          // Whoever gets it may do with it what it likes.
          body.fill(0xee)
        })
      }
      one?.deadLetters.subscribe(({ envelope }) => {
        const { body, fill } = envelope.msg as { body: Uint8Array; fill: number }
        if (body.some((byte) => byte !== fill)) wrong.push(`a dead letter is a mixture of ${fill}`)
      })
      let fill = 0
      for (const deed of all) {
        if ('to' in deed) {
          fill = (fill + 1) % 200
          const body = new Uint8Array(deed.kib * KIB).fill(fill)
          const outgoing = { pid: deed.to, msg: { body, fill } }
          if (fill % 3 === 0) one?.deliver(outgoing).subscribe({ error: () => undefined })
          else one?.outbox.next(outgoing)
        } else if ('run' in deed) world.run(deed.run)
        else if ('cut' in deed) world.network.cut(endpointOf(deed.cut))
        else {
          const resume = (deed.pause === 2 ? two : three)?.pause()
          world.scheduler.schedule(() => resume?.(), 30)
        }
      }
      world.run(5_000)
      expect(wrong).toEqual([])
      const stats = one?.stats()
      expect(stats?.inFlight).toBe(0)
      expect(stats?.delivered).toBe(heard)
      world.end()
    }),
    { numRuns: 60 },
  )
})
