/** Sessions: delivery exactly once and in order, and every entry accounted for, with faults on the wire. */
import type { Incarnation } from '../../src/model/envelope.ts'
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import type { Entry } from '../../src/protocol/session/entries.ts'
import { failAll } from '../../src/protocol/session/settlement.ts'
import { inFlight } from '../../src/protocol/session/outbound-session.ts'
import { sizeOf } from '../../src/protocol/wire/entry.ts'
import { LINK_TUNING } from '../../src/protocol/link/tuning.ts'
import { decodeFrame } from '../../src/protocol/wire/decode-frame.ts'
import { SessionHarness } from './session-harness.ts'

const oneTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)
const msgIds = (harness: SessionHarness): number[] => harness.deliveries.map(({ msgId }) => msgId)

/** Invariants: sent = delivered + dead + in flight; byte counts are sums of entry sizes. */
function checkCounters(harness: SessionHarness): void {
  const { delivered, dead } = harness.settled
  expect(delivered + dead.length + inFlight(harness.session)).toBe(harness.sent)
  const { buffer, queuedBytes, unackedBytes, written, writtenBytes } = harness.session
  expect(queuedBytes).toBe(bytesOf(buffer.queued, (index) => buffer.queuedAt(index)))
  expect(unackedBytes).toBe(bytesOf(buffer.unacked, (index) => buffer.at(index)))
  expect(writtenBytes).toBe(bytesOf(written, (index) => buffer.at(index)))
}

function bytesOf(count: number, entryAt: (index: number) => Entry | undefined): number {
  let bytes = 0
  for (let index = 0; index < count; index++) bytes += sizeOf(entryAt(index)!)
  return bytes
}

