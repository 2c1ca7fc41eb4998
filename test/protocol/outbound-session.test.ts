/** The queue of an outbound session: limits, expiry, cancellation, and settlement. */
import { describe, expect, it } from 'vitest'
import {
  type OutboundSession,
  enqueue,
  expire,
  createOutboundSession,
  cancel,
  dropUnacceptable,
  sendNext,
} from '../../src/protocol/session/outbound-session.ts'
import { failAll, rewind, applyReport } from '../../src/protocol/session/settlement.ts'
import { type LIMITS, entryOf, localNodeOf } from './session-harness.ts'
import type { Entry } from '../../src/protocol/session/entries.ts'
import { FEATURE } from '../../src/protocol/wire/features.ts'
import { encodeHeaders } from '../../src/protocol/wire/headers.ts'
import { headroom, readEntryHeader, writeEntryHeader } from '../../src/protocol/wire/entry.ts'
import { entryWith } from './entries.ts'

const replyOf = (msgId: number): Entry => ({
  ...entryWith([0], msgId, 7),
  expiresAtMs: 9,
  waiter: undefined,
})

function entryWithMeta({ isError = false, headers = false }): Entry {
  const texts = headers ? (encodeHeaders({ trace: '1' }) as Uint8Array) : undefined
  const re = isError ? 7 : undefined
  const memory = new Uint8Array(headroom(re, texts) + 1)
  writeEntryHeader(memory, 0, memory.length, { msgId: 1, re, headers: texts, isError })
  return { memory, start: 0, end: memory.length, expiresAtMs: 9, waiter: undefined }
}

function createSession(limits: Partial<typeof LIMITS> = {}): OutboundSession {
  const session = createOutboundSession(localNodeOf(limits), 2, 0)
  session.credit = 1e9
  session.replyCredit = 1e9
  return session
}

