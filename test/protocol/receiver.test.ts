/** A receiver: frames in, effects out. */
import { NO_CHALLENGES, PLAIN_RECEIVER } from './plain.ts'
import type { Incarnation } from '../../src/model/envelope.ts'
import { describe, expect, it } from 'vitest'
import {
  type SessionOffer,
  type SessionReport,
  type WireFrame,
} from '../../src/protocol/wire/frames.ts'
import {
  type Receiver,
  type ReceiverEvent,
  createReceiver,
} from '../../src/protocol/receiver/receiver-state.ts'
import { stepReceiver } from '../../src/protocol/receiver/receiver.ts'
import { decodeFrame } from '../../src/protocol/wire/decode-frame.ts'
import { dataFrameOf } from './entries.ts'
import { entryOf } from './session-harness.ts'

const offer = (over: Partial<SessionOffer> = {}): SessionOffer => ({
  pid: 1,
  incarnation: '00000000000000a1' as Incarnation,
  epoch: 1,
  settled: 0,
  ...over,
})
const hello = (over: object = {}, ...offers: SessionOffer[]): WireFrame => ({
  type: 'hello',
  version: 2,
  nonce: 77,
  cluster: 'test',
  to: 2,
  features: 0,
  endpoint: '',
  keyed: false,
  offers: offers.length === 0 ? [offer()] : offers,
  ...over,
})
const data = (first: number, count: number, over: object = {}): WireFrame =>
  decodeFrame(
    dataFrameOf(
      Array.from({ length: count }, (_, index) => entryOf(index, 4, 1e9)),
      { first, ...over },
    ),
  )

function createTestReceiver(...members: number[]): Receiver {
  const incarnation = '00000000000000b2' as Incarnation
  const limits = { windowBytes: 1000, maxMessageBytes: 500, ...PLAIN_RECEIVER }
  const receiver = createReceiver({ pid: 2, incarnation, cluster: 'test', ...limits })
  stepReceiver(receiver, { type: 'members', pids: new Set(members) }, NO_CHALLENGES)
  return receiver
}

function formatReport({ pid, settled, received, credit, gap, rejections }: SessionReport): string {
  const rejected = rejections.map(({ sequence }) => sequence)
  return `${pid} ${settled}/${received} credit ${credit}${gap ? ' gap' : ''} rejected ${rejected}`
}

/** Steps the receiver, and formats each effect as a line; frames begin with their connection. */
function step(receiver: Receiver, event: ReceiverEvent): string[] {
  const [, effects] = stepReceiver(receiver, event, NO_CHALLENGES)
  return effects.map((effect) => {
    if (effect.type === 'deliver')
      return `deliver ${effect.batch.first}+${effect.batch.count} skip ${effect.batch.skip}`
    if (effect.type !== 'send') return `${effect.type} ${'pid' in effect ? effect.pid : ''}`.trim()
    const frame = decodeFrame(effect.frame)
    switch (frame.type) {
      case 'refused': {
        const target = frame.pids.length === 0 ? 'all' : frame.pids.join('+')
        const at = frame.final === undefined ? '' : ` at ${frame.final.settled}`
        return `${effect.connection}: refused ${target} ${frame.reason} ${frame.nonce}${at}`
      }
      case 'welcome':
      case 'ack':
      case 'bye':
        return `${effect.connection}: ${frame.type} ${frame.sessions.map(formatReport).join('; ')}`.trim()
      default:
        return `${effect.connection}: ${frame.type}`
    }
  })
}
const frame = (one: WireFrame, connection = 'c1'): ReceiverEvent => ({
  type: 'frame',
  connection,
  frame: one,
})

