/** Sessions: exactly once and in order while both processes live, whatever the wire does; nothing unaccounted, ever. */
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import type { Entry } from '../../src/core/entries.ts'
import { giveUpAll } from '../../src/core/settle.ts'
import { inFlight } from '../../src/core/outbound.ts'
import { sizeOf } from '../../src/core/wire/entry.ts'
import { LINK_TUNING } from '../../src/core/link-tuning.ts'
import { Lab } from './lab.ts'

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)
const msgIds = (lab: Lab): number[] => lab.taken.map(({ msgId }) => msgId)

/** The law: sent = delivered + dead + in flight. */
function law(lab: Lab): void {
  const { delivered, dead } = lab.settled
  expect(delivered + dead.length + inFlight(lab.session)).toBe(lab.sent)
  const { mail, waitingBytes, unackedBytes, written, writtenBytes } = lab.session
  expect(waitingBytes).toBe(bytesOf(mail.waiting, (index) => mail.waitingAt(index)))
  expect(unackedBytes).toBe(bytesOf(mail.unacked, (index) => mail.at(index)))
  expect(writtenBytes).toBe(bytesOf(written, (index) => mail.at(index)))
}

function bytesOf(count: number, entryAt: (index: number) => Entry | undefined): number {
  let bytes = 0
  for (let index = 0; index < count; index++) bytes += sizeOf(entryAt(index)!)
  return bytes
}

