/** Typed mailboxes and defined requests. */
import { type Observable, delay, filter, map, merge, of } from 'rxjs'
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest'
import * as t from 'io-ts'
import { z } from 'zod'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import type { Mailbox } from '../../src/ports/mailbox.ts'
import type { RejectedMessage } from '../../src/operators/decode-message.ts'
import { VOTES, type Vote } from '../operators/schemas.ts'
import { World } from '../node/world.ts'
import { collect, msgs } from '../node/collect.ts'
import { defineRequest } from '../../src/typed/define-request.ts'
import type { Envelope, OutgoingEnvelope } from '../../src/model/envelope.ts'
import { handle } from '../../src/operators/handle.ts'
import { request } from '../../src/operators/request.ts'
import { replyWith } from '../../src/operators/reply-with.ts'
import { simulate } from '../../src/testing.ts'
import { typed } from '../../src/typed/typed.ts'

const Length = defineRequest({ name: 'length', request: t.string, reply: t.number })
const vote = { type: 'vote' as const, terms: [{ term: 1 }] }

let world: World
let one: ClusterNode
let two: ClusterNode
beforeEach(() => {
  world = new World()
  ;[one, two] = world.cluster(2) as [ClusterNode, ClusterNode]
})
afterEach(() => world.end())

const options = (): { scheduler: typeof world.scheduler } => ({ scheduler: world.scheduler })

function outcomeOf<T>(reply: Observable<Envelope<T>>): unknown[] {
  const outcome: unknown[] = []
  reply.subscribe({ next: ({ msg }) => outcome.push(msg), error: (error) => outcome.push(error) })
  return outcome
}

