/** The inbox by itself: batches in borrowed memory, and senders that are removed in the middle. */
import { describe, expect, it } from 'vitest'
import type { Incarnation, Envelope } from '../../src/model/envelope.ts'
import { type Codec, NotDecodableError } from '../../src/ports/codec.ts'
import { Inbox } from '../../src/node/receiving/inbox.ts'
import type { InboxReport } from '../../src/node/receiving/receiver-driver.ts'
import { NodeCounters } from '../../src/node/counters.ts'
import type { DataBatch, Rejection } from '../../src/protocol/wire/frames.ts'
import type { InboundBatch } from '../../src/protocol/session/inbound-session.ts'
import { messagePack } from '../../src/codec/message-pack.ts'
import type { EncodedEntry } from '../../src/protocol/wire/entry.ts'
import { dataFrameOf, entryWith } from '../protocol/entries.ts'
import { decodeFrame } from '../../src/protocol/wire/decode-frame.ts'
import { createInboundSession } from '../../src/protocol/session/inbound-session.ts'

/** A message is one byte; 255 cannot be decoded. */
const bytes: Codec = {
  name: 'bytes',
  recycle: () => undefined,
  encode: () => ({ memory: new Uint8Array(), start: 0, end: 0, values: 1 }),
  decode: (all, start, end) => {
    if (all[start] === 255) throw new NotDecodableError('255 is no message')
    return end - start === 1 ? all[start] : `${end - start} bytes`
  },
}

/** An inbox, and a receiver driver that only writes down what is reported to it. */
class InboxHarness {
  readonly settled: [pid: number, count: number, rejections: readonly Rejection[]][] = []
  readonly pauses: boolean[] = []
  readonly counters = new NodeCounters()
  readonly #microtasks: (() => void)[] = []
  readonly inbox: Inbox
  readonly #sessions = new Map<number, ReturnType<typeof createInboundSession>>()

