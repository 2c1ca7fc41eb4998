/** Entries for one incarnation of the receiver: no other one gets them. */
import { describe, expect, it } from 'vitest'
import type { Incarnation } from '../../src/model/envelope.ts'
import { SessionHarness } from './session-harness.ts'
import { noteIncarnation } from '../../src/protocol/session/outbound-session.ts'

const [FIRST, SECOND, THIRD] = [1, 2, 3].map((one) => `00000000000000b${one}`) as [
  Incarnation,
  Incarnation,
  Incarnation,
]
const TTL_MS = 1e9
const RESEND = { resendOnRestart: true }

function createEstablished(limits = {}): SessionHarness {
  const harness = new SessionHarness(1, limits)
  harness.start()
  harness.run(10)
  return harness
}

function gone(msgId: number, outcome: string, incarnation: string, present: string): object {
  const detail = `it is for incarnation ${incarnation} of peer 2, which runs as ${present} now`
  return { msgId, reason: 'peer-restarted', outcome, detail }
}

describe('an entry for one incarnation', () => {
  it('is delivered to it, in order with the others', () => {
    const harness = createEstablished()
    harness.send()
    harness.send(10, TTL_MS, FIRST)
    harness.send()
    harness.run(100)
    expect(harness.deliveries.map(({ msgId }) => msgId)).toEqual([1, 2, 3])
  })

  it('is dead at once when another incarnation is connected', () => {
    const harness = createEstablished()
    harness.restart()
    harness.run(5_000)
    harness.send(10, TTL_MS, FIRST)
    harness.send()
    expect(harness.settled.dead).toEqual([gone(1, 'not-delivered', FIRST, SECOND)])
    harness.run(100)
    expect(harness.deliveries).toEqual([{ incarnation: 2, msgId: 2 }])
  })

  it.each([{}, RESEND])('that waits for a link is dead when a successor answers, %o', (limits) => {
    const harness = createEstablished(limits)
    harness.reachable = false
    harness.restart()
    harness.send(10, TTL_MS, FIRST)
    harness.send()
    harness.run(50)
    expect(harness.settled.dead).toEqual([])
    harness.reachable = true
    harness.run(5_000)
    expect(harness.settled.dead).toEqual([gone(1, 'not-delivered', FIRST, SECOND)])
    expect(harness.deliveries).toEqual([{ incarnation: 2, msgId: 2 }])
  })

  it('that was sent and not settled is in doubt, and is not sent again by `resend`', () => {
    const harness = createEstablished(RESEND)
    harness.pause()
    harness.send(10, TTL_MS, FIRST)
    harness.send()
    harness.run(50)
    harness.restart()
    harness.run(5_000)
    expect(harness.settled.dead).toEqual([gone(1, 'unknown', FIRST, SECOND)])
    expect(harness.deliveries).toEqual([{ incarnation: 2, msgId: 2 }])
  })

  it('reaches a successor that connected before this link noticed the restart', () => {
    const harness = createEstablished()
    noteIncarnation(harness.session, SECOND, harness.nowMs)
    harness.send(10, TTL_MS, SECOND)
    harness.send()
    harness.run(1)
    // Nothing is written for an incarnation whose connection is about to break.
    expect(harness.session.buffer.queued).toBe(2)
    harness.restart()
    harness.run(5_000)
    expect(harness.deliveries).toEqual([
      { incarnation: 2, msgId: 1 },
      { incarnation: 2, msgId: 2 },
    ])
    expect(harness.settled.dead).toEqual([])
  })

  it('does not block the queue when two processes run with the pid of the peer', () => {
    const harness = createEstablished()
    noteIncarnation(harness.session, SECOND, harness.nowMs)
    harness.send(10, TTL_MS, SECOND)
    harness.send()
    harness.run(10_000)
    expect(harness.settled.dead).toEqual([gone(1, 'not-delivered', SECOND, FIRST)])
    expect(harness.deliveries).toEqual([{ incarnation: 1, msgId: 2 }])
    harness.send(10, TTL_MS, SECOND)
    expect(harness.settled.dead).toHaveLength(2)
  })

  it('for the successor of a successor is dead with the others', () => {
    const harness = createEstablished()
    noteIncarnation(harness.session, SECOND, harness.nowMs)
    harness.send(10, TTL_MS, SECOND)
    harness.restart()
    harness.restart()
    harness.run(5_000)
    expect(harness.settled.dead).toEqual([gone(1, 'not-delivered', SECOND, THIRD)])
  })

  it('leaves the counts of the queue right', () => {
    const harness = createEstablished()
    harness.reachable = false
    harness.restart()
    for (let index = 0; index < 5; index++) harness.send(100, TTL_MS, FIRST)
    harness.reachable = true
    harness.run(5_000)
    const { buffer, queuedBytes, unackedBytes } = harness.session
    expect([buffer.length, queuedBytes, unackedBytes]).toEqual([0, 0, 0])
  })
})
