/** request: which envelope is the answer, what ends the waiting, and nothing asked twice. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Observable } from 'rxjs'
import type { Envelope, OutgoingEnvelope } from '../../src/model/envelope.ts'
import type { Receipts } from '../../src/ports/post.ts'
import { ClusterError } from '../../src/model/cluster-error.ts'
import type { LinkState } from '../../src/model/peer.ts'
import { request } from '../../src/operators/request.ts'
import type { RequestOptions } from '../../src/operators/request.ts'
import { Clock, codeOf, peersOf, record } from './lab.ts'
import { HandPost } from './post-lab.ts'

const LOST = new ClusterError('NOT_DELIVERED', 'the queue is full')

function ask(options: RequestOptions = {}, msgId?: number) {
  const post = new HandPost()
  const clock = new Clock()
  const outgoing = { pid: 2, msg: 'ready?', ...(msgId === undefined ? {} : { msgId }) }
  const answer = request(post, outgoing, options, () => 0.5, clock)
  const seen = record(answer)
  const link = (state: LinkState): void => post.links.next(new Map([[2, state]]))
  return { post, clock, answer, seen, link }
}

describe('request, against a model', () => {
  it('answers, or fails, as a plain list of events would have it', () => {
    const event = fc.oneof(
      fc.record({ does: fc.constant('answer'), pid: fc.constantFrom(2, 3), re: fc.nat(3) }),
      fc.record({ does: fc.constantFrom('receipt', 'fail', 'leave', 'return', 'close') }),
      fc.record({ does: fc.constant('link'), state: fc.constantFrom('up', 'busy', 'down') }),
      fc.record({ does: fc.constant('wait'), ms: fc.nat(40) }),
    ) as fc.Arbitrary<{ does: string; pid: number; re: number; state: LinkState; ms: number }>
    const known = fc.constantFrom(undefined, 1_000)
    fc.assert(
      fc.property(fc.array(event), known, (events, msgId) => {
        const { post, clock, seen, link } = ask({ timeoutMs: 100 }, msgId)
        let model: string | undefined
        let [taken, present, state, nowMs] = [false, true, 'up', 0]
        const early: string[] = []
        for (const [index, happens] of events.entries()) {
          const { does } = happens
          const end = (how: string): void => {
            model ??= how
          }
          if (does === 'answer') {
            const said = `answer ${index}`
            post.answer(happens.pid, happens.re + 999, said)
            if (happens.pid !== 2 || happens.re !== 1) continue
            if (taken || msgId !== undefined) end(said)
            else early.push(said)
          } else if (does === 'receipt') {
            post.deliveries[0]?.take()
            if (early[0] !== undefined) end(early[0])
            taken = true
          } else if (does === 'fail') {
            post.deliveries[0]?.fail(LOST)
            if (!taken) end('NOT_DELIVERED')
          } else if (does === 'leave' || does === 'return') {
            post.peers.next(does === 'leave' ? peersOf(3) : peersOf(2))
            if (present && does === 'leave') end('PEER_DOWN')
            present = does === 'return'
          } else if (does === 'link') {
            link(happens.state)
            if (state !== 'down' && happens.state === 'down') end('PEER_DOWN')
            state = happens.state
          } else if (does === 'wait') {
            nowMs += happens.ms
            clock.runTo(nowMs)
            if (nowMs >= 100) end('REQUEST_TIMEOUT')
          } else if (does === 'close') {
            post.inbox.complete()
            end('CLOSED')
          }
          const said = seen.values[0]?.msg ?? codeOf(seen.error)
          expect(said).toBe(model)
          if (model !== undefined) {
            expect([seen.ended !== undefined, post.quiet, clock.pending]).toEqual([true, true, 0])
            return
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('request', () => {
  it('listens before it sends, and emits the one answer', () => {
    const { post, seen, clock } = ask()
    expect(post.heardBeforeSent).toBe(true)
    expect(post.deliveries[0]?.envelope).toEqual({ pid: 2, msg: 'ready?' })
    post.deliveries[0]?.take()
    post.answer(3, 1000)
    post.answer(2, 999)
    post.answer(2, undefined)
    expect(seen.values).toEqual([])
    const answer = post.answer(2, 1000)
    expect([seen.values, seen.ended]).toEqual([[answer], 'completed'])
    expect([post.quiet, clock.pending]).toEqual([true, 0])
  })

  it('finds an answer that came before the receipt', () => {
    const { post, seen } = ask()
    post.answer(2, 1001)
    const answer = post.answer(2, 1000)
    post.answer(2, 1000, 'a second one')
    expect(seen.values).toEqual([])
    post.deliveries[0]?.take()
    expect([seen.values, seen.ended]).toEqual([[answer], 'completed'])
  })

  it('keeps no more than 1,024 envelopes until the receipt: the oldest go first', () => {
    for (const [others, found] of [
      [1_023, 1],
      [1_024, 0],
    ] as const) {
      const { post, seen } = ask()
      post.answer(2, 1000)
      for (let n = 0; n < others; n++) post.answer(2, 5_000 + n)
      post.deliveries[0]?.take()
      expect(seen.values).toHaveLength(found)
    }
  })

  it('needs no receipt where the question has a msgId', () => {
    const { post, seen } = ask({}, 7)
    const answer = post.answer(2, 7)
    expect(seen.values).toEqual([answer])
  })

  it('needs no receipt where deliver tells the msgId', () => {
    const post = new HandPost()
    const { inbox, peers, links } = post
    const deliver = (one: OutgoingEnvelope): Receipts =>
      Object.assign(post.deliver(one), { msgId: 1000 })
    const seen = record(request({ inbox, peers, links, deliver }, { pid: 2, msg: 'ready?' }))
    const answer = post.answer(2, 1000)
    expect([seen.values, seen.ended, post.quiet]).toEqual([[answer], 'completed', true])
  })

  it('times out after 5 s by default, names the peer, and withdraws the question', () => {
    const { post, clock, seen } = ask()
    clock.runTo(4_999)
    expect(seen.ended).toBeUndefined()
    clock.runTo(5_000)
    expect(codeOf(seen.error)).toBe('REQUEST_TIMEOUT')
    expect(String(seen.error)).toContain('no answer from peer 2 in 5000 ms')
    expect(post.quiet).toBe(true)
  })

  it('does not fail for a link that was down when it began, until it goes down again', () => {
    const post = new HandPost()
    post.links.next(new Map([[2, 'down']]))
    const seen = record(request(post, { pid: 2, msg: 'ready?' }, {}, () => 0.5, new Clock()))
    post.links.next(
      new Map([
        [2, 'down'],
        [3, 'down'],
      ]),
    )
    expect(seen.ended).toBeUndefined()
    post.links.next(new Map([[2, 'up']]))
    post.links.next(new Map([[2, 'down']]))
    expect(codeOf(seen.error)).toBe('PEER_DOWN')
  })

  it('passes the errors of deliver through, and what deliver throws', () => {
    const { post, seen } = ask()
    post.deliveries[0]?.fail(LOST)
    expect([seen.error, post.quiet]).toEqual([LOST, true])
    const broken = Object.assign(new HandPost(), {
      deliver: () => {
        throw LOST
      },
    })
    expect(record(request(broken, { pid: 2, msg: 1 })).error).toBe(LOST)
  })

  it('refuses a broadcast, and a time that is none', () => {
    const post = new HandPost()
    const all = record(request(post, { pid: -1, msg: 1 }))
    expect([codeOf(all.error), post.deliveries]).toEqual(['NOT_DELIVERED', []])
    expect(() => request(post, { pid: 2, msg: 1 }, { timeoutMs: NaN })).toThrow(RangeError)
    expect(() => request(post, { pid: 2, msg: 1 }, { retry: -1 })).toThrow(RangeError)
  })

  it('asks anew for each subscriber, who wait apart from each other', () => {
    const { post, answer, seen } = ask()
    const second = record(answer)
    expect(post.deliveries.map(({ msgId }) => msgId)).toEqual([1000, 1001])
    for (const delivery of post.deliveries) delivery.take()
    post.answer(2, 1001)
    expect([seen.values.length, second.values.length]).toEqual([0, 1])
  })

  it('however many wait: one subscription of the inbox, peers and links, and each its own answer', () => {
    const post = new HandPost()
    let subscriptions = 0
    const inbox = new Observable<Envelope>((subscriber) => {
      subscriptions += 1
      return post.inbox.subscribe(subscriber)
    })
    const { peers, links } = post
    const crowded = { inbox, peers, links, deliver: (one: OutgoingEnvelope) => post.deliver(one) }
    const all = Array.from({ length: 100 }, () => record(request(crowded, { pid: 2, msg: '?' })))
    for (const delivery of post.deliveries.slice(0, 50)) delivery.take()
    for (let index = 99; index >= 0; index--) post.answer(2, 1000 + index, index)
    for (const delivery of post.deliveries.slice(50)) delivery.take()
    expect(all.map(({ values }) => values[0]?.msg)).toEqual(all.map((_, index) => index))
    expect([subscriptions, post.quiet]).toEqual([1, true])
  })

  it('two that chose the same msgId hear the same answer, and one may leave before', () => {
    const post = new HandPost()
    const three = [0, 1, 2].map(() => record(request(post, { pid: 2, msg: '?', msgId: 7 })))
    three[1]?.stop()
    post.answer(2, 7, 'yes')
    expect(three.map(({ values }) => values.length)).toEqual([1, 0, 1])
    expect(post.quiet).toBe(true)
  })

  it('one peer that leaves fails the questions to it, and no others', () => {
    const post = new HandPost()
    const [two, three] = [2, 3].map((pid) => record(request(post, { pid, msg: '?' })))
    post.peers.next(peersOf(3))
    expect([codeOf(two?.error), three?.ended]).toEqual(['PEER_DOWN', undefined])
    post.links.next(new Map([[3, 'down']]))
    expect([codeOf(three?.error), post.quiet]).toEqual(['PEER_DOWN', true])
  })

  it('stops waiting when it is left', () => {
    const { post, clock, seen } = ask({ retry: 3 })
    seen.stop()
    expect([post.quiet, clock.pending]).toEqual([true, 0])
  })
})

describe('request with retry', () => {
  it('waits again with the same delivery, which it neither leaves nor begins again', () => {
    const { post, clock, seen } = ask({ timeoutMs: 100, retry: { count: 2, baseMs: 10 } })
    clock.runTo(250)
    const [delivery] = post.deliveries
    expect([delivery?.opened, delivery?.closed, seen.ended]).toEqual([1, 0, undefined])
    delivery?.take()
    const answer = post.answer(2, 1000)
    expect(seen.values).toEqual([answer])
    expect([post.deliveries.length, clock.pending, post.quiet]).toEqual([1, 0, true])
  })

  it('never sends again what was taken, and hears an answer while it backs off', () => {
    for (const answeredMs of [10, 60, 160]) {
      const { post, clock, seen, link } = ask({ timeoutMs: 100, retry: { count: 2, baseMs: 50 } })
      post.deliveries[0]?.take()
      link('down')
      clock.runTo(answeredMs)
      expect([post.answer(2, 1000)]).toEqual(seen.values)
      expect([post.deliveries.length, post.deliveries[0]?.opened]).toEqual([1, 1])
    }
  })

  it('sends again what was not delivered, with the same msgId', () => {
    const { post, clock, seen } = ask({ timeoutMs: 100, retry: { count: 2, baseMs: 10 } })
    post.deliveries[0]?.fail(LOST)
    clock.runTo(5)
    expect([post.deliveries.length, post.deliveries[0]?.opened]).toEqual([1, 2])
    post.deliveries[0]?.take()
    expect([post.answer(2, 1000)]).toEqual(seen.values)
  })

  it('gives up with the last error after so many attempts more', () => {
    const retry = { count: 1, baseMs: 10, jitter: 0 }
    const { post, clock, seen } = ask({ timeoutMs: 100, retry })
    post.deliveries[0]?.fail(LOST)
    clock.runTo(109)
    expect(seen.ended).toBeUndefined()
    clock.runTo(110)
    expect(codeOf(seen.error)).toBe('REQUEST_TIMEOUT')
    expect([post.quiet, clock.pending]).toEqual([true, 0])
  })

  it('fails with CLOSED at once, however many retries are left', () => {
    const { post, seen } = ask({ retry: 9 })
    post.inbox.complete()
    expect(codeOf(seen.error)).toBe('CLOSED')
    expect(post.quiet).toBe(true)
  })

  it('runs in real time without further arguments', async () => {
    const post = new HandPost()
    const options = { timeoutMs: 1, retry: { count: 1, baseMs: 1 } }
    const failed = new Promise((resolve) => {
      request(post, { pid: 2, msg: 1 }, options).subscribe({ error: resolve })
    })
    expect(codeOf(await failed)).toBe('REQUEST_TIMEOUT')
  })
})
