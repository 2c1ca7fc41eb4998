/** Headers and error replies, from an outbox to inboxes, receipts and dead letters. */
import { afterEach, describe, expect, it } from 'vitest'
import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs'
import type { DeadLetter } from '../../src/model/dead-letter.ts'
import { reply } from '../../src/model/envelope.ts'
import { BROADCAST } from '../../src/model/pid.ts'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import { createNode } from '../../src/node/create-node.ts'
import { decodeMessage } from '../../src/operators/decode-message.ts'
import { dedupe } from '../../src/operators/dedupe.ts'
import { fromPeer } from '../../src/operators/from-peer.ts'
import { groupByPeer } from '../../src/operators/group-by-peer.ts'
import { request } from '../../src/operators/request.ts'
import { collect } from './collect.ts'
import { Real } from './real.ts'
import { World } from './world.ts'

const reals: Real[] = []
afterEach(async () => {
  await Promise.all(reals.splice(0).map((real) => real.close()))
})

async function overTcp(count: number): Promise<[ClusterNode, ClusterNode, ...ClusterNode[]]> {
  const real = new Real()
  reals.push(real)
  return (await real.cluster(count)) as [ClusterNode, ClusterNode, ...ClusterNode[]]
}

/** The content of an envelope, with `headers` only where it has any. */
const HEADERS = { trace: '00-4bf9', 'ünï✓': '', '1': 'é' }

