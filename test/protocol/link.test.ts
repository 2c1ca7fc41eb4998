/** A link, step by step: ready sessions, frames in flight, deadlines, JOIN and LEAVE. */
import { PLAIN_LINK } from './plain.ts'
import type { Incarnation } from '../../src/model/envelope.ts'
import { describe, expect, it } from 'vitest'
import {
  createLink,
  type Link,
  type LinkEffect,
  type LinkEvent,
} from '../../src/protocol/link/link-state.ts'
import { stepLink } from '../../src/protocol/link/link.ts'
import {
  enqueue,
  createOutboundSession,
  type OutboundSession,
} from '../../src/protocol/session/outbound-session.ts'
import { LINK_TUNING, type LinkTuning } from '../../src/protocol/link/tuning.ts'
import { decodeFrame } from '../../src/protocol/wire/decode-frame.ts'
import { entryOf, localNodeOf } from './session-harness.ts'
import type { SessionReport, WireFrame } from '../../src/protocol/wire/frames.ts'

let nowMs = 0
const step = (link: Link, event: LinkEvent): readonly LinkEffect[] =>
  stepLink(link, event, { nowMs, random: () => 0.5 })[1]
const receive = (link: Link, frame: WireFrame): readonly LinkEffect[] =>
  step(link, { type: 'frame', frame })
const frames = (effects: readonly LinkEffect[]): WireFrame[] =>
  effects.flatMap((one) => (one.type === 'send' ? [decodeFrame(one.frame)] : []))
const types = (effects: readonly LinkEffect[]): string[] => frames(effects).map(({ type }) => type)
const report = (pid: number, more: Partial<SessionReport> = {}): SessionReport => ({
  pid,
  epoch: 1,
  toEpoch: 1,
  settled: 0,
  received: 0,
  credit: 4_000,
  replyCredit: 4_000,
  gap: false,
  rejections: [],
  ...more,
})
const welcome = (nonce: number, ...sessions: SessionReport[]): WireFrame => ({
  type: 'welcome',
  nonce,
  pid: 2,
  incarnation: '00000000000000bb' as Incarnation,
  features: 0,
  maxMessageBytes: 1e6,
  maxMessageValues: 1e6,
  sessions,
})
const refusal = (pid: number, nonce = 0): WireFrame => ({
  type: 'refused',
  nonce,
  pids: [pid],
  reason: 'not-a-member',
  detail: '',
})
const sessionOf = (pid: number): OutboundSession =>
  createOutboundSession({ ...localNodeOf(), pid }, 2, nowMs)

function createOpenLink(
  pids: number[],
  tuning: Partial<LinkTuning> = {},
): { link: Link; sessions: OutboundSession[] } {
  nowMs = 0
  const link = createLink({ cluster: 'lab', to: 2, ...PLAIN_LINK, tuning: { ...LINK_TUNING, ...tuning } }, 0)
  const sessions = pids.map(sessionOf)
  for (const session of sessions) step(link, { type: 'add', session })
  step(link, { type: 'opened' })
  receive(link, welcome(link.nonce, ...pids.map((pid) => report(pid))))
  return { link, sessions }
}

function send(link: Link, session: OutboundSession, count = 1, bytes = 10): WireFrame[] {
  for (let left = count; left > 0; left--) enqueue(session, entryOf(left, bytes, 1e9))
  return frames(step(link, { type: 'flush', sessions: [session] }))
}