describe('a session', () => {
  it('delivers all entries in order', () => {
    const harness = new SessionHarness(1)
    harness.start()
    for (let count = 0; count < 100; count++) harness.send()
    harness.run(100)
    expect(msgIds(harness)).toEqual(oneTo(100))
    expect(harness.settled).toEqual({ delivered: 100, dead: [] })
    expect(harness.session.reportedState).toBe('up')
  })

  it('sends entries again that a broken connection lost, and delivers each once', () => {
    const harness = new SessionHarness(2)
    harness.start()
    harness.run(10)
    for (let count = 0; count < 300; count++) {
      harness.send(100)
      if (count % 30 === 0) harness.cut()
      harness.run(1)
    }
    harness.run(20_000)
    expect(msgIds(harness)).toEqual(oneTo(300))
    checkCounters(harness)
  })

  it('has at most windowBytes in flight, or one larger entry', () => {
    const harness = new SessionHarness(3, { windowBytes: 500 })
    harness.start()
    harness.run(10)
    harness.pause()
    for (let count = 0; count < 50; count++) harness.send(80)
    harness.run(50)
    expect(harness.session.writtenBytes).toBeLessThanOrEqual(500)
    expect(harness.session.buffer.queued).toBeGreaterThan(40)
    harness.resume()
    harness.send(900)
    harness.run(1_000)
    expect(msgIds(harness)).toEqual(oneTo(51))
  })

  it('sends nothing without credit, and continues when credit is granted', () => {
    const harness = new SessionHarness(4)
    harness.pause()
    harness.start()
    harness.run(10)
    harness.send()
    harness.run(10_000)
    expect(harness.session).toMatchObject({ written: 0, reportedState: 'up' })
    harness.resume()
    harness.run(10)
    expect(msgIds(harness)).toEqual([1])
  })

  it('fails unacked entries as unknown when the receiver restarts', () => {
    const harness = new SessionHarness(5)
    harness.start()
    harness.run(10)
    harness.pause()
    for (let count = 0; count < 3; count++) harness.send()
    harness.run(10)
    harness.restart()
    harness.send()
    harness.run(5_000)
    expect(harness.settled.dead).toEqual(
      [1, 2, 3].map((msgId) => ({ msgId, reason: 'peer-restarted', outcome: 'unknown' })),
    )
    expect(harness.deliveries).toEqual([{ incarnation: 2, msgId: 4 }])
    checkCounters(harness)
  })

  it('sends unacked entries to the new incarnation with resendOnRestart', () => {
    const harness = new SessionHarness(6, { resendOnRestart: true })
    harness.start()
    harness.run(10)
    harness.pause()
    for (let count = 0; count < 3; count++) harness.send()
    harness.run(10)
    harness.restart()
    harness.run(5_000)
    expect(harness.deliveries).toEqual([1, 2, 3].map((msgId) => ({ incarnation: 2, msgId })))
    checkCounters(harness)
  })

  it('keeps entries in doubt that were sent to an earlier incarnation', () => {
    const harness = new SessionHarness(12, { resendOnRestart: true })
    harness.start()
    harness.run(10)
    harness.pause()
    harness.send()
    harness.run(10)
    harness.restart()
    harness.pause()
    harness.run(3_000)
    harness.send()
    expect(harness.session).toMatchObject({ written: 0, status: 'established' })
    checkCounters(harness)
    expect(failAll(harness.session, 'closed').map(({ outcome }) => outcome)).toEqual([
      'unknown',
      'not-delivered',
    ])
  })

  it('does not send unacked entries to a new record of the same incarnation', () => {
    const harness = new SessionHarness(13, { resendOnRestart: true })
    harness.start()
    harness.run(10)
    harness.send()
    harness.faults = { lose: 1, double: 0, delayMaxMs: 0 }
    // DATA is in flight already; its ACK and the REFUSED of the removal are lost.
    harness.run(5)
    expect(msgIds(harness)).toEqual([1])
    harness.setMembers([])
    harness.setMembers([1])
    harness.run(5)
    harness.faults = { lose: 0, double: 0, delayMaxMs: 0 }
    harness.run(10_000)
    expect(msgIds(harness)).toEqual([1])
    expect(harness.settled.dead).toMatchObject([{ msgId: 1, outcome: 'unknown' }])
    checkCounters(harness)
  })

  it('restarts numbering when the receiver has lost its record', () => {
    const harness = new SessionHarness(14)
    harness.start()
    harness.run(10)
    for (let count = 0; count < 3; count++) harness.send()
    harness.run(10)
    harness.receiver.sessions.clear()
    harness.cut()
    harness.send()
    harness.run(5_000)
    expect(msgIds(harness)).toEqual([1, 2, 3, 4])
    checkCounters(harness)
  })

  it('fails unacked entries as not-delivered when the sender is removed, and continues when it is added', () => {
    const harness = new SessionHarness(7)
    harness.start()
    harness.run(10)
    harness.send()
    harness.run(10)
    harness.pause()
    harness.send()
    harness.run(10)
    harness.setMembers([])
    harness.send()
    harness.run(500)
    expect(harness.session.reportedState).toBe('down')
    expect(harness.settled).toEqual({
      delivered: 1,
      dead: [{ msgId: 2, reason: 'rejected', outcome: 'not-delivered', detail: 'not-a-member' }],
    })
    harness.setMembers([1])
    harness.run(50)
    harness.resume()
    harness.run(3_000)
    expect(msgIds(harness)).toEqual([1, 3])
    checkCounters(harness)
  })

  it('fails unacked entries after peerTimeoutMs without connection, and continues', () => {
    const harness = new SessionHarness(8)
    harness.start()
    harness.run(10)
    harness.pause()
    harness.send()
    harness.run(10)
    harness.reachable = false
    harness.cut()
    harness.run(59_000)
    expect(harness.settled.dead).toEqual([])
    harness.run(2_000)
    expect(harness.settled.dead).toEqual([{ msgId: 1, reason: 'peer-timeout', outcome: 'unknown' }])
    harness.reachable = true
    harness.send()
    harness.run(3_000)
    harness.resume()
    harness.run(3_000)
    expect(msgIds(harness)).toContain(2)
    expect(inFlight(harness.session)).toBe(0)
    checkCounters(harness)
  })

  it('fails unacked entries after peerTimeoutMs without progress, and continues', () => {
    const harness = new SessionHarness(23)
    harness.start()
    harness.run(10)
    harness.neverSettles = true
    harness.send()
    harness.run(59_000)
    expect(harness.settled.dead).toEqual([])
    harness.run(3_000)
    expect(harness.settled.dead).toEqual([{ msgId: 1, reason: 'peer-timeout', outcome: 'unknown' }])
    harness.neverSettles = false
    harness.send()
    harness.run(2_000)
    expect(msgIds(harness)).toEqual([2])
    expect(harness.session.reportedState).toBe('up')
  })

  it('restarts the stall timer when the receiver is connected again', () => {
    const harness = new SessionHarness(25)
    harness.start()
    harness.run(10)
    harness.neverSettles = true
    harness.send()
    harness.run(10)
    harness.reachable = false
    harness.cut()
    harness.run(58_000)
    harness.reachable = true
    // It is connected again before peerTimeoutMs, but does not settle at once.
    harness.run(10_000)
    expect([harness.session.status, harness.settled.dead]).toEqual(['established', []])
  })

  it('waits for a paused receiver without timeout', () => {
    const harness = new SessionHarness(24)
    harness.start()
    harness.run(10)
    harness.pause()
    harness.send()
    harness.run(600_000)
    expect(harness.settled.dead).toEqual([])
    harness.resume()
    harness.run(100)
    expect(harness.settled).toEqual({ delivered: 1, dead: [] })
  })

  it('queues unacked entries again on BYE', () => {
    const harness = new SessionHarness(9)
    harness.start()
    harness.run(10)
    harness.pause()
    harness.send()
    harness.run(10)
    harness.atReceiver({ type: 'bye' })
    harness.run(2)
    expect(harness.session).toMatchObject({ reportedState: 'down', settled: 0 })
    expect(harness.session.buffer.queued).toBe(1)
    harness.restart()
    harness.run(5_000)
    expect(harness.deliveries).toEqual([{ incarnation: 2, msgId: 1 }])
    expect(harness.settled).toEqual({ delivered: 1, dead: [] })
  })

  it('is unresponsive while the receiver does not answer, and then up again', () => {
    const harness = new SessionHarness(10)
    harness.start()
    harness.run(10)
    harness.faults = { lose: 1, double: 0, delayMaxMs: 0 }
    harness.run(7_000)
    expect(harness.session.reportedState).toBe('unresponsive')
    harness.faults = { lose: 0, double: 0, delayMaxMs: 0 }
    harness.run(4_000)
    expect(harness.session.reportedState).toBe('up')
  })

  it('restarts numbering when the same record reports less than it had settled', () => {
    const harness = new SessionHarness(22)
    harness.start()
    harness.run(10)
    for (let count = 0; count < 3; count++) harness.send()
    harness.run(10)
    harness.faults = { lose: 1, double: 0, delayMaxMs: 0 }
    harness.cut()
    harness.run(100)
    const { nonce, epoch, receiver } = harness.session
    const { incarnation = '' as Incarnation, toEpoch = 0 } = receiver ?? {}
    const none = { settled: 0, received: 0, gap: false, rejections: [] }
    const sessions = [{ pid: 1, epoch, toEpoch, credit: 4_000, replyCredit: 4_000, ...none }]
    const welcome = { type: 'welcome', nonce, pid: 2, incarnation, features: 0 } as const
    expect(harness.session).toMatchObject({ status: 'requested', settled: 3 })
    harness.atLink({ type: 'frame', frame: { ...welcome, maxMessageBytes: 1_000, maxMessageValues: 1e6, sessions } })
    expect(harness.session).toMatchObject({ status: 'established', settled: 0 })
  })

  it('ignores the final position of another incarnation', () => {
    const harness = new SessionHarness(21)
    harness.start()
    harness.run(10)
    harness.pause()
    harness.send()
    harness.run(10)
    const final = {
      incarnation: 'ffffffffffffffff' as Incarnation,
      epoch: 1,
      toEpoch: 1,
      settled: 0,
    }
    const refused = {
      type: 'refused',
      nonce: 0,
      pids: [1],
      reason: 'not-a-member',
      detail: '',
      final,
    } as const
    harness.atLink({ type: 'frame', frame: refused })
    expect(harness.session.status).toBe('established')
    expect(harness.settled.dead).toEqual([])
    harness.atLink({
      type: 'frame',
      frame: { ...refused, final: { ...final, incarnation: '00000000000000b1' as Incarnation } },
    })
    expect(harness.settled.dead).toMatchObject([{ reason: 'rejected', outcome: 'not-delivered' }])
  })

  it('rewinds when a gap is reported, without PING', () => {
    const harness = new SessionHarness(15)
    harness.start()
    harness.run(10)
    harness.faults = { lose: 1, double: 0, delayMaxMs: 0 }
    harness.send()
    harness.faults = { lose: 0, double: 0, delayMaxMs: 0 }
    harness.send()
    harness.run(20)
    expect(msgIds(harness)).toEqual([1, 2])
  })

  it('joins again when reports do not contain it, even with nothing in flight', () => {
    const harness = new SessionHarness(16)
    harness.start()
    harness.run(10)
    harness.faults = { lose: 1, double: 0, delayMaxMs: 0 }
    harness.setMembers([])
    harness.setMembers([1])
    harness.faults = { lose: 0, double: 0, delayMaxMs: 0 }
    // On an idle link every tenth PING requests reports.
    harness.run(LINK_TUNING.reportEvery * LINK_TUNING.idlePingMs + 1_000)
    harness.send()
    harness.run(20)
    expect(msgIds(harness)).toEqual([1])
  })

  it('reports repeated refusals once at both ends, until the session was established', () => {
    const harness = new SessionHarness(17)
    const count = (type: string): number =>
      [...harness.linkEffects, ...harness.receiverEffects].filter((one) => one.type === type).length
    harness.setMembers([])
    harness.start()
    harness.run(20_000)
    const refusals = harness.receiverEffects.filter(
      ({ type, ...rest }) =>
        type === 'send' && 'frame' in rest && decodeFrame(rest.frame).type === 'refused',
    )
    expect(refusals.length).toBeGreaterThan(4)
    expect([count('refused'), count('refused-peer')]).toEqual([1, 1])
    harness.setMembers([1])
    harness.run(20_000)
    harness.setMembers([])
    harness.cut()
    harness.run(20_000)
    expect([count('refused'), count('refused-peer')]).toEqual([2, 2])
  })

  it('does not blame the receiver when its own process stalled', () => {
    const harness = new SessionHarness(18)
    harness.start()
    harness.run(10)
    harness.faults = { lose: 1, double: 0, delayMaxMs: 0 }
    harness.run(3_500)
    harness.nowMs += 10_000
    harness.atLink({ type: 'tick', lagMs: 10_000 })
    expect(harness.session.reportedState).toBe('up')
  })

  it('has at most framesOnWireMax frames on the wire', () => {
    const harness = new SessionHarness(19, {}, { framesOnWireMax: 2, firstPartBytesMax: 1 })
    harness.start()
    harness.run(10)
    harness.faults = { lose: 1, double: 0, delayMaxMs: 0 }
    for (let count = 0; count < 5; count++) harness.send()
    expect(harness.session.written).toBe(2)
  })

  it('does not send entries that expired while its process stalled', () => {
    const harness = new SessionHarness(20)
    harness.pause()
    harness.start()
    harness.run(10)
    harness.send(10, 500)
    harness.send()
    harness.resume()
    harness.nowMs += 1_000
    // The frame that grants credit is handled before the timer, which is due as well.
    const report = {
      pid: 1,
      epoch: 1,
      toEpoch: 1,
      settled: 0,
      received: 0,
      gap: false,
      rejections: [],
    }
    harness.atLink({
      type: 'frame',
      frame: { type: 'ack', sessions: [{ ...report, credit: 4_000, replyCredit: 4_000 }] },
    })
    harness.run(5)
    expect(msgIds(harness)).toEqual([2])
    expect(harness.settled.dead).toMatchObject([
      { msgId: 1, reason: 'expired', outcome: 'not-delivered' },
    ])
  })

  it('sends only a PING every 3 s when idle', () => {
    const harness = new SessionHarness(11)
    harness.start()
    harness.run(100)
    const before = harness.linkEffects.filter(({ type }) => type === 'send').length
    harness.run(30_000)
    const pings = harness.linkEffects.filter(({ type }) => type === 'send').length - before
    expect(pings).toBeGreaterThanOrEqual(9)
    expect(pings).toBeLessThanOrEqual(10)
  })
})