  constructor(codec: Codec = bytes) {
    this.inbox = new Inbox({
      environment: { microtask: (work) => this.#microtasks.push(work) },
      receiver: {
        takePending: () => this.#take(),
        setPaused: (paused) => this.pauses.push(paused),
      },
      codec,
      limits: { bufSize: 100, maxMessageBytes: codec === bytes ? 10 : 1_000 },
      counters: this.counters,
      events: { next: () => undefined },
      probe: undefined,
    })
  }

  /** A batch of one-byte messages from `pid`; an earlier batch brought the first `skip` of them. */
  batch(pid: number, messages: readonly number[], skip = 0): InboundBatch {
    const bodies = messages.map((message) => new Array(message < 0 ? -message : 1).fill(message))
    return this.batchOf(pid, bodies.map((body) => entryWith(body)), skip) // prettier-ignore
  }

  /** A batch of entries from `pid`; an earlier batch brought the first `skip` of them. */
  batchOf(pid: number, all: readonly EncodedEntry[], skip = 0): InboundBatch {
    const parts = dataFrameOf(all, { pid })
    const frame = decodeFrame(parts)
    if (frame.type !== 'data') throw new Error('not a DATA frame')
    const identity = {
      pid,
      incarnation: '00000000000000aa' as Incarnation,
      epoch: 1,
      toEpoch: 1,
      connection: 'c',
      provenKey: undefined,
    }
    const session = this.#sessions.get(pid) ?? createInboundSession(identity)
    this.#sessions.set(pid, session)
    const entries = frame.batches[0] as DataBatch
    return { session, first: skip + 1, count: all.length - skip, skip, bytes: 0, entries }
  }

  /** What the driver does with the batches of a step. */
  deliver(...batches: readonly InboundBatch[]): void {
    for (const batch of batches) this.inbox.enqueue(batch)
    this.#take()
    this.inbox.copyBorrowed()
  }

  /** Subscribes, and lets the present task end. */
  subscribe(next: (envelope: Envelope) => void = () => undefined): void {
    this.inbox.envelopes.subscribe(next)
    this.runMicrotasks()
  }

  /** Runs what was scheduled for after the present task. */
  runMicrotasks(): void {
    for (const work of this.#microtasks.splice(0)) work()
  }

  /** Discards the senders that are not in `members`. */
  discardNonMembers(...members: readonly number[]): void {
    this.#report(this.inbox.discardNonMembers(new Set(members)))
  }

  #take(): void {
    while (this.#report(this.inbox.take()));
  }

  #report(report: InboxReport | undefined): boolean {
    if (report?.type === 'settled') {
      this.settled.push([report.session.pid, report.count, report.rejections])
    }
    return report !== undefined
  }
}

describe('error replies from the network', () => {
  const codec = messagePack()
  const entryOf = (msg: unknown, re?: number) => {
    const { memory, start, end } = codec.encode(msg, 0)
    return entryWith(memory.subarray(start, end), 1, re, true)
  }
  const error = { code: 'FULL', message: 'later' }
  const malformed = 'an error reply needs re, code and message'

  it('lose further fields, and are rejected without re, code or message', () => {
    const harness = new InboxHarness(messagePack())
    const received: Envelope[] = []
    harness.subscribe((envelope) => received.push(envelope))
    const entries = [
      entryOf({ ...error, more: 1n }, 7),
      entryOf(error),
      entryOf({ code: 'FULL' }, 7),
      entryOf('FULL', 7),
    ]
    harness.deliver(harness.batchOf(1, entries))
    expect(received).toStrictEqual([
      { pid: 1, incarnation: '00000000000000aa', msgId: 1, re: 7, error, msg: undefined },
    ])
    const rejections = [2, 3, 4].map((sequence) => ({
      sequence,
      reason: 'malformed',
      detail: malformed,
    }))
    expect(harness.settled).toEqual([[1, 4, rejections]])
  })

  it('overtake a pause only if they are valid', () => {
    const harness = new InboxHarness(messagePack())
    const replies: unknown[] = []
    harness.subscribe()
    const resume = harness.inbox.pause()
    const reply = (envelope: Envelope): void => void replies.push(envelope.error)
    const consumer = { expects: () => true, reply, closed: () => undefined }
    harness.inbox.consumeReplies(1, consumer)
    harness.deliver(harness.batchOf(1, [entryOf('FULL', 7), entryOf({ ...error, more: 1n }, 7)]))
    expect(replies).toEqual([error])
    expect(harness.settled).toEqual([])
    resume()
    const rejections = [{ sequence: 1, reason: 'malformed', detail: malformed }]
    expect(harness.settled).toEqual([[1, 2, rejections]])
  })
})

describe('the inbox', () => {
  it('copies the batches that it cannot take at once, since the transport reuses their memory', () => {
    const harness = new InboxHarness()
    const received: unknown[] = []
    let resume = (): void => undefined
    harness.subscribe(({ msg }) => {
      received.push(msg)
      if (msg === 2) resume = harness.inbox.pause()
    })
    const batch = harness.batch(1, [0, 1, 2, 3, 4], 1)
    harness.deliver(batch)
    for (const part of batch.entries.parts) part.fill(0)
    const second = harness.batch(1, [5])
    harness.deliver(second)
    for (const part of second.entries.parts) part.fill(0)
    resume()
    expect(received).toEqual([1, 2, 3, 4, 5])
    expect(harness.settled.map(([, count]) => count)).toEqual([2, 2, 1])
    expect(harness.pauses).toEqual([true, false])
  })

  it('rejects an entry that cannot be decoded or is too large, by its number, and goes on', () => {
    const harness = new InboxHarness()
    const received: unknown[] = []
    harness.subscribe(({ msg }) => received.push(msg))
    harness.deliver(harness.batch(1, [7, 255, -11, 8]))
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

  it('rejects the rest of a batch that is truncated', () => {
    const harness = new InboxHarness()
    harness.subscribe()
    const batch = harness.batch(1, [1, 2, 3])
    harness.deliver({ ...batch, entries: { ...batch.entries, end: batch.entries.end - 1 } })
    expect(harness.settled).toMatchObject([[1, 3, [{ sequence: 3, reason: 'malformed' }]]])
  })

  it('ignores what is left of a batch behind its last entry', () => {
    const harness = new InboxHarness()
    const received: unknown[] = []
    harness.subscribe(({ msg }) => received.push(msg))
    const batch = harness.batch(1, [1, 2, 3])
    harness.deliver({ ...batch, count: 2 })
    expect(received).toEqual([1, 2])
    expect(harness.settled).toEqual([[1, 2, []]])
  })

  it('discards the rest of the batch that is being taken, and reports what was taken before', () => {
    const harness = new InboxHarness()
    const received: unknown[] = []
    harness.subscribe(({ msg }) => {
      received.push(msg)
      if (msg !== 2) return
      harness.discardNonMembers(3)
      expect(harness.settled).toEqual([[1, 2, []]])
    })
    harness.deliver(harness.batch(1, [1, 2, 3, 4]))
    expect(received).toEqual([1, 2])
    expect(harness.settled).toEqual([[1, 2, []]])
    harness.deliver(harness.batch(3, [9]))
    expect(received).toEqual([1, 2, 9])
  })

  it('discards what is pending of a removed sender, and of no other', () => {
    const harness = new InboxHarness()
    const received: unknown[] = []
    harness.subscribe(({ msg }) => received.push(msg))
    const resume = harness.inbox.pause()
    harness.deliver(harness.batch(1, [1]))
    harness.deliver(harness.batch(3, [3]))
    harness.discardNonMembers(3)
    resume()
    expect(received).toEqual([3])
    expect(harness.settled).toEqual([[3, 1, []]])
  })

  it('discards a sender whose batch comes after the present one in the same frame', () => {
    const harness = new InboxHarness()
    const received: unknown[] = []
    harness.subscribe(({ msg }) => {
      received.push(msg)
      if (msg === 1) harness.discardNonMembers(1)
    })
    harness.deliver(harness.batch(1, [1]), harness.batch(3, [3]), harness.batch(1, [2]))
    expect(received).toEqual([1, 2])
    expect(harness.settled).toEqual([
      [1, 1, []],
      [1, 1, []],
    ])
  })

  it('counts the envelopes that it takes by sender, without rejected ones', () => {
    const harness = new InboxHarness()
    harness.deliver(harness.batch(1, [1, 255, 2]), harness.batch(3, [3]))
    expect([1, 3].map((pid) => harness.counters.of(pid).received)).toEqual([2, 1])
  })
})