describe('HELLO', () => {
  const table: [string, WireFrame, string[]][] = [
    ['of a member', hello(), ['accepted-sender 1', 'c1: welcome 1 0/0 credit 1000 rejected']],
    [
      'of another cluster',
      hello({ cluster: 'x' }),
      ['c1: refused all wrong-cluster 77', 'refused-peer 1'],
    ],
    ['of another version', hello({ version: 9, nonce: 0 }), ['c1: refused all wrong-version 0']],
    ['for another pid', hello({ to: 3 }), ['c1: refused all wrong-pid 77', 'refused-peer 1']],
    [
      'of a node that is not a member',
      hello({}, offer({ pid: 9 })),
      ['c1: refused 9 not-a-member 77', 'refused-peer 9'],
    ],
    [
      'of a member and another node',
      hello({}, offer(), offer({ pid: 9 })),
      [
        'accepted-sender 1',
        'c1: refused 9 not-a-member 77',
        'refused-peer 9',
        'c1: welcome 1 0/0 credit 1000 rejected',
      ],
    ],
    ['without offers', hello({ offers: [] }), ['c1: welcome']],
  ]
  it.each(table)('%s', (_, sent, expected) => {
    expect(step(createTestReceiver(1, 3), frame(sent))).toEqual(expected)
  })

  it('of more pids than are remembered: answers, and reports no more', () => {
    const receiver = createTestReceiver(1)
    const join = (first: number): WireFrame => {
      const offers = Array.from({ length: 1_024 }, (_, index) => offer({ pid: first + index }))
      return { type: 'join', nonce: 77, offers }
    }
    step(receiver, frame(hello()))
    for (let round = 0; round < 4; round++) {
      expect(step(receiver, frame(join(10 + round * 1_024)))).toHaveLength(1_025)
    }
    expect(step(receiver, frame(join(10)))).toHaveLength(1)
    expect(step(receiver, frame(join(10_000)))).toHaveLength(1)
  })

  it('of the same process again: continues the session on the new connection', () => {
    const receiver = createTestReceiver(1)
    step(receiver, frame(hello()))
    step(receiver, frame(data(1, 3)))
    expect(step(receiver, frame(hello(), 'c2'))).toEqual(['c2: welcome 1 0/3 credit 1000 rejected'])
    expect(step(receiver, frame(data(4, 1), 'c1'))).toEqual(['c1: refused all hello-required 0'])
    expect(step(receiver, frame(data(4, 1), 'c2'))).toEqual(['deliver 4+1 skip 0'])
  })

  it('of a new process: supersedes the former one', () => {
    const receiver = createTestReceiver(1)
    step(receiver, frame(hello()))
    const other = hello({}, offer({ incarnation: '00000000000000a2' as Incarnation }))
    expect(step(receiver, frame(other, 'c2'))).toEqual([
      'c1: refused 1 superseded 0',
      'accepted-sender 1',
      'c2: welcome 1 0/0 credit 1000 rejected',
    ])
  })

  it('that names a pid twice: the first counts', () => {
    const receiver = createTestReceiver(1)
    const effects = step(receiver, frame(hello({}, offer({ epoch: 3 }), offer({ epoch: 4 }))))
    expect(effects).toEqual(['accepted-sender 1', 'c1: welcome 1 0/0 credit 1000 rejected'])
    expect(receiver.sessions.get(1)?.epoch).toBe(3)
  })

  it('that is the second on a connection: keeps the sessions that it does not name', () => {
    const receiver = createTestReceiver(1, 3)
    step(receiver, frame(hello()))
    step(receiver, frame(hello({}, offer({ pid: 3 }))))
    expect(step(receiver, frame(data(1, 1)))).toEqual(['deliver 1+1 skip 0'])
  })

  it('without offers: does not learn the incarnation of the receiver', () => {
    const [, effects] = stepReceiver(
      createTestReceiver(1),
      frame(hello({ offers: [] })),
      NO_CHALLENGES,
    )
    const [welcome] = effects.flatMap((one) => (one.type === 'send' ? decodeFrame(one.frame) : []))
    expect(welcome).toMatchObject({ type: 'welcome', incarnation: '0000000000000000' })
  })

  it('for another pid: learns who listens', () => {
    const [, effects] = stepReceiver(createTestReceiver(1), frame(hello({ to: 3 })), NO_CHALLENGES)
    const [refused] = effects.flatMap((one) => (one.type === 'send' ? decodeFrame(one.frame) : []))
    expect(refused).toMatchObject({ type: 'refused', reason: 'wrong-pid', truePid: 2 })
  })

  it('of an epoch that leaps: is superseded', () => {
    const receiver = createTestReceiver(1)
    step(receiver, frame(hello()))
    const leap = step(receiver, frame(hello({}, offer({ epoch: 2 ** 20 + 2 })), 'c2'))
    expect(leap).toEqual(['c2: refused 1 superseded 77'])
    const counted = step(receiver, frame(hello({}, offer({ epoch: 2 ** 20 + 1 })), 'c2'))
    expect(counted).toContain('accepted-sender 1')
  })

  it('of an earlier epoch of the same process: is superseded', () => {
    const receiver = createTestReceiver(1)
    step(receiver, frame(hello({}, offer({ epoch: 5 }))))
    expect(step(receiver, frame(hello({}, offer({ epoch: 4 })), 'c2'))).toEqual([
      'c2: refused 1 superseded 77',
    ])
  })
})

