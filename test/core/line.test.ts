/** A link and what it must not keep, miss or do twice. */
import { describe, expect, it } from 'vitest'
import {
  openLink,
  stepLink,
  type Link,
  type LinkEffect,
  type LinkEvent,
} from '../../src/core/link.ts'
import { enqueue, openOutbound } from '../../src/core/outbound.ts'
import { LINK_TUNING } from '../../src/core/link-tuning.ts'
import { decodeFrame } from '../../src/core/wire/decode-frame.ts'
import { entryOf, senderOf } from './lab.ts'
import type { SessionReport, WireFrame } from '../../src/core/wire/frames.ts'

let nowMs = 0
const step = (link: Link, event: LinkEvent): readonly LinkEffect[] =>
  stepLink(link, event, { nowMs, chance: () => 0.5 })[1]
const frames = (effects: readonly LinkEffect[]): WireFrame[] =>
  effects.flatMap((one) => (one.type === 'send' ? [decodeFrame(one.frame)] : []))
const report = (pid: number, more: Partial<SessionReport> = {}): SessionReport => ({
  pid,
  epoch: 1,
  toEpoch: 1,
  settled: 0,
  received: 0,
  credit: 4_000,
  gap: false,
  rejections: [],
  ...more,
})
const welcome = (nonce: number, ...sessions: SessionReport[]): LinkEvent => ({
  type: 'frame',
  frame: {
    type: 'welcome',
    nonce,
    pid: 2,
    incarnation: '00000000000000bb',
    features: 0,
    maxMessageBytes: 1e6,
    sessions,
  },
})
const sessionOf = (pid: number) => openOutbound({ ...senderOf(), pid }, 2, nowMs)

function openWith(...pids: number[]) {
  nowMs = 0
  const link = openLink({ cluster: 'lab', to: 2, tuning: LINK_TUNING }, 0)
  const sessions = pids.map(sessionOf)
  for (const session of sessions) step(link, { type: 'add', session })
  step(link, { type: 'opened' })
  step(link, welcome(link.nonce, ...pids.map((pid) => report(pid))))
  return { link, sessions }
}

describe('a link', () => {
  it('keeps nobody who came and went while nobody answered', () => {
    const link = openLink({ cluster: 'lab', to: 2, tuning: LINK_TUNING }, 0)
    step(link, { type: 'add', session: sessionOf(1) })
    step(link, { type: 'closed', reason: 'refused' })
    for (let count = 0; count < 100; count++) {
      const session = sessionOf(3)
      step(link, { type: 'add', session })
      step(link, { type: 'remove', session, moves: false })
      step(link, { type: 'flush', sessions: [] })
    }
    expect(link.newcomers.length).toBeLessThan(2)
  })

  it('says LEAVE before a second HELLO on the same connection', () => {
    const { link, sessions } = openWith(1, 3)
    step(link, { type: 'remove', session: sessions[0]!, moves: false })
    const refused = {
      type: 'refused',
      nonce: 0,
      pid: 0xffff_ffff,
      reason: 'say-hello',
      detail: '',
    } as const
    const said = frames(step(link, { type: 'frame', frame: refused }))
    expect(said.map(({ type }) => type)).toEqual(['leave', 'hello'])
  })

  it('gives up what is unacknowledged when a question has no answer for peerGoneMs', () => {
    const { link, sessions } = openWith(1)
    const [session] = sessions
    enqueue(session!, entryOf(1, 10, 1e9))
    step(link, { type: 'flush', sessions: sessions })
    expect(session).toMatchObject({ written: 1 })
    const refused = { type: 'refused', nonce: 0, pid: 1, reason: 'say-hello', detail: '' } as const
    expect(frames(step(link, { type: 'frame', frame: refused }))).toMatchObject([{ type: 'join' }])
    // From now on PING is answered, and nothing else.
    const dead: string[] = []
    for (; nowMs < 130_000; nowMs += 100) {
      const effects = nowMs >= link.wakeAtMs ? step(link, { type: 'tick', lagMs: 0 }) : []
      for (const effect of effects) {
        if (effect.type === 'settled')
          dead.push(...effect.settlement.dead.map(({ reason }) => reason))
      }
      for (const frame of frames(effects)) {
        if (frame.type === 'ping')
          step(link, { type: 'frame', frame: { type: 'pong', token: frame.token } })
      }
    }
    expect(dead).toEqual(['peer-gone'])
  })

  it('has a session in its line once, though it went away and came back', () => {
    const { link, sessions } = openWith(1, 3)
    const [one, three] = sessions
    const send = (count: number) => {
      for (let left = count; left > 0; left--) enqueue(one!, entryOf(left, 10, 1e9))
      step(link, { type: 'flush', sessions: [one!] })
    }
    // So many frames are under way that nobody may write.
    for (let count = 0; count < LINK_TUNING.framesMax; count++) {
      enqueue(three!, entryOf(count, 10, 1e9))
      step(link, { type: 'flush', sessions: [three!] })
    }
    for (let count = 0; count < 5; count++) {
      send(1)
      step(link, { type: 'remove', session: one!, moves: true })
      step(link, { type: 'add', session: one! })
      step(link, { type: 'flush', sessions: [one!] })
      step(link, welcome(one!.nonce, report(1)))
    }
    expect([...link.line].length).toBe(1)
  })

  it('writes what fits once what stood before it is too old', () => {
    const { link, sessions } = openWith(1)
    const [session] = sessions
    enqueue(session!, entryOf(1, 3_000, 1e9))
    enqueue(session!, entryOf(2, 3_000, 50))
    enqueue(session!, entryOf(3, 100, 1e9))
    step(link, { type: 'flush', sessions })
    expect(session).toMatchObject({ written: 1 })
    nowMs = 60
    expect(link.wakeAtMs).toBeLessThanOrEqual(60)
    step(link, { type: 'tick', lagMs: 0 })
    expect(session).toMatchObject({ written: 2 })
  })
})
