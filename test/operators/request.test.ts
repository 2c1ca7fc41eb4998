/** request: which envelope is the reply, what ends the wait, and that no request is sent twice. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Observable } from 'rxjs'
import type { Envelope, OutgoingEnvelope } from '../../src/model/envelope.ts'
import type { Receipts } from '../../src/ports/mailbox.ts'
import { ClusterError } from '../../src/model/cluster-error.ts'
import type { LinkState } from '../../src/model/peer.ts'
import { request } from '../../src/operators/request.ts'
import type { RequestOptions } from '../../src/operators/request.ts'
import { Clock, errorCodeOf, peersOf, recordNotifications } from './operator-harness.ts'
import { ManualMailbox, linksOf } from './mailbox-harness.ts'

const QUEUE_FULL = new ClusterError('NOT_DELIVERED', 'the queue is full')

function setup(options: RequestOptions = {}, msgId?: number) {
  const mailbox = new ManualMailbox()
  const clock = new Clock()
  const outgoing = { pid: 2, msg: 'ready?', ...(msgId === undefined ? {} : { msgId }) }
  const reply = request(mailbox, outgoing, { random: () => 0.5, scheduler: clock, ...options })
  const seen = recordNotifications(reply)
  const link = (state: LinkState): void => mailbox.links.next(linksOf({ 2: state }))
  return { mailbox, clock, reply, seen, link }
}

const INVALID = expect.objectContaining({ code: 'INVALID_ARGUMENT' })

describe('request, against a model', () => {
  it('emits the reply or the error that a plain list of events yields', () => {
    const anyEvent = fc.oneof(
      fc.record({ does: fc.constant('reply'), pid: fc.constantFrom(2, 3), re: fc.nat(3) }),
      fc.record({ does: fc.constantFrom('receipt', 'fail', 'leave', 'return', 'close') }),
      fc.record({
        does: fc.constant('link'),
        state: fc.constantFrom('up', 'unresponsive', 'down'),
      }),
      fc.record({ does: fc.constant('wait'), ms: fc.nat(40) }),
    ) as fc.Arbitrary<{ does: string; pid: number; re: number; state: LinkState; ms: number }>
    const known = fc.constantFrom(undefined, 1_000)
    fc.assert(
      fc.property(fc.array(anyEvent), known, (events, msgId) => {
        const { mailbox, clock, seen, link } = setup({ timeoutMs: 100 }, msgId)
        let model: string | undefined
        let [delivered, isMember, state, nowMs] = [false, true, 'up', 0]
        const unmatched: string[] = []
        for (const [index, event] of events.entries()) {
          const { does } = event
          const end = (result: string): void => {
            model ??= result
          }
          if (does === 'reply') {
            const result = `reply ${index}`
            mailbox.receiveReply(event.pid, event.re + 999, result)
            if (event.pid !== 2 || event.re !== 1) continue
            if (delivered || msgId !== undefined) end(result)
            else unmatched.push(result)
          } else if (does === 'receipt') {
            mailbox.deliveries[0]?.acknowledge()
            if (unmatched[0] !== undefined) end(unmatched[0])
            delivered = true
          } else if (does === 'fail') {
            mailbox.deliveries[0]?.fail(QUEUE_FULL)
            if (!delivered) end('NOT_DELIVERED')
          } else if (does === 'leave' || does === 'return') {
            mailbox.peers.next(does === 'leave' ? peersOf(3) : peersOf(2))
            if (isMember && does === 'leave') end('PEER_DOWN')
            isMember = does === 'return'
          } else if (does === 'link') {
            link(event.state)
            if (state !== 'down' && event.state === 'down') end('PEER_DOWN')
            state = event.state
          } else if (does === 'wait') {
            nowMs += event.ms
            clock.runTo(nowMs)
            if (nowMs >= 100) end('REQUEST_TIMEOUT')
          } else if (does === 'close') {
            mailbox.inbox.complete()
            end('CLOSED')
          }
          const result = seen.values[0]?.msg ?? errorCodeOf(seen.error)
          expect(result).toBe(model)
          if (model !== undefined) {
            expect([seen.ended !== undefined, mailbox.isIdle, clock.pending]).toEqual([
              true,
              true,
              0,
            ])
            return
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('request', () => {
  it('subscribes to the inbox before it sends, and emits one reply', () => {
    const { mailbox, seen, clock } = setup()
    expect(mailbox.inboxObservedAtSend).toBe(true)
    expect(mailbox.deliveries[0]?.envelope).toEqual({ pid: 2, msg: 'ready?' })
    mailbox.deliveries[0]?.acknowledge()
    mailbox.receiveReply(3, 1000)
    mailbox.receiveReply(2, 999)
    mailbox.receiveReply(2, undefined)
    expect(seen.values).toEqual([])
    const reply = mailbox.receiveReply(2, 1000)
    expect([seen.values, seen.ended]).toEqual([[reply], 'completed'])
    expect([mailbox.isIdle, clock.pending]).toEqual([true, 0])
  })

  it('emits a reply that arrived before the receipt', () => {
    const { mailbox, seen } = setup()
    mailbox.receiveReply(2, 1001)
    const reply = mailbox.receiveReply(2, 1000)
    mailbox.receiveReply(2, 1000, 'a second one')
    expect(seen.values).toEqual([])
    mailbox.deliveries[0]?.acknowledge()
    expect([seen.values, seen.ended]).toEqual([[reply], 'completed'])
  })

  it('stores up to 1,024 replies until the receipt, and drops the oldest', () => {
    for (const [others, found] of [
      [1_023, 1],
      [1_024, 0],
    ] as const) {
      const { mailbox, seen } = setup()
      mailbox.receiveReply(2, 1000)
      for (let n = 0; n < others; n++) mailbox.receiveReply(2, 5_000 + n)
      mailbox.deliveries[0]?.acknowledge()
      expect(seen.values).toHaveLength(found)
    }
  })

  it('needs no receipt if the request has a msgId', () => {
    const { mailbox, seen } = setup({}, 7)
    const reply = mailbox.receiveReply(2, 7)
    expect(seen.values).toEqual([reply])
  })

  it('needs no receipt if deliver returns the msgId', () => {
    const mailbox = new ManualMailbox()
    const { inbox, peers, links } = mailbox
    const deliver = (one: OutgoingEnvelope): Receipts =>
      Object.assign(mailbox.deliver(one), { msgId: 1000 })
    const seen = recordNotifications(
      request({ inbox, peers, links, deliver }, { pid: 2, msg: 'ready?' }),
    )
    const reply = mailbox.receiveReply(2, 1000)
    expect([seen.values, seen.ended, mailbox.isIdle]).toEqual([[reply], 'completed', true])
  })

  it('times out after 5 s by default, names the peer, and cancels the request', () => {
    const { mailbox, clock, seen } = setup()
    clock.runTo(4_999)
    expect(seen.ended).toBeUndefined()
    clock.runTo(5_000)
    expect(errorCodeOf(seen.error)).toBe('REQUEST_TIMEOUT')
    expect(String(seen.error)).toContain('no reply from peer 2 within 5000 ms')
    expect(mailbox.isIdle).toBe(true)
  })

  it('ignores a link that is down at first, until it was up and goes down', () => {
    const mailbox = new ManualMailbox()
    mailbox.links.next(linksOf({ 2: 'down' }))
    const seen = recordNotifications(
      request(mailbox, { pid: 2, msg: 'ready?' }, { scheduler: new Clock() }),
    )
    mailbox.links.next(linksOf({ 2: 'down', 3: 'down' }))
    expect(seen.ended).toBeUndefined()
    mailbox.links.next(linksOf({ 2: 'up' }))
    mailbox.links.next(linksOf({ 2: 'down' }))
    expect(errorCodeOf(seen.error)).toBe('PEER_DOWN')
  })

  it('passes errors of deliver through, emitted or thrown', () => {
    const { mailbox, seen } = setup()
    mailbox.deliveries[0]?.fail(QUEUE_FULL)
    expect([seen.error, mailbox.isIdle]).toEqual([QUEUE_FULL, true])
    const broken = Object.assign(new ManualMailbox(), {
      deliver: () => {
        throw QUEUE_FULL
      },
    })
    expect(recordNotifications(request(broken, { pid: 2, msg: 1 })).error).toBe(QUEUE_FULL)
  })

  it('errors for a broadcast, and refuses invalid options', () => {
    const mailbox = new ManualMailbox()
    const all = recordNotifications(request(mailbox, { pid: -1, msg: 1 }))
    expect([errorCodeOf(all.error), mailbox.deliveries]).toEqual(['NOT_DELIVERED', []])
    expect(() => request(mailbox, { pid: 2, msg: 1 }, { timeoutMs: NaN })).toThrow(INVALID)
    expect(() => request(mailbox, { pid: 2, msg: 1 }, { retry: -1 })).toThrow(INVALID)
  })

  it('sends a request for each subscriber, with a reply of its own', () => {
    const { mailbox, reply, seen } = setup()
    const second = recordNotifications(reply)
    expect(mailbox.deliveries.map(({ msgId }) => msgId)).toEqual([1000, 1001])
    for (const delivery of mailbox.deliveries) delivery.acknowledge()
    mailbox.receiveReply(2, 1001)
    expect([seen.values.length, second.values.length]).toEqual([0, 1])
  })

  it('100 requests share one subscription each of inbox, peers and links', () => {
    const mailbox = new ManualMailbox()
    let subscriptions = 0
    const inbox = new Observable<Envelope>((subscriber) => {
      subscriptions += 1
      return mailbox.inbox.subscribe(subscriber)
    })
    const { peers, links } = mailbox
    const countingMailbox = {
      inbox,
      peers,
      links,
      deliver: (one: OutgoingEnvelope) => mailbox.deliver(one),
    }
    const all = Array.from({ length: 100 }, () =>
      recordNotifications(request(countingMailbox, { pid: 2, msg: '?' })),
    )
    for (const delivery of mailbox.deliveries.slice(0, 50)) delivery.acknowledge()
    for (let index = 99; index >= 0; index--) mailbox.receiveReply(2, 1000 + index, index)
    for (const delivery of mailbox.deliveries.slice(50)) delivery.acknowledge()
    expect(all.map(({ values }) => values[0]?.msg)).toEqual(all.map((_, index) => index))
    expect([subscriptions, mailbox.isIdle]).toEqual([1, true])
  })

  it('requests with the same msgId get the same reply, also after one is unsubscribed', () => {
    const mailbox = new ManualMailbox()
    const three = [0, 1, 2].map(() =>
      recordNotifications(request(mailbox, { pid: 2, msg: '?', msgId: 7 })),
    )
    three[1]?.unsubscribe()
    mailbox.receiveReply(2, 7, 'yes')
    expect(three.map(({ values }) => values.length)).toEqual([1, 0, 1])
    expect(mailbox.isIdle).toBe(true)
  })

  it('a removed peer fails the requests to it, and no others', () => {
    const mailbox = new ManualMailbox()
    const [two, three] = [2, 3].map((pid) =>
      recordNotifications(request(mailbox, { pid, msg: '?' })),
    )
    mailbox.peers.next(peersOf(3))
    expect([errorCodeOf(two?.error), three?.ended]).toEqual(['PEER_DOWN', undefined])
    mailbox.links.next(linksOf({ 3: 'down' }))
    expect([errorCodeOf(three?.error), mailbox.isIdle]).toEqual(['PEER_DOWN', true])
  })

  it('stops waiting when it is unsubscribed', () => {
    const { mailbox, clock, seen } = setup({ retry: 3 })
    seen.unsubscribe()
    expect([mailbox.isIdle, clock.pending]).toEqual([true, 0])
  })
})

describe('request with retry', () => {
  it('waits again with the same delivery, without subscribing to it again', () => {
    const { mailbox, clock, seen } = setup({ timeoutMs: 100, retry: { count: 2, baseMs: 10 } })
    clock.runTo(250)
    const [delivery] = mailbox.deliveries
    expect([delivery?.subscribed, delivery?.unsubscribed, seen.ended]).toEqual([1, 0, undefined])
    delivery?.acknowledge()
    const reply = mailbox.receiveReply(2, 1000)
    expect(seen.values).toEqual([reply])
    expect([mailbox.deliveries.length, clock.pending, mailbox.isIdle]).toEqual([1, 0, true])
  })

  it('does not send a delivered request again, and emits a reply during the back-off', () => {
    for (const repliedMs of [10, 60, 160]) {
      const { mailbox, clock, seen, link } = setup({
        timeoutMs: 100,
        retry: { count: 2, baseMs: 50 },
      })
      mailbox.deliveries[0]?.acknowledge()
      link('down')
      clock.runTo(repliedMs)
      expect([mailbox.receiveReply(2, 1000)]).toEqual(seen.values)
      expect([mailbox.deliveries.length, mailbox.deliveries[0]?.subscribed]).toEqual([1, 1])
    }
  })

  it('sends an undelivered request again, with the same msgId', () => {
    const { mailbox, clock, seen } = setup({ timeoutMs: 100, retry: { count: 2, baseMs: 10 } })
    mailbox.deliveries[0]?.fail(QUEUE_FULL)
    clock.runTo(5)
    expect([mailbox.deliveries.length, mailbox.deliveries[0]?.subscribed]).toEqual([1, 2])
    mailbox.deliveries[0]?.acknowledge()
    expect([mailbox.receiveReply(2, 1000)]).toEqual(seen.values)
  })

  it('errors with the last error after the last retry', () => {
    const retry = { count: 1, baseMs: 10, jitter: 0 }
    const { mailbox, clock, seen } = setup({ timeoutMs: 100, retry })
    mailbox.deliveries[0]?.fail(QUEUE_FULL)
    clock.runTo(109)
    expect(seen.ended).toBeUndefined()
    clock.runTo(110)
    expect(errorCodeOf(seen.error)).toBe('REQUEST_TIMEOUT')
    expect([mailbox.isIdle, clock.pending]).toEqual([true, 0])
  })

  it('errors with CLOSED at once, with retries left', () => {
    const { mailbox, seen } = setup({ retry: 9 })
    mailbox.inbox.complete()
    expect(errorCodeOf(seen.error)).toBe('CLOSED')
    expect(mailbox.isIdle).toBe(true)
  })

  it('runs in real time by default', async () => {
    const mailbox = new ManualMailbox()
    const options = { timeoutMs: 1, retry: { count: 1, baseMs: 1 } }
    const failed = new Promise((resolve) => {
      request(mailbox, { pid: 2, msg: 1 }, options).subscribe({ error: resolve })
    })
    expect(errorCodeOf(await failed)).toBe('REQUEST_TIMEOUT')
  })
})
