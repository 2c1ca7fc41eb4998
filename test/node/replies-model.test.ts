/** Replies that overtake what is pending, against a model: nothing is lost, doubled or reordered. */
import fc from 'fast-check'
import type { Subscription } from 'rxjs'
import { expect, it } from 'vitest'
import { World, endpointOf } from './world.ts'
import { replyWith } from '../../src/operators/reply-with.ts'
import { request } from '../../src/operators/request.ts'

const actions = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('send'), count: fc.integer({ min: 1, max: 8 }) }),
    fc.record({ type: fc.constant('ask'), count: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ type: fc.constantFrom('subscribe', 'pause', 'resume'), count: fc.constant(1) }),
    // Node 1 breaks the connection that brings it entries, node 2 that which brings it requests.
    fc.record({ type: fc.constant('cut'), count: fc.integer({ min: 1, max: 2 }) }),
    fc.record({ type: fc.constant('run'), count: fc.nat(40) }),
  ),
  { maxLength: 40 },
)

it('a reply comes once, and so does what it overtook, in order', () => {
  fc.assert(
    fc.property(actions, fc.nat(), (script, seed) => {
      const world = new World(seed)
      const two = world.open(2, [1, 2])
      const one = world.open(1, [1, 2], { bufSize: 5 })
      world.run(1_000)
      two.inbox.pipe(replyWith(two, ({ msg }) => [msg])).subscribe()
      const received: unknown[] = []
      const dropped: unknown[] = []
      const replies: number[] = []
      const failed: number[] = []
      const late: unknown[] = []
      const pauses: Subscription[] = []
      let isSubscribed = false
      let sent = 0
      let asked = 0
      two.deadLetters.subscribe(({ envelope }) => dropped.push(envelope.msg))
      const subscribe = (): void => {
        if (isSubscribed) return
        isSubscribed = true
        one.inbox.subscribe(({ re, msg }) => (re === undefined ? received : late).push(msg))
      }
      const ask = (): void => {
        const question = asked++
        request(
          one,
          { pid: 2, msg: question },
          { timeoutMs: Infinity, scheduler: world.scheduler },
        ).subscribe({
          next: ({ msg }) => replies.push(msg as number),
          error: () => failed.push(question),
        })
      }
      const sendNext = (): void => two.outbox.next({ pid: 1, msg: `m${sent++}` })
      const perform = ({ type, count }: { type: string; count: number }): void => {
        if (type === 'run') world.run(count)
        else if (type === 'subscribe') subscribe()
        else if (type === 'pause') pauses.push(one.pause())
        else if (type === 'resume') pauses.pop()?.unsubscribe()
        else if (type === 'cut') world.network.cut(endpointOf(count))
        else Array.from({ length: count }).forEach(type === 'ask' ? ask : sendNext)
      }
      script.forEach(perform)
      for (const pause of pauses) pause.unsubscribe()
      subscribe()
      world.run(60_000)
      // A request whose link breaks fails with PEER_DOWN: its reply, if any, is an envelope as others.
      const ended = [...replies, ...failed].sort((a, b) => a - b)
      expect(ended).toEqual(Array.from({ length: asked }, (_, question) => question))
      expect(failed).toEqual(expect.arrayContaining(late))
      expect(new Set(late).size).toBe(late.length)
      const expected = Array.from({ length: sent }, (_, index) => `m${index}`)
      expect(received).toEqual(expected.filter((msg) => !dropped.includes(msg)))
      expect(two.stats()).toMatchObject({
        inFlight: 0,
        delivered: two.stats().sent - dropped.length,
      })
      expect(one.stats()).toMatchObject({ unobserved: 0, received: two.stats().delivered })
      world.end()
    }),
    { numRuns: 200 },
  )
})