describe('a session', () => {
  it('delivers in order, and the queue drains', () => {
    const lab = new Lab(1)
    lab.start()
    for (let count = 0; count < 100; count++) lab.send()
    lab.run(100)
    expect(msgIds(lab)).toEqual(upTo(100))
    expect(lab.settled).toEqual({ delivered: 100, dead: [] })
    expect(lab.session.state).toBe('up')
  })

  it('writes again what a broken connection swallowed, and only that arrives once', () => {
    const lab = new Lab(2)
    lab.start()
    lab.run(10)
    for (let count = 0; count < 300; count++) {
      lab.send(100)
      if (count % 30 === 0) lab.cut()
      lab.run(1)
    }
    lab.run(20_000)
    expect(msgIds(lab)).toEqual(upTo(300))
    law(lab)
  })

  it('never has more outstanding than the window, and one large envelope may always go', () => {
    const lab = new Lab(3, { windowBytes: 500 })
    lab.start()
    lab.run(10)
    lab.pause()
    for (let count = 0; count < 50; count++) lab.send(80)
    lab.run(50)
    expect(lab.session.writtenBytes).toBeLessThanOrEqual(500)
    expect(lab.session.mail.waiting).toBeGreaterThan(40)
    lab.resume()
    lab.send(900)
    lab.run(1_000)
    expect(msgIds(lab)).toEqual(upTo(51))
  })

  it('writes nothing at all while the receiver withholds credit, and goes on when it is back', () => {
    const lab = new Lab(4)
    lab.pause()
    lab.start()
    lab.run(10)
    lab.send()
    lab.run(10_000)
    expect(lab.session).toMatchObject({ written: 0, state: 'up' })
    lab.resume()
    lab.run(10)
    expect(msgIds(lab)).toEqual([1])
  })

  it('dead-letters as unknown what a receiver that restarted never acknowledged', () => {
    const lab = new Lab(5)
    lab.start()
    lab.run(10)
    lab.pause()
    for (let count = 0; count < 3; count++) lab.send()
    lab.run(10)
    lab.restart()
    lab.send()
    lab.run(5_000)
    expect(lab.settled.dead).toEqual(
      [1, 2, 3].map((msgId) => ({ msgId, reason: 'peer-restarted', outcome: 'unknown' })),
    )
    expect(lab.taken).toEqual([{ life: 2, msgId: 4 }])
    law(lab)
  })

  it('sends it to the new process instead, where it is asked to', () => {
    const lab = new Lab(6, { resendOnRestart: true })
    lab.start()
    lab.run(10)
    lab.pause()
    for (let count = 0; count < 3; count++) lab.send()
    lab.run(10)
    lab.restart()
    lab.run(5_000)
    expect(lab.taken).toEqual([1, 2, 3].map((msgId) => ({ life: 2, msgId })))
    law(lab)
  })

  it('says of what it sent to an earlier life that its fate is unknown, whatever becomes of it later', () => {
    const lab = new Lab(12, { resendOnRestart: true })
    lab.start()
    lab.run(10)
    lab.pause()
    lab.send()
    lab.run(10)
    lab.restart()
    lab.pause()
    lab.run(3_000)
    lab.send()
    expect(lab.session).toMatchObject({ written: 0, standing: 'welcome' })
    law(lab)
    expect(giveUpAll(lab.session, 'closed').map(({ outcome }) => outcome)).toEqual([
      'unknown',
      'not-delivered',
    ])
  })

  it('never sends again to a receiver that lives on what that one may have taken', () => {
    const lab = new Lab(13, { resendOnRestart: true })
    lab.start()
    lab.run(10)
    lab.send()
    lab.faults = { lose: 1, double: 0, delayMaxMs: 0 }
    // DATA is under way already; its ACK, and the word that the sender was expelled, are lost.
    lab.run(5)
    expect(msgIds(lab)).toEqual([1])
    lab.members([])
    lab.members([1])
    lab.run(5)
    lab.faults = { lose: 0, double: 0, delayMaxMs: 0 }
    lab.run(10_000)
    expect(msgIds(lab)).toEqual([1])
    expect(lab.settled.dead).toMatchObject([{ msgId: 1, outcome: 'unknown' }])
    law(lab)
  })

  it('counts anew with a receiver that has forgotten it, and goes on', () => {
    const lab = new Lab(14)
    lab.start()
    lab.run(10)
    for (let count = 0; count < 3; count++) lab.send()
    lab.run(10)
    lab.reception.sessions.clear()
    lab.cut()
    lab.send()
    lab.run(5_000)
    expect(msgIds(lab)).toEqual([1, 2, 3, 4])
    law(lab)
  })

  it('knows that what a removed sender had under way did not arrive, and goes on when it is back', () => {
    const lab = new Lab(7)
    lab.start()
    lab.run(10)
    lab.send()
    lab.run(10)
    lab.pause()
    lab.send()
    lab.run(10)
    lab.members([])
    lab.send()
    lab.run(500)
    expect(lab.session.state).toBe('down')
    expect(lab.settled).toEqual({
      delivered: 1,
      dead: [{ msgId: 2, reason: 'rejected', outcome: 'not-delivered', detail: 'not-a-member' }],
    })
    lab.members([1])
    lab.run(50)
    lab.resume()
    lab.run(3_000)
    expect(msgIds(lab)).toEqual([1, 3])
    law(lab)
  })

  it('gives up what a vanished receiver never acknowledged, after peerGoneMs, and begins anew', () => {
    const lab = new Lab(8)
    lab.start()
    lab.run(10)
    lab.pause()
    lab.send()
    lab.run(10)
    lab.reachable = false
    lab.cut()
    lab.run(59_000)
    expect(lab.settled.dead).toEqual([])
    lab.run(2_000)
    expect(lab.settled.dead).toEqual([{ msgId: 1, reason: 'peer-gone', outcome: 'unknown' }])
    lab.reachable = true
    lab.send()
    lab.run(3_000)
    lab.resume()
    lab.run(3_000)
    expect(msgIds(lab)).toContain(2)
    expect(inFlight(lab.session)).toBe(0)
    law(lab)
  })

  it('gives up what a receiver that answers and gives credit never takes, and begins anew', () => {
    const lab = new Lab(23)
    lab.start()
    lab.run(10)
    lab.hoarding = true
    lab.send()
    lab.run(59_000)
    expect(lab.settled.dead).toEqual([])
    lab.run(3_000)
    expect(lab.settled.dead).toEqual([{ msgId: 1, reason: 'peer-gone', outcome: 'unknown' }])
    lab.hoarding = false
    lab.send()
    lab.run(2_000)
    expect(msgIds(lab)).toEqual([2])
    expect(lab.session.state).toBe('up')
  })

  it('gives one that was away for long the time to take what is written again', () => {
    const lab = new Lab(25)
    lab.start()
    lab.run(10)
    lab.hoarding = true
    lab.send()
    lab.run(10)
    lab.reachable = false
    lab.cut()
    lab.run(58_000)
    lab.reachable = true
    // It is back before peerGoneMs is over, and takes its time.
    lab.run(10_000)
    expect([lab.session.standing, lab.settled.dead]).toEqual(['welcome', []])
  })

  it('waits for a receiver that is paused, for as long as it takes', () => {
    const lab = new Lab(24)
    lab.start()
    lab.run(10)
    lab.pause()
    lab.send()
    lab.run(600_000)
    expect(lab.settled.dead).toEqual([])
    lab.resume()
    lab.run(100)
    expect(lab.settled).toEqual({ delivered: 1, dead: [] })
  })

  it('puts what was under way back into the queue when the receiver says BYE', () => {
    const lab = new Lab(9)
    lab.start()
    lab.run(10)
    lab.pause()
    lab.send()
    lab.run(10)
    lab.atReception({ type: 'bye' })
    lab.run(2)
    expect(lab.session).toMatchObject({ state: 'down', settled: 0 })
    expect(lab.session.mail.waiting).toBe(1)
    lab.restart()
    lab.run(5_000)
    expect(lab.taken).toEqual([{ life: 2, msgId: 1 }])
    expect(lab.settled).toEqual({ delivered: 1, dead: [] })
  })

  it('is busy when the receiver does not answer, and up when it does again', () => {
    const lab = new Lab(10)
    lab.start()
    lab.run(10)
    lab.faults = { lose: 1, double: 0, delayMaxMs: 0 }
    lab.run(7_000)
    expect(lab.session.state).toBe('busy')
    lab.faults = { lose: 0, double: 0, delayMaxMs: 0 }
    lab.run(4_000)
    expect(lab.session.state).toBe('up')
  })

  it('counts anew with one that calls itself the same and knows less than it has acknowledged', () => {
    const lab = new Lab(22)
    lab.start()
    lab.run(10)
    for (let count = 0; count < 3; count++) lab.send()
    lab.run(10)
    lab.faults = { lose: 1, double: 0, delayMaxMs: 0 }
    lab.cut()
    lab.run(100)
    const { nonce, epoch, receiver } = lab.session
    const { incarnation = '', toEpoch = 0 } = receiver ?? {}
    const none = { settled: 0, received: 0, gap: false, rejections: [] }
    const sessions = [{ pid: 1, epoch, toEpoch, credit: 4_000, ...none }]
    const welcome = { type: 'welcome', nonce, pid: 2, incarnation, features: 0 } as const
    expect(lab.session).toMatchObject({ standing: 'asked', settled: 3 })
    lab.atLink({ type: 'frame', frame: { ...welcome, maxMessageBytes: 1_000, sessions } })
    expect(lab.session).toMatchObject({ standing: 'welcome', settled: 0 })
  })

  it('does not take the last word of another life for one about itself', () => {
    const lab = new Lab(21)
    lab.start()
    lab.run(10)
    lab.pause()
    lab.send()
    lab.run(10)
    const last = { incarnation: 'ffffffffffffffff', epoch: 1, toEpoch: 1, settled: 0 }
    const refused = {
      type: 'refused',
      nonce: 0,
      pid: 1,
      reason: 'not-a-member',
      detail: '',
      last,
    } as const
    lab.atLink({ type: 'frame', frame: refused })
    expect(lab.session.standing).toBe('welcome')
    expect(lab.settled.dead).toEqual([])
    lab.atLink({
      type: 'frame',
      frame: { ...refused, last: { ...last, incarnation: '00000000000000b1' } },
    })
    expect(lab.settled.dead).toMatchObject([{ reason: 'rejected', outcome: 'not-delivered' }])
  })

  it('goes back at once when a gap shows, without waiting for a PING', () => {
    const lab = new Lab(15)
    lab.start()
    lab.run(10)
    lab.faults = { lose: 1, double: 0, delayMaxMs: 0 }
    lab.send()
    lab.faults = { lose: 0, double: 0, delayMaxMs: 0 }
    lab.send()
    lab.run(20)
    expect(msgIds(lab)).toEqual([1, 2])
  })

  it('asks again when no word of it comes back, though nothing of it is under way', () => {
    const lab = new Lab(16)
    lab.start()
    lab.run(10)
    lab.faults = { lose: 1, double: 0, delayMaxMs: 0 }
    lab.members([])
    lab.members([1])
    lab.faults = { lose: 0, double: 0, delayMaxMs: 0 }
    // While it is idle, every tenth PING asks where it stands.
    lab.run(LINK_TUNING.reportEvery * LINK_TUNING.pingAfterMs + 1_000)
    lab.send()
    lab.run(20)
    expect(msgIds(lab)).toEqual([1])
  })

  it('that is refused again and again says so once', () => {
    const lab = new Lab(17)
    lab.members([])
    lab.start()
    lab.run(20_000)
    expect(lab.linkEffects.filter(({ type }) => type === 'refused')).toHaveLength(1)
    const asked = lab.receptionEffects.filter(({ type }) => type === 'turned-away').length
    expect(asked).toBeGreaterThan(4)
  })

  it('does not suspect its receiver when its own process did not run', () => {
    const lab = new Lab(18)
    lab.start()
    lab.run(10)
    lab.faults = { lose: 1, double: 0, delayMaxMs: 0 }
    lab.run(3_500)
    lab.nowMs += 10_000
    lab.atLink({ type: 'tick', lagMs: 10_000 })
    expect(lab.session.state).toBe('up')
  })

  it('has no more frames under way than framesMax', () => {
    const lab = new Lab(19, {}, { framesMax: 2, batchBytes: 1 })
    lab.start()
    lab.run(10)
    lab.faults = { lose: 1, double: 0, delayMaxMs: 0 }
    for (let count = 0; count < 5; count++) lab.send()
    expect(lab.session.written).toBe(2)
  })

  it('writes nothing that has become too old while its process did not run', () => {
    const lab = new Lab(20)
    lab.pause()
    lab.start()
    lab.run(10)
    lab.send(10, 500)
    lab.send()
    lab.resume()
    lab.nowMs += 1_000
    // The frame that gives credit is read before the timer that is due as well.
    const report = {
      pid: 1,
      epoch: 1,
      toEpoch: 1,
      settled: 0,
      received: 0,
      gap: false,
      rejections: [],
    }
    lab.atLink({ type: 'frame', frame: { type: 'ack', sessions: [{ ...report, credit: 4_000 }] } })
    lab.run(5)
    expect(msgIds(lab)).toEqual([2])
    expect(lab.settled.dead).toMatchObject([
      { msgId: 1, reason: 'expired', outcome: 'not-delivered' },
    ])
  })

  it('is silent when there is nothing to say, but for a PING after 3 s', () => {
    const lab = new Lab(11)
    lab.start()
    lab.run(100)
    const before = lab.linkEffects.filter(({ type }) => type === 'send').length
    lab.run(30_000)
    const pings = lab.linkEffects.filter(({ type }) => type === 'send').length - before
    expect(pings).toBeGreaterThanOrEqual(9)
    expect(pings).toBeLessThanOrEqual(10)
  })
})