describe('a link', () => {
  it('queues no session that is not established', () => {
    const { link, sessions } = createOpenLink([1])
    receive(link, refusal(1))
    link.phase = 'handshake'
    send(link, sessions[0]!)
    expect([...link.readyQueue.values()]).toEqual([])
  })

  it('sends all entries of a session in as many batches as needed', () => {
    const { link, sessions } = createOpenLink([1], {
      batchEntriesMax: 4,
      frameBatchesMax: 2,
      firstPartBytesMax: 1e6,
    })
    const sent = send(link, sessions[0]!, 20)
    expect(
      sent.map((frame) => frame.type === 'data' && frame.batches.map(({ count }) => count)),
    ).toEqual([[4, 4], [4, 4], [4]])
  })

  it('sends the next frame when a frame in flight has arrived completely', () => {
    const { link, sessions } = createOpenLink([1], {
      framesOnWireMax: 1,
      batchEntriesMax: 1,
      frameBatchesMax: 1,
    })
    expect(send(link, sessions[0]!, 3)).toHaveLength(1)
    expect(types(receive(link, { type: 'ack', sessions: [report(1, { received: 1 })] }))).toEqual([
      'data',
    ])
    expect(types(receive(link, { type: 'ack', sessions: [report(1, { received: 1 })] }))).toEqual(
      [],
    )
  })

  it('sends entries again that were sent before PING and have not arrived by PONG', () => {
    const { link, sessions } = createOpenLink([1])
    send(link, sessions[0]!)
    nowMs = 2_000
    expect(types(step(link, { type: 'tick', lagMs: 0 }))).toEqual(['ping'])
    receive(link, { type: 'ack', sessions: [report(1)] })
    expect(types(receive(link, { type: 'pong', token: link.pingToken }))).toEqual(['data'])
    nowMs = 4_000
    step(link, { type: 'tick', lagMs: 0 })
    receive(link, { type: 'ack', sessions: [report(1, { received: 1 })] })
    const { generation } = sessions[0]!
    expect(types(receive(link, { type: 'pong', token: link.pingToken }))).toEqual([])
    expect(sessions[0]!.generation).toBe(generation)
  })

  it('ignores answers to others: by nonce, epoch, toEpoch and token', () => {
    const { link, sessions } = createOpenLink([1])
    const [session] = sessions as [OutboundSession]
    send(link, session, 3)
    for (const other of [{ epoch: 2 }, { toEpoch: 2 }]) {
      const reports = [report(1, { settled: 2, received: 2, ...other })]
      receive(link, { type: 'ack', sessions: reports })
      step(link, { type: 'closed', reason: 'cut' })
      nowMs = link.redialAtMs
      step(link, { type: 'tick', lagMs: 0 })
      step(link, { type: 'opened' })
      receive(link, welcome(0, report(1, { settled: 3, received: 3 })))
      receive(link, welcome(link.nonce + 1, report(1, { settled: 3, received: 3 })))
      receive(link, { ...refusal(1), nonce: link.nonce + 1 } as WireFrame)
      expect([session.status, session.settled, session.buffer.unacked]).toEqual(['requested', 0, 3])
      receive(link, welcome(link.nonce, report(1)))
    }
    nowMs += 2_000
    const [ping] = frames(step(link, { type: 'tick', lagMs: 0 }))
    const token = ping?.type === 'ping' ? ping.token : 0
    receive(link, { type: 'pong', token: token + 1 })
    expect(link.pingSentMs).toBe(nowMs)
    receive(link, { type: 'pong', token })
    expect(link.pingSentMs).toBeUndefined()
    receive(link, { type: 'bye', sessions: [report(1, { settled: 2, toEpoch: 2 })] })
    expect([session.settled, session.buffer.unacked]).toEqual([0, 3])
  })

  it('is refused by a node of version 1, in its bytes, and keeps its entries', () => {
    const { link, sessions } = createOpenLink([1])
    send(link, sessions[0]!, 3)
    const refused = Uint8Array.from([5, ...Array(8).fill(0), 255, 255, 255, 255, 1, 0, 1, 97, 0])
    const effects = receive(link, decodeFrame([refused]))
    const refusals = effects.filter(({ type }) => type === 'refused')
    expect(refusals).toMatchObject([{ reason: 'wrong-version', detail: 'a' }])
    expect([link.phase, sessions[0]?.buffer.length]).toEqual(['disconnected', 3])
  })

  it('rewinds for a gap once per round trip, which a PING measures', () => {
    const { link, sessions } = createOpenLink([1])
    send(link, sessions[0]!, 3)
    const gap: WireFrame = { type: 'ack', sessions: [report(1, { received: 1, gap: true })] }
    const [ping, ...resent] = frames(receive(link, gap))
    expect(resent.map(({ type }) => type)).toEqual(['data'])
    expect(types(receive(link, gap))).toEqual([])
    const arrived: WireFrame = { type: 'ack', sessions: [report(1, { received: 3 })] }
    receive(link, arrived)
    receive(link, { type: 'pong', token: ping?.type === 'ping' ? ping.token : 0 })
    const later: WireFrame = { type: 'ack', sessions: [report(1, { received: 2, gap: true })] }
    expect(types(receive(link, later))).toContain('data')
  })

  it('counts bodies in separate parts against the credit', () => {
    const { link, sessions } = createOpenLink([1])
    const [session] = sessions as [OutboundSession]
    const credit = { credit: 70_000, replyCredit: 70_000 }
    receive(link, { type: 'ack', sessions: [report(1, credit)] })
    const large = { ...session.localNode.limits, windowBytes: 1e6 }
    Object.assign(session.localNode, { limits: large })
    const sent = send(link, session, 2, 40_000)
    expect(sent.map((one) => one.type === 'data' && one.batches.map(({ count }) => count))).toEqual(
      [[1]],
    )
  })

  it('requests reports while entries are unsettled, and with every tenth PING when idle', () => {
    const { link, sessions } = createOpenLink([1])
    const reportRequests: boolean[] = []
    const ping = (): void => {
      nowMs += 5_000
      for (const frame of frames(step(link, { type: 'tick', lagMs: 0 }))) {
        if (frame.type !== 'ping') continue
        reportRequests.push(frame.requestsReports)
        receive(link, { type: 'ack', sessions: [report(1, { received: sessions[0]!.written })] })
        receive(link, { type: 'pong', token: frame.token })
      }
    }
    for (let count = 0; count < 20; count++) ping()
    expect(reportRequests.filter(Boolean)).toHaveLength(2)
    send(link, sessions[0]!)
    reportRequests.length = 0
    for (let count = 0; count < 3; count++) ping()
    expect(reportRequests).toEqual([true, true, true])
  })

  it('sends LEAVE before every JOIN of the same pid', () => {
    const { link, sessions } = createOpenLink([1, 3])
    step(link, { type: 'remove', session: sessions[0]!, migrates: false })
    step(link, { type: 'add', session: sessionOf(1) })
    expect(types(step(link, { type: 'flush', sessions: [] }))).toEqual(['leave', 'join'])
    step(link, { type: 'remove', session: link.sessions.get(1)!, migrates: false })
    expect(types(step(link, { type: 'flush', sessions: [] }))).toEqual(['leave'])
    const again = sessionOf(1)
    step(link, { type: 'remove', session: sessions[1]!, migrates: false })
    step(link, { type: 'add', session: again })
    // REFUSED causes JOIN before the flush does.
    expect(
      types(
        receive(link, { type: 'refused', nonce: 0, pids: [1], reason: 'hello-required', detail: '' }),
      ),
    ).toEqual(['leave', 'join'])
    expect(types(step(link, { type: 'flush', sessions: [] }))).toEqual([])
  })

  it('sends no LEAVE for a session that ended on an earlier connection', () => {
    const { link, sessions } = createOpenLink([1, 3])
    step(link, { type: 'remove', session: sessions[0]!, migrates: false })
    step(link, { type: 'closed', reason: 'cut' })
    nowMs = 10
    step(link, { type: 'tick', lagMs: 0 })
    expect(types(step(link, { type: 'opened' }))).toEqual(['hello'])
    expect(types(step(link, { type: 'flush', sessions: [] }))).toEqual([])
  })

  it('sends JOIN once for an added session, and never for a removed one', () => {
    const { link } = createOpenLink([1])
    const removed = sessionOf(3)
    step(link, { type: 'add', session: removed })
    step(link, { type: 'remove', session: removed, migrates: true })
    expect(types(step(link, { type: 'flush', sessions: [] }))).toEqual([])
    const added = sessionOf(4)
    step(link, { type: 'add', session: added })
    receive(link, {
      type: 'refused',
      nonce: 0,
      pids: [],
      reason: 'hello-required',
      detail: '',
    })
    expect(link.pendingJoins).toEqual([])
  })

  it('ticks when a refused session may join again', () => {
    const { link, sessions } = createOpenLink([1, 3])
    nowMs = 100
    receive(link, refusal(1))
    expect(link.nextTickMs).toBeLessThanOrEqual(sessions[0]!.retryAtMs)
    expect(sessions[0]!.retryAtMs).toBeLessThan(100 + LINK_TUNING.probeTimeoutMs)
  })

  it('ticks probeTimeoutMs after it has sent DATA', () => {
    const { link, sessions } = createOpenLink([1])
    nowMs = 100
    step(link, { type: 'tick', lagMs: 0 })
    expect(link.nextTickMs).toBeGreaterThan(2_000)
    send(link, sessions[0]!)
    expect(link.nextTickMs).toBe(100 + LINK_TUNING.probeTimeoutMs)
  })

  it('ticks when a queued entry expires', () => {
    const { link, sessions } = createOpenLink([1])
    step(link, { type: 'closed', reason: 'cut' })
    link.redialAtMs = 1e6
    step(link, { type: 'tick', lagMs: 0 })
    enqueue(sessions[0]!, entryOf(1, 10, 700))
    step(link, { type: 'flush', sessions })
    expect(link.nextTickMs).toBe(700)
  })

  it('ticks when unacked entries of a migrated session time out', () => {
    const { link, sessions } = createOpenLink([1])
    send(link, sessions[0]!)
    step(link, { type: 'remove', session: sessions[0]!, migrates: true })
    const other = createLink({ cluster: 'lab', to: 2, ...PLAIN_LINK, tuning: LINK_TUNING }, nowMs)
    step(other, { type: 'add', session: sessionOf(5) })
    step(other, { type: 'closed', reason: 'refused' })
    other.redialAtMs = 1e6
    step(other, { type: 'tick', lagMs: 0 })
    step(other, { type: 'add', session: sessions[0]! })
    expect(other.nextTickMs).toBe(60_000)
  })

  it('emits the state of a session that has to join again', () => {
    const { link, sessions } = createOpenLink([1, 3])
    const effects = receive(link, {
      type: 'refused',
      nonce: 0,
      pids: [1],
      reason: 'hello-required',
      detail: '',
    })
    expect(effects.filter(({ type }) => type === 'state')).toMatchObject([
      { session: sessions[0], state: 'connecting' },
    ])
  })
})