describe('typed', () => {
  it('decodes once for all subscribers, and gives the rest to rejected', () => {
    let decoded = 0
    const counting = z.unknown().transform((msg) => {
      decoded++
      return msg as Vote
    })
    const mailbox = typed(two, counting)
    const before = decoded
    const all = [collect(mailbox.inbox), collect(mailbox.inbox)]
    one.outbox.next({ pid: 2, msg: vote })
    world.run(10)
    expect(all.map(msgs)).toEqual([[vote], [vote]])
    expect(decoded - before).toBe(1)
  })

  it('gives an error reply to the request that waits for it, and a late one to rejected', () => {
    const rejected: RejectedMessage[] = []
    const mailbox = typed(two, z.unknown(), { rejected: (one) => rejected.push(one) })
    const received = collect(mailbox.inbox)
    const error = { code: 'FULL', message: 'later' }
    const outcome = outcomeOf(request(two, { pid: 1, msg: 'ask', msgId: 5 }, options()))
    for (let n = 0; n < 2; n++) one.outbox.next({ pid: 2, msg: undefined, re: 5, error })
    world.run(100)
    expect(outcome).toMatchObject([{ code: 'REMOTE_ERROR', cause: error }])
    expect(received).toEqual([])
    expect(rejected).toMatchObject([{ envelope: { re: 5, error, msg: undefined } }])
  })

  it('has the types of the schema on both sides', () => {
    const trimmed = z.string().transform((text) => text.length)
    const mailbox = typed(one, trimmed)
    expectTypeOf(mailbox).toEqualTypeOf<Mailbox<number, string>>()
    expectTypeOf(mailbox.inbox).toEqualTypeOf<Observable<Envelope<number>>>()
    mailbox.outbox.next({ pid: 2, msg: 'a text' })
    // @ts-expect-error the other nodes decode a string
    mailbox.outbox.next({ pid: 2, msg: 7 })
    // @ts-expect-error a request is checked, too
    void request(mailbox, { pid: 2, msg: 7 })
    void request(mailbox, { pid: 2, msg: 'a text' })
  })

  it('passes requests undecoded to handle, and never to rejected', () => {
    const rejected: RejectedMessage[] = []
    const mailbox = typed(two, VOTES.zod, { rejected: (one) => rejected.push(one) })
    const votes = collect(mailbox.inbox)
    handle(mailbox, Length, ({ msg }) => msg.length).subscribe()
    const asker = typed(one, VOTES.zod, { rejected: (one) => rejected.push(one) })
    asker.inbox.subscribe()
    const reply = outcomeOf(request(asker, 2, Length, 'four', options()))
    one.outbox.next({ pid: 2, msg: vote })
    one.outbox.next({ pid: 2, msg: 'neither' })
    world.run(100)
    expect(reply).toEqual([4])
    expect(msgs(votes)).toEqual([vote])
    expect(rejected.map(({ envelope }) => envelope.msg)).toEqual(['neither'])
  })

  it('passes the replies of a mailbox without consumeReplies to the request', () => {
    const { consumeReplies: _, ...plain } = {
      pid: one.pid,
      inbox: one.inbox,
      outbox: one.outbox,
      peers: one.peers,
      links: one.links,
      closed: one.closed,
      deliver: (envelope: OutgoingEnvelope) => one.deliver(envelope),
      consumeReplies: undefined,
    }
    const rejected: RejectedMessage[] = []
    const mailbox = typed(plain, VOTES.zod, { rejected: (one) => rejected.push(one) })
    mailbox.inbox.subscribe()
    two.inbox.pipe(replyWith(two, () => 'no vote')).subscribe()
    const reply = outcomeOf(request(mailbox, { pid: 2, msg: vote }, options()))
    world.run(100)
    expect(reply).toEqual(['no vote'])
    expect(rejected).toEqual([])
  })

  it('ignores a request that no handle takes; a late reply is a message as any other', () => {
    const rejected: RejectedMessage[] = []
    const mailbox = typed(one, VOTES.zod, { rejected: (one) => rejected.push(one) })
    const votes = collect(mailbox.inbox)
    handle(two, Length, ({ msg }) => of(msg.length).pipe(delay(40, world.scheduler))).subscribe()
    const reply = outcomeOf(request(mailbox, 2, Length, 'four', { ...options(), timeoutMs: 20 }))
    two.outbox.next({ pid: 1, msg: { request: 'unknown', value: 1 } })
    world.run(100)
    expect(reply).toMatchObject([{ code: 'REQUEST_TIMEOUT' }])
    expect(msgs(votes)).toEqual([])
    expect(rejected.map(({ envelope }) => envelope.msg)).toEqual([4])
  })

  it('is a mailbox for replyWith, whose replies are of its type', () => {
    const mailbox = typed(two, VOTES.zod)
    mailbox.inbox.pipe(replyWith(mailbox, ({ msg }) => msg)).subscribe()
    mailbox.inbox.pipe(replyWith(mailbox, ({ msg }) => of(msg)))
    // @ts-expect-error the other nodes decode a vote
    mailbox.inbox.pipe(replyWith(mailbox, () => 'no vote'))
    const reply = outcomeOf(request(one, { pid: 2, msg: vote }, options()))
    world.run(100)
    expect(reply).toEqual([vote])
  })

  it('works for a protocol in a simulation', () => {
    const protocol = (node: Mailbox): Observable<number> => {
      const mailbox = typed(node, VOTES.valibot)
      const asked = request(mailbox, 3 - node.pid, Length, 'abc').pipe(map(({ msg }) => msg))
      const answered = handle(mailbox, Length, ({ msg }) => of(msg.length).pipe(delay(5)))
      return merge(
        asked,
        answered.pipe(
          map(({ msg }) => msg),
          filter(() => false),
        ),
      )
    }
    simulate({ peers: 2, connected: true, protocol }, (cluster) => {
      const outputs: unknown[] = []
      cluster.trace.subscribe((event) => event.type === 'output' && outputs.push(event.value))
      cluster.run(1_000)
      expect(outputs).toEqual([3, 3])
    })
  })
})