type Deed =
  | { readonly do: 'send'; readonly count: number; readonly bytes: number }
  | { readonly do: 'run'; readonly ms: number }
  | { readonly do: 'cut' | 'pause' | 'resume' | 'restart' | 'expel' }

const deed = (withRestarts: boolean): fc.Arbitrary<Deed> => {
  const quiet: fc.WeightedArbitrary<Deed>[] = [
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
  const loud: fc.WeightedArbitrary<Deed>[] = [
    { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'expel' as const }) },
  ]
  return fc.oneof(...(withRestarts ? [...quiet, ...loud] : quiet))
}

function perform(lab: Lab, one: Deed): void {
  switch (one.do) {
    case 'send':
      for (let count = one.count; count > 0; count--) lab.send(one.bytes)
      return
    case 'run':
      lab.run(one.ms)
      return
    case 'expel':
      lab.members([])
      lab.run(20)
      lab.members([1])
      return
    default:
      lab[one.do]()
  }
}

const deeds = (withRestarts: boolean): fc.Arbitrary<Deed[]> =>
  fc.array(deed(withRestarts), { maxLength: 40 })

const faults = fc.record({
  lose: fc.constantFrom(0, 0.05, 0.3),
  double: fc.constantFrom(0, 0.2),
  delayMaxMs: fc.constantFrom(0, 5, 200),
})

