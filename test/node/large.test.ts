/** Large messages: their memory is reused after all receivers have taken them, and not before. */
import { afterEach, expect, it } from 'vitest'
import fc from 'fast-check'
import { World, endpointOf } from './world.ts'

let world: World
afterEach(() => world?.end())

const KIB = 1024
const actions = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ to: fc.constantFrom(2, 3, -1), kib: fc.integer({ min: 30, max: 90 }) }) },
    { weight: 2, arbitrary: fc.record({ run: fc.integer({ min: 1, max: 50 }) }) },
    { weight: 1, arbitrary: fc.record({ cut: fc.constantFrom(2, 3) }) },
    { weight: 1, arbitrary: fc.record({ pause: fc.constantFrom(2, 3) }) },
  ),
  { minLength: 10, maxLength: 60 },
) // prettier-ignore

it('every message arrives unchanged, while the memory of earlier ones is reused', () => {
  fc.assert(
    fc.property(actions, fc.nat(), (script, seed) => {
      world = new World(seed)
      const limits = { bufSize: 6, windowBytes: 256 * KIB, ttlMs: 3_000 }
      const [one, two, three] = world.cluster(3, limits)
      const problems: string[] = []
      let received = 0
      for (const node of [two, three]) {
        node?.inbox.subscribe(({ msg }) => {
          const { body, fill } = msg as { body: Uint8Array; fill: number }
          if (body.some((byte) => byte !== fill))
            problems.push(`${node.pid} got a mixture of ${fill}`)
          received++
          // The receiver may change the message.
          body.fill(0xee)
        })
      }
      one?.deadLetters.subscribe(({ envelope }) => {
        const { body, fill } = envelope.msg as { body: Uint8Array; fill: number }
        if (body.some((byte) => byte !== fill))
          problems.push(`a dead letter is a mixture of ${fill}`)
      })
      let fill = 0
      for (const action of script) {
        if ('to' in action) {
          fill = (fill + 1) % 200
          const body = new Uint8Array(action.kib * KIB).fill(fill)
          const outgoing = { pid: action.to, msg: { body, fill } }
          if (fill % 3 === 0) one?.deliver(outgoing).subscribe({ error: () => undefined })
          else one?.outbox.next(outgoing)
        } else if ('run' in action) world.run(action.run)
        else if ('cut' in action) world.network.cut(endpointOf(action.cut))
        else {
          const paused = (action.pause === 2 ? two : three)?.pause()
          world.scheduler.schedule(() => paused?.unsubscribe(), 30)
        }
      }
      world.run(5_000)
      expect(problems).toEqual([])
      const stats = one?.stats()
      expect(stats?.inFlight).toBe(0)
      expect(stats?.delivered).toBe(received)
      world.end()
    }),
    { numRuns: 60 },
  )
})