describe('a shared link', () => {
  it('keeps no session that was added and removed while disconnected', () => {
    const link = createLink({ cluster: 'lab', to: 2, ...PLAIN_LINK, tuning: LINK_TUNING }, 0)
    step(link, { type: 'add', session: sessionOf(1) })
    step(link, { type: 'closed', reason: 'refused' })
    for (let count = 0; count < 100; count++) {
      const session = sessionOf(3)
      step(link, { type: 'add', session })
      step(link, { type: 'remove', session, migrates: false })
      step(link, { type: 'flush', sessions: [] })
    }
    expect(link.pendingJoins.length).toBeLessThan(2)
  })

  it('sends LEAVE before a second HELLO on the same connection', () => {
    const { link, sessions } = createOpenLink([1, 3])
    step(link, { type: 'remove', session: sessions[0]!, migrates: false })
    const refusedFrame = {
      type: 'refused',
      nonce: 0,
      pids: [],
      reason: 'hello-required',
      detail: '',
    } as const
    const sent = frames(step(link, { type: 'frame', frame: refusedFrame }))
    expect(sent.map(({ type }) => type)).toEqual(['leave', 'hello'])
  })

  it('fails unacked entries when JOIN is not answered for peerTimeoutMs', () => {
    const { link, sessions } = createOpenLink([1])
    const [session] = sessions
    enqueue(session!, entryOf(1, 10, 1e9))
    step(link, { type: 'flush', sessions: sessions })
    expect(session).toMatchObject({ written: 1 })
    const refusedFrame = {
      type: 'refused',
      nonce: 0,
      pids: [1],
      reason: 'hello-required',
      detail: '',
    } as const
    expect(frames(step(link, { type: 'frame', frame: refusedFrame }))).toMatchObject([
      { type: 'join' },
    ])
    // From now on only PING is answered.
    const dead: string[] = []
    for (; nowMs < 130_000; nowMs += 100) {
      const effects = nowMs >= link.nextTickMs ? step(link, { type: 'tick', lagMs: 0 }) : []
      for (const effect of effects) {
        if (effect.type === 'settled')
          dead.push(...effect.settlement.dead.map(({ reason }) => reason))
      }
      for (const frame of frames(effects)) {
        if (frame.type === 'ping')
          step(link, { type: 'frame', frame: { type: 'pong', token: frame.token } })
      }
    }
    expect(dead).toEqual(['peer-timeout'])
  })

  it('queues a session once that was removed and added again', () => {
    const { link, sessions } = createOpenLink([1, 3])
    const [one, three] = sessions
    const send = (count: number) => {
      for (let left = count; left > 0; left--) enqueue(one!, entryOf(left, 10, 1e9))
      step(link, { type: 'flush', sessions: [one!] })
    }
    // The limit of frames in flight is reached: no session may send.
    for (let count = 0; count < LINK_TUNING.framesOnWireMax; count++) {
      enqueue(three!, entryOf(count, 10, 1e9))
      step(link, { type: 'flush', sessions: [three!] })
    }
    for (let count = 0; count < 5; count++) {
      send(1)
      step(link, { type: 'remove', session: one!, migrates: true })
      step(link, { type: 'add', session: one! })
      step(link, { type: 'flush', sessions: [one!] })
      receive(link, welcome(one!.nonce, report(1)))
    }
    expect([...link.readyQueue.values()].length).toBe(1)
  })

  it('sends an entry that fits when the one in front of it has expired', () => {
    const { link, sessions } = createOpenLink([1])
    const [session] = sessions
    enqueue(session!, entryOf(1, 3_000, 1e9))
    enqueue(session!, entryOf(2, 3_000, 50))
    enqueue(session!, entryOf(3, 100, 1e9))
    step(link, { type: 'flush', sessions })
    expect(session).toMatchObject({ written: 1 })
    nowMs = 60
    expect(link.nextTickMs).toBeLessThanOrEqual(60)
    step(link, { type: 'tick', lagMs: 0 })
    expect(session).toMatchObject({ written: 2 })
  })
})

