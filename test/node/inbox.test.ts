/** The inbox by itself: runs of entries in borrowed memory, and those who leave in the middle. */
import { describe, expect, it } from 'vitest'
import type { Codec } from '../../src/ports/codec.ts'
import { Inbox } from '../../src/node/inbox.ts'
import type { DataRun, Rejection } from '../../src/core/wire/frames.ts'
import type { Run } from '../../src/core/inbound.ts'
import { batchOf, entryWith } from '../core/entries.ts'
import { decodeFrame } from '../../src/core/wire/decode-frame.ts'
import { openInbound } from '../../src/core/inbound.ts'

/** One byte is one message; 255 is none. */
const bytes: Codec = {
  name: 'bytes',
  reuse: () => undefined,
  encode: () => ({ memory: new Uint8Array(), start: 0, end: 0 }),
  decode: (all, start, end) => {
    if (all[start] === 255) throw new Error('255 is no message')
    return end - start === 1 ? all[start] : `${end - start} bytes`
  },
}

class Desk {
  readonly taken: [pid: number, count: number, rejections: readonly Rejection[]][] = []
  readonly withheld: boolean[] = []
  readonly inbox = new Inbox(
    bytes,
    { bufSize: 100, maxMessageBytes: 10 },
    {
      taken: ({ pid }, count, _, rejections) => this.taken.push([pid, count, rejections]),
      dropped: () => undefined,
      withhold: (withheld) => this.withheld.push(withheld),
      unheard: () => undefined,
    },
  )

  readonly #sessions = new Map<number, ReturnType<typeof openInbound>>()

  /** A run of one-byte messages from `pid`; `skip` of them were taken before. */
  run(pid: number, messages: readonly number[], skip = 0): Run {
    const bodies = messages.map((message) => new Array(message < 0 ? -message : 1).fill(message))
    const parts = batchOf(bodies.map((body) => entryWith(body)), { pid }) // prettier-ignore
    const frame = decodeFrame(parts)
    if (frame.type !== 'data') throw new Error('not a DATA frame')
    const names = { pid, incarnation: '00000000000000aa', epoch: 1, toEpoch: 1, connection: 'c' }
    const session = this.#sessions.get(pid) ?? openInbound(names)
    this.#sessions.set(pid, session)
    const entries = frame.runs[0] as DataRun
    return { session, first: skip + 1, count: messages.length - skip, skip, bytes: 0, entries }
  }
}

describe('the inbox', () => {
  it('keeps what it cannot take at once in memory of its own', () => {
    const desk = new Desk()
    const heard: unknown[] = []
    let resume = (): void => undefined
    desk.inbox.envelopes.subscribe(({ msg }) => {
      heard.push(msg)
      if (msg === 2) resume = desk.inbox.pause()
    })
    const run = desk.run(1, [0, 1, 2, 3, 4], 1)
    desk.inbox.offer(run)
    for (const part of run.entries.parts) part.fill(0)
    const second = desk.run(1, [5])
    desk.inbox.offer(second)
    for (const part of second.entries.parts) part.fill(0)
    resume()
    expect(heard).toEqual([1, 2, 3, 4, 5])
    expect(desk.taken.map(([, count]) => count)).toEqual([2, 2, 1])
    expect(desk.withheld).toEqual([true, false])
  })

  it('rejects what is no message or too large, by its number, and goes on', () => {
    const desk = new Desk()
    const heard: unknown[] = []
    desk.inbox.envelopes.subscribe(({ msg }) => heard.push(msg))
    desk.inbox.offer(desk.run(1, [7, 255, -11, 8]))
    expect(heard).toEqual([7, 8])
    expect(desk.taken).toMatchObject([
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
    const desk = new Desk()
    desk.inbox.envelopes.subscribe()
    const run = desk.run(1, [1, 2, 3])
    desk.inbox.offer({ ...run, entries: { ...run.entries, end: run.entries.end - 1 } })
    expect(desk.taken).toMatchObject([[1, 3, [{ sequence: 3, reason: 'malformed' }]]])
  })

  it('dismisses a sender in the middle of its run, and has said before how far it was', () => {
    const desk = new Desk()
    const heard: unknown[] = []
    desk.inbox.envelopes.subscribe(({ msg }) => {
      heard.push(msg)
      if (msg !== 2) return
      desk.inbox.dismiss((pid) => pid !== 1)
      expect(desk.taken).toEqual([[1, 2, []]])
    })
    desk.inbox.offer(desk.run(1, [1, 2, 3, 4]))
    expect(heard).toEqual([1, 2])
    expect(desk.taken).toEqual([[1, 2, []]])
    desk.inbox.offer(desk.run(3, [9]))
    expect(heard).toEqual([1, 2, 9])
  })

  it('dismisses what is held of a sender, and only of that one', () => {
    const desk = new Desk()
    const heard: unknown[] = []
    desk.inbox.envelopes.subscribe(({ msg }) => heard.push(msg))
    const resume = desk.inbox.pause()
    desk.inbox.offer(desk.run(1, [1]))
    desk.inbox.offer(desk.run(3, [3]))
    desk.inbox.dismiss((pid) => pid === 3)
    resume()
    expect(heard).toEqual([3])
    expect(desk.taken).toEqual([[3, 1, []]])
  })
})