describe('an outbound session', () => {
  it('drops the newest entry beyond bufSize', () => {
    const session = createSession({ bufSize: 2 })
    const all = [1, 2, 3].map((id) => entryOf(id, 10, 100))
    const dead = all.flatMap((entry) => enqueue(session, entry))
    expect(dead).toMatchObject([{ entry: all[2], reason: 'queue-full', outcome: 'not-delivered' }])
  })

  it('drops the oldest queued entry with overflow drop-oldest', () => {
    const session = createSession({ bufSize: 2, overflow: 'drop-oldest' })
    const all = [1, 2, 3, 4].map((id) => entryOf(id, 10, 100))
    enqueue(session, all[0]!)
    expect(sendNext(session)).toBe(all[0])
    const dead = all.slice(1).flatMap((entry) => enqueue(session, entry))
    expect(dead).toMatchObject([{ entry: all[1], reason: 'queue-full' }])
    expect(session.buffer.at(0)).toBe(all[0])
  })

  it('is limited by bufBytes, but accepts one entry of any size', () => {
    const session = createSession({ bufBytes: 50 })
    expect(enqueue(session, entryOf(1, 100, 100))).toEqual([])
    expect(enqueue(session, entryOf(2, 1, 100))).toHaveLength(1)
  })

  it('rejects entries over the limit of the receiver', () => {
    const session = createSession()
    session.accepts = { maxMessageBytes: 10, maxMessageValues: 1e6, features: 0 }
    expect(enqueue(session, entryOf(1, 10, 100))).toEqual([])
    expect(enqueue(session, entryOf(2, 11, 100))).toMatchObject([{ reason: 'too-large' }])
  })

  it('rejects entries with more values than the receiver accepts', () => {
    const session = createSession()
    session.accepts = { maxMessageBytes: 1e6, maxMessageValues: 2_000, features: 0 }
    expect(enqueue(session, { ...entryOf(1, 10, 100), values: 2_000 })).toEqual([])
    expect(enqueue(session, { ...entryOf(2, 10, 100), values: 2_001 })).toMatchObject([
      {
        reason: 'too-complex',
        detail: expect.stringMatching(/2001 keys and values exceed the 2000/),
      },
    ])
  })

  it('rejects error replies and headers for a receiver without them, also those that wait', () => {
    const session = createSession()
    const [error, headers] = [entryWithMeta({ isError: true }), entryWithMeta({ headers: true })]
    for (const entry of [error, headers]) expect(enqueue(session, entry)).toEqual([])
    session.accepts = { ...session.accepts, features: FEATURE.headers }
    expect(dropUnacceptable(session)).toMatchObject([{ entry: error, reason: 'unsupported' }])
    session.accepts = { ...session.accepts, features: 0 }
    expect(enqueue(session, entryWithMeta({ headers: true }))).toMatchObject([
      { reason: 'unsupported', outcome: 'not-delivered' },
    ])
    expect([session.queuedReplies, session.buffer.queued]).toEqual([0, 1])
  })

  it('sends replies without credit for other entries, in front of them', () => {
    const session = createSession()
    session.credit = 0
    const entries = [entryOf(1, 1, 9), replyOf(2), entryOf(3, 1, 9), replyOf(4)]
    for (const entry of entries) enqueue(session, entry)
    expect([sendNext(session), sendNext(session), sendNext(session)]).toEqual([
      entries[1],
      entries[3],
      undefined,
    ])
    session.credit = 1e9
    expect([sendNext(session), sendNext(session)]).toEqual([entries[0], entries[2]])
    expect(session.queuedReplies).toBe(0)
  })

  it('sends replies beyond a window that other entries fill', () => {
    const session = createSession()
    const { windowBytes } = session.localNode.limits
    const filler = entryOf(1, windowBytes - 13, 9)
    for (const entry of [filler, entryOf(2, 1, 9), replyOf(3)]) enqueue(session, entry)
    expect(sendNext(session)).toBe(filler)
    expect(readEntryHeader(sendNext(session)!).msgId).toBe(3)
    expect(sendNext(session)).toBeUndefined()
  })

  it('removes exactly the expired entries', () => {
    const session = createSession()
    for (const [id, expiry] of [
      [1, 50],
      [2, 20],
      [3, 90],
    ] as const)
      enqueue(session, entryOf(id, 1, expiry))
    expect(session.nextExpiryMs).toBe(20)
    expect(expire(session, 19)).toEqual([])
    expect(expire(session, 50)).toHaveLength(2)
    expect(session.nextExpiryMs).toBe(90)
    expect(session.queuedBytes).toBe(14)
  })

  it('cancels an entry that was not sent, once', () => {
    const session = createSession()
    const [action, two] = [entryOf(1, 1, 9), entryOf(2, 1, 9)]
    enqueue(session, action)
    enqueue(session, two)
    sendNext(session)
    expect(cancel(session, action)).toBe(undefined)
    expect(cancel(session, two)).toMatchObject({ entry: two, outcome: 'not-delivered' })
    expect(cancel(session, two)).toBe(undefined)
  })

  it('fails unacked entries as unknown, and queued ones as not-delivered', () => {
    const session = createSession()
    for (const id of [1, 2, 3]) enqueue(session, entryOf(id, 1, 9))
    sendNext(session)
    const outcomes = failAll(session, 'peer-removed').map(({ outcome }) => outcome)
    expect(outcomes).toEqual(['unknown', 'not-delivered', 'not-delivered'])
    expect(session).toMatchObject({ queuedBytes: 0, unackedBytes: 0 })
  })
})

describe('applyReport', () => {
  it('separates delivered from rejected entries', () => {
    const session = createSession()
    for (const id of [1, 2, 3]) enqueue(session, entryOf(id, 1, 9))
    while (sendNext(session) !== undefined);
    const rejections = [{ sequence: 2, reason: 'too-large', detail: '9 bytes' } as const]
    const settlement = applyReport(session, { settled: 3, received: 3, rejections })
    expect(settlement.delivered).toBe(2)
    expect(settlement.dead).toMatchObject([
      { reason: 'rejected', outcome: 'not-delivered', detail: 'too-large: 9 bytes' },
    ])
  })

  it('settles no more entries than are unacked', () => {
    const session = createSession()
    enqueue(session, entryOf(1, 1, 9))
    sendNext(session)
    expect(applyReport(session, { settled: 99, received: 99, rejections: [] }).delivered).toBe(1)
    expect(session.settled).toBe(1)
  })

  it('moves where rewind starts: at the first missing entry', () => {
    const session = createSession()
    const all = [1, 2, 3].map((id) => entryOf(id, 1, 9))
    for (const entry of all) enqueue(session, entry)
    while (sendNext(session) !== undefined);
    applyReport(session, { settled: 0, received: 1, rejections: [] })
    rewind(session)
    expect(sendNext(session)).toBe(all[1])
  })
})