describe('PROOF', () => {
  it('that names a pid twice: the first counts', () => {
    const [key, mac] = [new Uint8Array(32), new Uint8Array(32).fill(1)]
    const pair = { publicKey: key, secretKey: key }
    const keys = { pair, publicKeysOf: () => [key], sharedSecret: () => key, mac: () => mac }
    const incarnation = '00000000000000b2' as Incarnation
    const limits = { windowBytes: 1000, maxMessageBytes: 500, ...PLAIN_RECEIVER }
    const context = { challenge: () => new Uint8Array(16) }
    const proven = { ...offer(), publicKey: key, mac }
    const unproven = { ...proven, epoch: 2, mac: key }
    const answers = (...offers: (typeof proven)[]): string[] => {
      const receiver = createReceiver({ pid: 2, incarnation, cluster: 'test', ...limits, keys })
      stepReceiver(receiver, { type: 'members', pids: new Set([1]) }, context)
      stepReceiver(receiver, frame(hello({ keyed: true, offers: [] })), context)
      const proof = frame({ type: 'proof', nonce: 77, offers })
      const [, effects] = stepReceiver(receiver, proof, context)
      const frames = effects.flatMap((one) => (one.type === 'send' ? decodeFrame(one.frame) : []))
      return frames.map((one) => (one.type === 'refused' ? one.reason : one.type))
    }
    expect(answers(proven, unproven)).toEqual(['welcome'])
    expect(answers(unproven, proven)).toEqual(['not-proven'])
  })
})