type Action =
  | { readonly do: 'send'; readonly count: number; readonly bytes: number }
  | { readonly do: 'run'; readonly ms: number }
  | { readonly do: 'cut' | 'pause' | 'resume' | 'restart' | 'remove-member' }

const action = (withRestarts: boolean): fc.Arbitrary<Action> => {
  const withoutRestarts: fc.WeightedArbitrary<Action>[] = [
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('send' as const),
        count: fc.integer({ min: 1, max: 30 }),
        bytes: fc.integer({ min: 0, max: 900 }),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('run' as const),
        ms: fc.integer({ min: 1, max: 2_000 }),
      }),
    },
    { weight: 2, arbitrary: fc.constant({ do: 'cut' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'pause' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'resume' as const }) },
  ]
  const restarts: fc.WeightedArbitrary<Action>[] = [
    { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'remove-member' as const }) },
  ]
  return fc.oneof(...(withRestarts ? [...withoutRestarts, ...restarts] : withoutRestarts))
}

function applyAction(harness: SessionHarness, one: Action): void {
  switch (one.do) {
    case 'send':
      for (let count = one.count; count > 0; count--) harness.send(one.bytes)
      return
    case 'run':
      harness.run(one.ms)
      return
    case 'remove-member':
      harness.setMembers([])
      harness.run(20)
      harness.setMembers([1])
      return
    default:
      harness[one.do]()
  }
}