describe('headers', () => {
  it('arrive over TCP: with a message, a broadcast, a delivery, a reply; absent where not given', async () => {
    const [one, two, three] = await overTcp(3)
    const toTwo = lastValueFrom(two.inbox.pipe(take(4), toArray()))
    const toThree = firstValueFrom((three as ClusterNode).inbox)
    one.outbox.next({ pid: 2, msg: 'a', headers: HEADERS })
    one.outbox.next({ pid: BROADCAST, msg: 'b', headers: { topic: 'all' } })
    one.outbox.next({ pid: 2, msg: 'c' })
    await firstValueFrom(one.deliver({ pid: 2, msg: Buffer.alloc(50_000), headers: { big: '1' } }))
    const received = await toTwo
    expect(received.map((envelope) => envelope.headers)).toEqual([
      HEADERS,
      { topic: 'all' },
      undefined,
      { big: '1' },
    ])
    expect(Object.keys(received[2] ?? {})).toEqual(['pid', 'incarnation', 'msgId', 'msg'])
    expect(await toThree).toMatchObject({ msg: 'b', headers: { topic: 'all' } })
  })

  it('arrive within a process', async () => {
    const peers = [1, 2].map((pid) => ({ pid, endpoint: `inproc://headers-${pid}` }))
    const [one, two] = await Promise.all([1, 2].map((pid) => createNode({ peers }, pid)))
    const received = firstValueFrom((two as ClusterNode).inbox)
    one?.outbox.next({ pid: 2, msg: 'hi', headers: HEADERS })
    expect(await received).toMatchObject({ msg: 'hi', headers: HEADERS })
    await Promise.all([one?.close(), two?.close()])
  })

  it('are those at the time of sending', () => {
    const world = new World()
    const [one, two] = world.cluster(2) as [ClusterNode, ClusterNode]
    const received = collect(two.inbox)
    const headers: Record<string, string> = { step: '1' }
    one.outbox.next({ pid: 2, msg: 'hi', headers })
    headers['step'] = '2'
    world.run(100)
    expect(received.map((envelope) => envelope.headers)).toEqual([{ step: '1' }])
    world.end()
  })

  it('pass through decodeMessage, groupByPeer, dedupe and fromPeer; reply does not copy them', () => {
    const world = new World()
    const [one, two] = world.cluster(2) as [ClusterNode, ClusterNode]
    const isText = (msg: unknown): msg is string => typeof msg === 'string'
    const decoded = collect(two.inbox.pipe(decodeMessage(isText), dedupe(9), fromPeer(1)))
    const grouped: unknown[] = []
    two.inbox.pipe(groupByPeer(two.peers)).subscribe((group) => {
      group.subscribe((envelope) => grouped.push(envelope.headers))
    })
    one.outbox.next({ pid: 2, msg: 'hi', headers: HEADERS })
    world.run(100)
    expect(decoded).toMatchObject([{ msg: 'hi', headers: HEADERS }])
    expect(grouped).toEqual([HEADERS])
    expect(reply(decoded[0] as NonNullable<(typeof decoded)[0]>, 'yes')).not.toHaveProperty(
      'headers',
    )
    world.end()
  })

  it.each([
    ['a list', ['x'], 'headers: expected an object of texts'],
    ['null', null, 'headers: expected an object of texts'],
    ['a text', 'x', 'headers: expected an object of texts'],
    ['a number', { a: 'x', hops: 3 }, 'headers.hops: expected a text, got number'],
    ['__proto__', JSON.parse('{"__proto__":"x"}'), 'headers.__proto__: this key is not allowed'],
    ['half a pair as a value', { a: '\ud800' }, 'headers.a: a surrogate without its pair'],
    ['half a pair as a key', { '\udc00': 'a' }, 'headers.\udc00: a surrogate without its pair'],
    ['8 KiB and a byte', { a: 'x'.repeat(8_188) }, 'headers: 8193 bytes, at most 8192'],
    [
      '33 headers',
      Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`k${index}`, ''])),
      'headers: 33, at most 32',
    ],
  ])('that are not valid are a dead letter: %s', (_what, headers, detail) => {
    const world = new World()
    const [one, two] = world.cluster(2) as [ClusterNode, ClusterNode]
    const dead = collect(one.deadLetters)
    const failures: unknown[] = []
    const envelope = { pid: 2, msg: 'hi', headers: headers as never }
    one.outbox.next(envelope)
    one.deliver(envelope).subscribe({ error: (error) => failures.push(error) })
    one.outbox.next({ ...envelope, pid: BROADCAST })
    expect(dead).toEqual(
      Array.from({ length: 3 }, () => {
        return { envelope, reason: 'invalid', outcome: 'not-delivered', detail }
      }),
    )
    expect(failures).toMatchObject([{ code: 'NOT_DELIVERED', issues: [] }])
    expect(({} as { x?: string }).x).toBeUndefined()
    expect(one.stats()).toMatchObject({ sent: 3, dead: 3 })
    expect(two.stats().received).toBe(0)
    world.end()
  })

  it('at both limits arrive; empty ones are none', () => {
    const world = new World()
    const [one, two] = world.cluster(2) as [ClusterNode, ClusterNode]
    const received = collect(two.inbox)
    const many = Object.fromEntries(Array.from({ length: 32 }, (_, index) => [`k${index}`, '']))
    const large = { a: 'x'.repeat(8_187) }
    for (const headers of [many, large, {}, { absent: undefined as never }]) {
      one.outbox.next({ pid: 2, msg: 'hi', headers })
    }
    world.run(100)
    expect(received.map((envelope) => envelope.headers)).toEqual([
      many,
      large,
      undefined,
      undefined,
    ])
    world.end()
  })

  it('of a dead letter are those that were sent', () => {
    const world = new World()
    const [one] = world.cluster(2) as [ClusterNode]
    const dead: DeadLetter[] = collect(one.deadLetters)
    const headers: Record<string, string> = { step: '1' }
    one.removePeer(2)
    one.outbox.next({ pid: 2, msg: 'hi', headers })
    headers['step'] = '2'
    one.addPeer({ pid: 4, endpoint: 'tcp://127.0.0.1:5999' })
    one.outbox.next({ pid: 4, msg: 'hi', headers, ttlMs: 50 })
    headers['step'] = '3'
    world.run(1_000)
    expect(dead).toMatchObject([
      { reason: 'unknown-pid', envelope: { pid: 2, msg: 'hi', headers: { step: '1' } } },
      { reason: 'expired', envelope: { pid: 4, msg: 'hi', headers: { step: '2' } } },
    ])
    world.end()
  })
})