describe('the reason of a state', () => {
  const states = (effects: readonly LinkEffect[]): string[] =>
    effects.flatMap((one) => (one.type === 'state' ? [`${one.state} ${one.reason ?? ''}`] : []))
  const tickAt = (link: Link, atMs: number): string[] => {
    nowMs = atMs
    return states(step(link, { type: 'tick', lagMs: 0 }))
  }

  function createDialingLink(): Link {
    nowMs = 0
    const link = createLink({ cluster: 'lab', to: 2, ...PLAIN_LINK, tuning: LINK_TUNING }, 0)
    step(link, { type: 'add', session: sessionOf(1) })
    return link
  }

  it('is that of the connection, once for as long as it stays the same', () => {
    const link = createDialingLink()
    const closed = (reason: string): string[] => states(step(link, { type: 'closed', reason }))
    expect(closed('no route')).toEqual(['down no route'])
    for (let attempt = 1; attempt < 5; attempt++) {
      expect(tickAt(link, attempt * 10_000)).toEqual([])
      expect(link.phase).toBe('dialing')
      expect(closed(attempt < 4 ? 'no route' : 'no answer')).toEqual(
        attempt < 4 ? [] : ['down no answer'],
      )
    }
  })

  it('says what was not answered in time', () => {
    const link = createDialingLink()
    expect(tickAt(link, 5_000)).toEqual(['down no connection within 5 s'])
    tickAt(link, 6_000)
    step(link, { type: 'opened' })
    expect(tickAt(link, 11_000)).toEqual(['down no answer to HELLO within 5 s'])
  })

  it('is the missing PONG of an unresponsive peer, and then its silence', () => {
    const { link } = createOpenLink([1])
    expect(tickAt(link, 3_000)).toEqual([])
    expect(tickAt(link, 6_000)).toEqual(['unresponsive no PONG within 3 s'])
    expect(tickAt(link, 9_000)).toEqual([])
    expect(tickAt(link, 60_000)).toEqual(['down nothing was received for 60 s'])
  })

  it('is absent while the link is up', () => {
    const { link } = createOpenLink([1])
    expect(states(step(link, { type: 'closed', reason: 'lost' }))).toEqual(['down lost'])
    tickAt(link, 10_000)
    step(link, { type: 'opened' })
    expect(states(receive(link, welcome(link.nonce, report(1))))).toEqual(['up '])
  })
})