describe('DATA', () => {
  const handshaken = (): Receiver => {
    const receiver = createTestReceiver(1)
    step(receiver, frame(hello()))
    return receiver
  }
  const table: [string, WireFrame[], string[]][] = [
    ['in order is delivered', [data(1, 2), data(3, 1)], ['deliver 3+1 skip 0']],
    ['received before is dropped', [data(1, 2), data(1, 2)], []],
    [
      'partly received before is delivered from the first new entry',
      [data(1, 2), data(2, 3)],
      ['deliver 3+2 skip 1'],
    ],
    ['after a gap is dropped', [data(1, 2), data(4, 1)], []],
    ['of another epoch is dropped', [data(1, 1, { epoch: 2 })], []],
    ['for another epoch of the receiver is dropped', [data(1, 1, { toEpoch: 2 })], []],
    [
      'of an unknown session requires HELLO',
      [data(1, 1, { pid: 7 })],
      ['c1: refused all hello-required 0'],
    ],
  ]
  it.each(table)('%s', (_, frames, expected) => {
    const receiver = handshaken()
    const last = frames.map((one) => step(receiver, frame(one))).at(-1)
    expect(last).toEqual(expected)
  })

  it('is acknowledged when it is settled, and a gap is reported once', () => {
    const receiver = handshaken()
    step(receiver, frame(data(1, 2)))
    step(receiver, frame(data(5, 1)))
    expect(step(receiver, { type: 'flush' })).toEqual(['c1: ack 1 0/2 credit 1000 gap rejected'])
    const session = receiver.sessions.get(1)
    if (session === undefined) throw new Error('no session')
    const rejections = [{ sequence: 2, reason: 'undecodable', detail: '' } as const]
    step(receiver, { type: 'settled', session, count: 2, bytes: 0, rejections })
    expect(step(receiver, { type: 'flush' })).toEqual(['c1: ack 1 2/2 credit 1000 rejected 2'])
    expect(step(receiver, { type: 'flush' })).toEqual([])
  })

  it('that is not urgent is acknowledged after 16 batches, or with an urgent one', () => {
    const receiver = Object.assign(handshaken(), { windowBytes: 1e6 })
    for (let first = 1; first <= 15; first++)
      step(receiver, frame(data(first, 1, { urgent: false })))
    expect([receiver.pendingAcks.length, receiver.ackNow]).toEqual([1, false])
    step(receiver, frame(data(16, 1, { urgent: false })))
    expect(receiver.ackNow).toBe(true)
    step(receiver, { type: 'flush' })
    step(receiver, frame(data(17, 1, { urgent: false })))
    expect([receiver.pendingAcks.length, receiver.ackNow]).toEqual([1, false])
    step(receiver, frame(data(18, 1)))
    expect(receiver.ackNow).toBe(true)
    step(receiver, { type: 'flush' })
    // A gap is reported at once.
    step(receiver, frame(data(21, 1, { urgent: false })))
    expect(receiver.ackNow).toBe(true)
  })

  it('rejections are repeated until HELLO confirms them', () => {
    const receiver = handshaken()
    step(receiver, frame(data(1, 1)))
    const session = receiver.sessions.get(1)
    if (session === undefined) throw new Error('no session')
    const rejections = [{ sequence: 1, reason: 'undecodable', detail: '' } as const]
    step(receiver, { type: 'settled', session, count: 1, bytes: 0, rejections })
    step(receiver, { type: 'flush' })
    expect(step(receiver, frame(hello(), 'c2'))).toEqual([
      'c2: welcome 1 1/1 credit 1000 rejected 1',
    ])
    const knowing = hello({}, offer({ settled: 1 }))
    expect(step(receiver, frame(knowing, 'c2'))).toEqual(['c2: welcome 1 1/1 credit 1000 rejected'])
  })

  it('rejections are repeated until DATA confirms them', () => {
    const receiver = handshaken()
    step(receiver, frame(data(1, 1)))
    const session = receiver.sessions.get(1)
    if (session === undefined) throw new Error('no session')
    step(receiver, {
      type: 'settled',
      session,
      count: 1,
      bytes: 0,
      rejections: [{ sequence: 1, reason: 'malformed', detail: '' }],
    })
    step(receiver, frame(data(2, 1, { settled: 1 })))
    expect(step(receiver, { type: 'flush' })).toEqual(['c1: ack 1 1/2 credit 1000 rejected'])
  })
})