describe('under any faults of the wire', () => {
  it('everything arrives exactly once and in order while both processes live', () => {
    fc.assert(
      fc.property(fc.nat(), faults, deeds(false), (seed, wire, all) => {
        const lab = new Lab(seed, { windowBytes: 2_000 }, { framesMax: 4, batchBytes: 400 })
        lab.faults = wire
        lab.start()
        for (const one of all) {
          perform(lab, one)
          law(lab)
        }
        lab.faults = { lose: 0, double: 0, delayMaxMs: 0 }
        lab.resume()
        lab.run(30_000)
        expect(msgIds(lab)).toEqual(upTo(lab.sent))
        expect(lab.settled).toEqual({ delivered: lab.sent, dead: [] })
        expect(lab.reception.sessions.get(1)?.heldBytes).toBe(0)
      }),
      { numRuns: Number(process.env['RUNS'] ?? 300) },
    )
  })

  it('nothing is unaccounted, and no word is false, when receivers restart and senders are expelled', () => {
    fc.assert(
      fc.property(fc.nat(), faults, fc.boolean(), deeds(true), (seed, wire, resend, all) => {
        const limits = { windowBytes: 2_000, resendOnRestart: resend }
        const lab = new Lab(seed, limits, { framesMax: 4, batchBytes: 400 })
        lab.faults = wire
        lab.start()
        for (const one of all) {
          perform(lab, one)
          law(lab)
        }
        lab.faults = { lose: 0, double: 0, delayMaxMs: 0 }
        lab.resume()
        lab.run(120_000)
        law(lab)
        expect(inFlight(lab.session)).toBe(0)
        const seen = new Set(msgIds(lab))
        const dead = new Map(lab.settled.dead.map((one) => [one.msgId, one.outcome]))
        // At most once; in order within each life; not-delivered truly is; what is neither dead nor seen does not exist.
        if (!resend) expect(seen.size).toBe(lab.taken.length)
        for (const { msgId } of lab.taken) expect(dead.get(msgId)).not.toBe('not-delivered')
        for (const msgId of upTo(lab.sent)) expect(seen.has(msgId) || dead.has(msgId)).toBe(true)
        for (let life = 1; life <= lab.life; life++) {
          const ids = lab.taken.filter((one) => one.life === life).map(({ msgId }) => msgId)
          expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b))
        }
      }),
      { numRuns: Number(process.env['RUNS'] ?? 300) },
    )
  })
})
