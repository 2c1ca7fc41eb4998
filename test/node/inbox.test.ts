/** The inbox by itself: runs of entries in borrowed memory, and those who leave in the middle. */
import { describe, expect, it } from 'vitest'
import type { Codec } from '../../src/ports/codec.ts'
import { Inbox } from '../../src/node/receiving/inbox.ts'
import type { DataBatch, Rejection } from '../../src/protocol/wire/frames.ts'
import type { InboundBatch } from '../../src/protocol/session/inbound-session.ts'
import { dataFrameOf, entryWith } from '../protocol/entries.ts'
import { decodeFrame } from '../../src/protocol/wire/decode-frame.ts'
import { createInboundSession } from '../../src/protocol/session/inbound-session.ts'

/** One byte is one message; 255 is none. */
const bytes: Codec = {
  name: 'bytes',
  recycle: () => undefined,
  encode: () => ({ memory: new Uint8Array(), start: 0, end: 0 }),
  decode: (all, start, end) => {
    if (all[start] === 255) throw new Error('255 is no message')
    return end - start === 1 ? all[start] : `${end - start} bytes`
  },
}

class InboxHarness {
  readonly settled: [pid: number, count: number, rejections: readonly Rejection[]][] = []
  readonly pauses: boolean[] = []
  readonly inbox = new Inbox(
    bytes,
    { bufSize: 100, maxMessageBytes: 10 },
    {
      settled: ({ pid }, count, _, rejections) => this.settled.push([pid, count, rejections]),
      discarded: () => undefined,
      onPauseChanged: (pauses) => this.pauses.push(pauses),
      unobserved: () => undefined,
    },
  )

  readonly #sessions = new Map<number, ReturnType<typeof createInboundSession>>()

  /** A run of one-byte messages from `pid`; `skip` of them were taken before. */
  batch(pid: number, messages: readonly number[], skip = 0): InboundBatch {
    const bodies = messages.map((message) => new Array(message < 0 ? -message : 1).fill(message))
    const parts = dataFrameOf(bodies.map((body) => entryWith(body)), { pid }) // prettier-ignore
    const frame = decodeFrame(parts)
    if (frame.type !== 'data') throw new Error('not a DATA frame')
    const identity = { pid, incarnation: '00000000000000aa', epoch: 1, toEpoch: 1, connection: 'c' }
    const session = this.#sessions.get(pid) ?? createInboundSession(identity)
    this.#sessions.set(pid, session)
    const entries = frame.batches[0] as DataBatch
    return { session, first: skip + 1, count: messages.length - skip, skip, bytes: 0, entries }
  }
}

describe('the inbox', () => {
  it('keeps what it cannot take at once in memory of its own', () => {
    const harness = new InboxHarness()
    const received: unknown[] = []
    let resume = (): void => undefined
    harness.inbox.envelopes.subscribe(({ msg }) => {
      received.push(msg)
      if (msg === 2) resume = harness.inbox.pause()
    })
    const batch = harness.batch(1, [0, 1, 2, 3, 4], 1)
    harness.inbox.enqueue(batch)
    for (const part of batch.entries.parts) part.fill(0)
    const second = harness.batch(1, [5])
    harness.inbox.enqueue(second)
    for (const part of second.entries.parts) part.fill(0)
    resume()
    expect(received).toEqual([1, 2, 3, 4, 5])
    expect(harness.settled.map(([, count]) => count)).toEqual([2, 2, 1])
    expect(harness.pauses).toEqual([true, false])
  })

  it('rejects what is no message or too large, by its number, and goes on', () => {
    const harness = new InboxHarness()
    const received: unknown[] = []
    harness.inbox.envelopes.subscribe(({ msg }) => received.push(msg))
    harness.inbox.enqueue(harness.batch(1, [7, 255, -11, 8]))
    expect(received).toEqual([7, 8])
    expect(harness.settled).toMatchObject([
      [
        1,
        4,
        [
          { sequence: 2, reason: 'undecodable' },
          { sequence: 3, reason: 'too-large' },
        ],
      ],
    ])
  })

  it('rejects the rest of a frame that ends too early', () => {
    const harness = new InboxHarness()
    harness.inbox.envelopes.subscribe()
    const batch = harness.batch(1, [1, 2, 3])
    harness.inbox.enqueue({ ...batch, entries: { ...batch.entries, end: batch.entries.end - 1 } })
    expect(harness.settled).toMatchObject([[1, 3, [{ sequence: 3, reason: 'malformed' }]]])
  })

  it('dismisses a sender in the middle of its run, and has said before how far it was', () => {
    const harness = new InboxHarness()
    const received: unknown[] = []
    harness.inbox.envelopes.subscribe(({ msg }) => {
      received.push(msg)
      if (msg !== 2) return
      harness.inbox.discardNonMembers((pid) => pid !== 1)
      expect(harness.settled).toEqual([[1, 2, []]])
    })
    harness.inbox.enqueue(harness.batch(1, [1, 2, 3, 4]))
    expect(received).toEqual([1, 2])
    expect(harness.settled).toEqual([[1, 2, []]])
    harness.inbox.enqueue(harness.batch(3, [9]))
    expect(received).toEqual([1, 2, 9])
  })

  it('dismisses what is held of a sender, and only of that one', () => {
    const harness = new InboxHarness()
    const received: unknown[] = []
    harness.inbox.envelopes.subscribe(({ msg }) => received.push(msg))
    const resume = harness.inbox.pause()
    harness.inbox.enqueue(harness.batch(1, [1]))
    harness.inbox.enqueue(harness.batch(3, [3]))
    harness.inbox.discardNonMembers((pid) => pid === 3)
    resume()
    expect(received).toEqual([3])
    expect(harness.settled).toEqual([[3, 1, []]])
  })
})