describe('other events', () => {
  it('PING is answered with ACK, then PONG', () => {
    const receiver = createTestReceiver(1)
    step(receiver, frame(hello()))
    expect(step(receiver, frame({ type: 'ping', token: 5, requestsReports: true }))).toEqual([
      'c1: ack 1 0/0 credit 1000 rejected',
      'c1: pong',
    ])
  })

  it('PING without sessions is answered with PONG', () => {
    expect(
      step(createTestReceiver(1), frame({ type: 'ping', token: 5, requestsReports: true })),
    ).toEqual(['c1: pong'])
  })

  it('a paused inbox grants no credit; resuming it is acknowledged to every sender', () => {
    const receiver = createTestReceiver(1)
    step(receiver, { type: 'pause', paused: true })
    expect(step(receiver, frame(hello()))).toContain('c1: welcome 1 0/0 credit 0 rejected')
    step(receiver, { type: 'pause', paused: false })
    expect(step(receiver, { type: 'flush' })).toEqual(['c1: ack 1 0/0 credit 1000 rejected'])
  })

  it('a removed member gets its final position, and hello-required when it is added again', () => {
    const receiver = createTestReceiver(1)
    step(receiver, frame(hello()))
    step(receiver, frame(data(1, 3)))
    expect(step(receiver, { type: 'members', pids: new Set() })).toEqual([
      'c1: ack 1 0/3 credit 0 rejected',
      'c1: refused 1 not-a-member 0 at 0',
    ])
    expect(step(receiver, frame(data(4, 1)))).toEqual([])
    expect(step(receiver, { type: 'members', pids: new Set([1]) })).toEqual([
      'c1: refused 1 hello-required 0',
    ])
  })

  it('LEAVE ends the session of its epoch, not a later one', () => {
    const receiver = createTestReceiver(1)
    step(receiver, frame(hello({}, offer({ epoch: 2 }))))
    step(receiver, frame({ type: 'leave', ended: [{ pid: 1, epoch: 1 }] }))
    expect(receiver.sessions.size).toBe(1)
    step(receiver, frame({ type: 'leave', ended: [{ pid: 1, epoch: 2 }] }))
    expect(receiver.sessions.size).toBe(0)
  })

  it('LEAVE on another connection is ignored', () => {
    const receiver = createTestReceiver(1)
    step(receiver, frame(hello()))
    step(receiver, frame({ type: 'leave', ended: [{ pid: 1, epoch: 1 }] }, 'c2'))
    expect(receiver.sessions.size).toBe(1)
  })

  it('JOIN without HELLO is refused for all of its nodes, without its nonce', () => {
    const joined = frame({ type: 'join', nonce: 5, offers: [offer()] })
    expect(step(createTestReceiver(1), joined)).toEqual(['c1: refused all hello-required 0'])
  })

  it('members that were refused learn in frames of 1,024 pids at most that they are members', () => {
    const receiver = createTestReceiver()
    const pids = Array.from({ length: 1_500 }, (_, index) => index + 10)
    for (const some of [pids.slice(0, 1_000), pids.slice(1_000)]) {
      step(receiver, frame(hello({}, ...some.map((pid) => offer({ pid })))))
    }
    const [, effects] = stepReceiver(
      receiver,
      { type: 'members', pids: new Set(pids) },
      NO_CHALLENGES,
    )
    const refused = effects.flatMap((one) => (one.type === 'send' ? decodeFrame(one.frame) : []))
    const listed = refused.map((one) => (one.type === 'refused' ? one.pids : []))
    expect(listed.map(({ length }) => length)).toEqual([1_024, 476])
    expect(listed.flat()).toEqual(pids)
  })

  it('BYE has at most 4,096 reports; further ones are in another frame', () => {
    const pids = Array.from({ length: 4_100 }, (_, index) => index + 10)
    const receiver = createTestReceiver(...pids)
    for (let from = 0; from < pids.length; from += 1_000) {
      const offers = pids.slice(from, from + 1_000).map((pid) => offer({ pid }))
      step(receiver, frame(hello({}, ...offers)))
    }
    const [, effects] = stepReceiver(receiver, { type: 'bye' }, NO_CHALLENGES)
    const byes = effects.flatMap((one) => (one.type === 'send' ? decodeFrame(one.frame) : []))
    const counts = byes.map((one) => (one.type === 'bye' ? one.sessions.length : 0))
    expect(counts).toEqual([4_096, 4])
  })

  it('after BYE every frame is ignored', () => {
    const receiver = createTestReceiver(1)
    step(receiver, frame(hello()))
    step(receiver, { type: 'bye' })
    expect(step(receiver, frame(hello(), 'c2'))).toEqual([])
    expect(step(receiver, frame(data(1, 1)))).toEqual([])
  })

  it('BYE reports every session', () => {
    const receiver = createTestReceiver(1)
    step(receiver, frame(hello()))
    step(receiver, frame(data(1, 1)))
    expect(step(receiver, { type: 'bye' })).toEqual(['c1: bye 1 0/1 credit 0 rejected'])
  })

  it('frames that only receivers send are bad frames', () => {
    expect(step(createTestReceiver(1), frame({ type: 'bye', sessions: [] }))).toEqual(['bad-frame'])
    expect(step(createTestReceiver(1), frame({ type: 'ack', sessions: [] }))).toEqual(['bad-frame'])
  })
})