describe('an error reply', () => {
  const error = { code: 'FULL', message: 'later' }

  it.each([
    ['not-encodable', { of: () => 1 }, 'not-encodable: msg.of: cannot carry a function'],
    ['too-large', 'x'.repeat(2_000), 'too-large: 2003 bytes, and maxMessageBytes is 1000'],
  ])('takes the place of a reply that is %s', (reason, msg, message) => {
    const world = new World()
    const [one, two] = world.cluster(2, { maxMessageBytes: 1_000 })
    const dead = collect(two!.deadLetters)
    two!.inbox.subscribe((envelope) => two!.outbox.next(reply(envelope, msg)))
    const errors: unknown[] = []
    request(one!, { pid: 2, msg: 'q' }).subscribe({ error: (error) => errors.push(error) })
    world.run(100)
    expect(errors).toMatchObject([
      { code: 'REMOTE_ERROR', cause: { code: 'REPLY_NOT_SENT', message } },
    ])
    expect(dead).toMatchObject([{ reason }])
    world.end()
  })

  it('ends a request over TCP with REMOTE_ERROR and its cause, without a retry', async () => {
    const [one, two] = await overTcp(2)
    let requests = 0
    two.inbox.subscribe((envelope) => {
      requests++
      two.outbox.next({ ...reply(envelope, undefined), error })
    })
    const answer = firstValueFrom(request(one, { pid: 2, msg: 'take' }, { retry: 5 }))
    await expect(answer).rejects.toMatchObject({ code: 'REMOTE_ERROR', cause: error })
    expect(requests).toBe(1)
  })

  it('reaches the inbox where no request waits: without a message and further fields', () => {
    const world = new World()
    const [one, two] = world.cluster(2) as [ClusterNode, ClusterNode]
    const received = collect(two.inbox)
    const more = { ...error, stack: 'secret', count: 1n }
    one.outbox.next({ pid: 2, msg: 'not sent', re: 7, error: more, headers: HEADERS })
    world.run(100)
    const { incarnation } = one
    const expected = { pid: 1, incarnation, msgId: 1000, re: 7, headers: HEADERS, error }
    expect(received).toStrictEqual([{ ...expected, msg: undefined }])
    world.end()
  })

  it.each([
    ['has no re', { error }, 'error: only a reply can be an error, and re is missing'],
    [
      'has no code',
      { re: 7, error: { message: 'later' } },
      'error.code: expected a text, got undefined',
    ],
    [
      'has no text',
      { re: 7, error: { code: 'FULL', message: 5 } },
      'error.message: expected a text, got 5',
    ],
    ['is a text', { re: 7, error: 'FULL' }, 'error: expected { code, message }, got "FULL"'],
    ['is null', { re: 7, error: null }, 'error: expected { code, message }, got null'],
  ])('that %s is a dead letter', (_what, content, detail) => {
    const world = new World()
    const [one, two] = world.cluster(2) as [ClusterNode, ClusterNode]
    const dead = collect(one.deadLetters)
    one.outbox.next({ pid: 2, msg: 'hi', ...(content as object) })
    expect(dead).toMatchObject([{ reason: 'invalid', outcome: 'not-delivered', detail }])
    world.run(100)
    expect(two.stats().received).toBe(0)
    world.end()
  })

  it('with half a surrogate pair is not encodable, with its path', () => {
    const world = new World()
    const [one] = world.cluster(2) as [ClusterNode]
    const dead = collect(one.deadLetters)
    const half = { code: '\ud800', message: '' }
    one.outbox.next({ pid: 2, msg: undefined, re: 7, error: half })
    expect(dead).toMatchObject([
      { reason: 'not-encodable', detail: expect.stringMatching(/^error\.code: /) as unknown },
    ])
    world.end()
  })

  it('that dies shows its error and no message', () => {
    const world = new World()
    const [one] = world.cluster(2) as [ClusterNode]
    const dead = collect(one.deadLetters)
    one.outbox.next({ pid: 9, msg: 'not sent', re: 7, error, headers: HEADERS })
    const envelope = { pid: 9, msgId: 1000, re: 7, headers: HEADERS, error, msg: undefined }
    expect(dead.map((one) => one.envelope)).toStrictEqual([envelope])
    world.end()
  })
})