const actions = (withRestarts: boolean): fc.Arbitrary<Action[]> =>
  fc.array(action(withRestarts), { maxLength: 40 })

const faults = fc.record({
  lose: fc.constantFrom(0, 0.05, 0.3),
  double: fc.constantFrom(0, 0.2),
  delayMaxMs: fc.constantFrom(0, 5, 200),
})

describe('with faults on the wire', () => {
  it('all entries are delivered exactly once and in order while both processes live', () => {
    fc.assert(
      fc.property(fc.nat(), faults, actions(false), (seed, wire, all) => {
        const harness = new SessionHarness(
          seed,
          { windowBytes: 2_000 },
          { framesOnWireMax: 4, firstPartBytesMax: 400 },
        )
        harness.faults = wire
        harness.start()
        for (const one of all) {
          applyAction(harness, one)
          checkCounters(harness)
        }
        harness.faults = { lose: 0, double: 0, delayMaxMs: 0 }
        harness.resume()
        harness.run(30_000)
        expect(msgIds(harness)).toEqual(oneTo(harness.sent))
        expect(harness.settled).toEqual({ delivered: harness.sent, dead: [] })
        expect(harness.receiver.sessions.get(1)?.bufferedBytes).toBe(0)
      }),
      { numRuns: Number(process.env['RUNS'] ?? 300) },
    )
  })

  it('every entry is accounted for when receivers restart and senders are removed', () => {
    fc.assert(
      fc.property(fc.nat(), faults, fc.boolean(), actions(true), (seed, wire, resend, all) => {
        const limits = { windowBytes: 2_000, resendOnRestart: resend }
        const harness = new SessionHarness(seed, limits, {
          framesOnWireMax: 4,
          firstPartBytesMax: 400,
        })
        harness.faults = wire
        harness.start()
        for (const one of all) {
          applyAction(harness, one)
          checkCounters(harness)
        }
        harness.faults = { lose: 0, double: 0, delayMaxMs: 0 }
        harness.resume()
        harness.run(120_000)
        checkCounters(harness)
        expect(inFlight(harness.session)).toBe(0)
        const delivered = new Set(msgIds(harness))
        const dead = new Map(harness.settled.dead.map((one) => [one.msgId, one.outcome]))
        // Delivered at most once without resend, and in order per incarnation. A not-delivered entry was
        // not delivered. Every entry was delivered or is dead.
        if (!resend) expect(delivered.size).toBe(harness.deliveries.length)
        for (const { msgId } of harness.deliveries)
          expect(dead.get(msgId)).not.toBe('not-delivered')
        for (const msgId of oneTo(harness.sent))
          expect(delivered.has(msgId) || dead.has(msgId)).toBe(true)
        for (let incarnation = 1; incarnation <= harness.incarnation; incarnation++) {
          const ids = harness.deliveries
            .filter((one) => one.incarnation === incarnation)
            .map(({ msgId }) => msgId)
          expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b))
        }
      }),
      { numRuns: Number(process.env['RUNS'] ?? 300) },
    )
  })
})