describe('a defined request', () => {
  it('has the wire form { request, value }, answered by re', () => {
    const received = collect(two.inbox)
    outcomeOf(request(one, 2, Length, 'four', options()))
    world.run(10)
    expect(received).toMatchObject([{ pid: 1, msg: { request: 'length', value: 'four' } }])
  })

  it('goes to the handler of its name only', () => {
    const Other = defineRequest({ name: 'other', request: z.string(), reply: z.string() })
    handle(two, Length, ({ msg }) => msg.length).subscribe()
    handle(two, Other, ({ msg }) => `other ${msg}`).subscribe()
    const replies = [
      outcomeOf(request(one, 2, Length, 'four', options())),
      outcomeOf(request(one, 2, Other, 'four', options())),
    ]
    world.run(100)
    expect(replies).toEqual([[4], ['other four']])
  })

  it('with a value that does not match goes to rejected of handle, and its sender gets an error', () => {
    const rejected: RejectedMessage[] = []
    handle(two, Length, ({ msg }) => msg.length, {
      rejected: (one) => rejected.push(one),
    }).subscribe()
    const reply = outcomeOf(request(one, 2, Length, 7 as never, { ...options(), timeoutMs: 50 }))
    world.run(100)
    expect(rejected.map(({ issues }) => issues)).toEqual([['msg: expected string, got 7']])
    const cause = { code: 'REQUEST_INVALID', message: 'msg: expected string, got 7' }
    expect(reply).toMatchObject([{ code: 'REMOTE_ERROR', cause }])
  })

  it('whose schema is asynchronous for this value is refused, and the handler goes on', () => {
    const isEven = (value: number) => (value < 10 ? value % 2 === 0 : Promise.resolve(true))
    const Even = defineRequest({
      name: 'even',
      request: z.number().refine(isEven as (value: number) => boolean),
      reply: z.number(),
    })
    handle(two, Even, ({ msg }) => msg).subscribe()
    const replies = [20, 4].map((value) => outcomeOf(request(one, 2, Even, value, options())))
    world.run(100)
    expect(replies[0]).toMatchObject([{ code: 'REMOTE_ERROR', cause: { code: 'REQUEST_INVALID' } }])
    expect(replies[1]).toEqual([4])
  })

  it('whose reply does not match errors with REPLY_INVALID', () => {
    handle(two, Length, () => 'many' as never).subscribe()
    const reply = outcomeOf(request(one, 2, Length, 'four', options()))
    world.run(100)
    expect(reply).toMatchObject([
      { code: 'REPLY_INVALID', issues: ['msg: expected number, got "many"'] },
    ])
  })

  it('has the types of its schemas', () => {
    expectTypeOf(request(one, 2, Length, 'a')).toEqualTypeOf<Observable<Envelope<number>>>()
    // @ts-expect-error the value is a string
    void request(one, 2, Length, 7)
    // @ts-expect-error the reply is a number
    void handle(two, Length, () => 'a')
    void handle(two, Length, ({ msg }) => [msg.length])
    void handle(two, Length, async ({ msg }) => msg.length)
  })

  it('whose reply is an array needs it wrapped, so that it is one reply', () => {
    const Range = defineRequest({ name: 'range', request: t.number, reply: t.array(t.number) })
    // @ts-expect-error the elements of an array are replies
    void handle(two, Range, () => [0, 1])
    void handle(two, Range, async () => [0, 1])
    void handle(two, Range, () => of([0, 1]))
    handle(two, Range, ({ msg }) => [[0, msg]]).subscribe()
    const reply = outcomeOf(request(one, 2, Range, 1, options()))
    world.run(100)
    expect(reply).toEqual([[0, 1]])
  })

  it.each([
    ['handle', () => handle(two, undefined as never, () => 1)],
    ['handle', () => handle(two, Length, 'no function' as never)],
    ['request', () => request(one, 2, { name: 'length' } as never, 'four')],
    ['request', () => request(one, null as never)],
    ['typed', () => typed(one, 'no schema' as never)],
  ])('%s refuses an argument that is not valid', (name, call) => {
    const message = expect.stringMatching(`^${name}: `)
    expect(call).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', message }))
  })

  it.each([
    [{ name: '', request: t.string, reply: t.number }, 'name'],
    [{ name: 'a', request: t.string }, 'reply'],
    [{ name: 'a', request: t.string, reply: t.number, respond: 1 }, 'respond'],
  ])('%o is refused', (definition, named) => {
    expect(() => defineRequest(definition as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(named) }),
    )
  })
})
