/** Replies that a request waits for: they pass the inbox, its buffer and its pauses. */
import {
  type Observable,
  Subject,
  filter,
  ignoreElements,
  map,
  mergeMap,
  of,
  tap,
  timer,
} from 'rxjs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import { World } from './world.ts'
import { boundedMergeMap } from '../../src/operators/bounded-merge-map.ts'
import { collect } from './collect.ts'
import { replyWith } from '../../src/operators/reply-with.ts'
import { reply } from '../../src/model/envelope.ts'
import { request } from '../../src/operators/request.ts'
import { simulate } from '../../src/testing.ts'

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => world.end())

const ask = (node: ClusterNode, msg: unknown): Observable<unknown> =>
  request(node, { pid: 2, msg }, { scheduler: world.scheduler, timeoutMs: 60_000 }).pipe(
    map((envelope) => envelope.msg),
  )

/** Node 2 replies to each question with its message. */
function echo(node: ClusterNode): void {
  node.inbox.pipe(replyWith(node, ({ msg }) => [msg])).subscribe()
}

describe('a reply that a request waits for', () => {
  it('comes while the buffer in front of it is full, and nothing has subscribed', () => {
    const two = world.open(2, [1, 2])
    const one = world.open(1, [1, 2], { bufSize: 10 })
    echo(two)
    world.run(1_000)
    for (let msg = 0; msg < 50; msg++) two.outbox.next({ pid: 1, msg })
    world.run(1_000)
    expect(one.stats().received).toBe(10)
    const replies = collect(ask(one, 'first'))
    world.run(1_000)
    const more = collect(ask(one, 'second'))
    world.run(1_000)
    expect([...replies, ...more]).toEqual(['first', 'second'])
    const received = collect(one.inbox)
    world.run(1_000)
    expect(received.map(({ msg }) => msg)).toEqual(Array.from({ length: 50 }, (_, msg) => msg))
    expect(one.stats()).toMatchObject({ received: 52, unobserved: 0 })
    expect(two.stats()).toMatchObject({ sent: 52, delivered: 52, inFlight: 0 })
  })

  it('passes a pause, and what it overtook comes once and in order', () => {
    const [one, two] = world.cluster(2) as [ClusterNode, ClusterNode]
    echo(two)
    const received = collect(one.inbox)
    world.run(10)
    const paused = one.pause()
    two.outbox.next({ pid: 1, msg: 'a' })
    const first = collect(ask(one, 1))
    world.run(20)
    two.outbox.next({ pid: 1, msg: 'b' })
    const second = collect(ask(one, 2))
    world.run(20)
    expect([first, second, received]).toEqual([[1], [2], []])
    // Nothing is settled before what stands in front of it.
    expect(two.stats()).toMatchObject({ delivered: 0, inFlight: 4 })
    paused.unsubscribe()
    world.run(20)
    expect(received.map(({ msg }) => msg)).toEqual(['a', 'b'])
    expect(two.stats()).toMatchObject({ sent: 4, delivered: 4, inFlight: 0 })
    expect(one.stats()).toMatchObject({ received: 4, unobserved: 0, pauses: 0 })
  })

  it('passes a pause as often as it is asked for: the asked peer keeps its credit', () => {
    const [one, two] = world.cluster(2) as [ClusterNode, ClusterNode]
    echo(two)
    one.inbox.subscribe()
    world.run(10)
    one.pause()
    world.run(5_000)
    for (let round = 0; round < 20; round++) {
      const replies = collect(ask(one, round))
      world.run(1_000)
      expect(replies).toEqual([round])
    }
    expect(two.stats()).toMatchObject({ delivered: 20, inFlight: 0 })
    // Without a request there is no credit again.
    two.outbox.next({ pid: 1, msg: 'held' })
    world.run(1_000)
    expect(two.stats().peers.get(1)).toMatchObject({ queued: 1, unacknowledged: 0 })
  })

  it('is not emitted by the inbox; one that nothing waits for is', () => {
    const [one, two] = world.cluster(2) as [ClusterNode, ClusterNode]
    two.inbox.subscribe((question) => {
      two.outbox.next(reply(question, 'yes'))
      two.outbox.next(reply(question, 'really'))
    })
    const received = collect(one.inbox)
    const replies = collect(ask(one, '?'))
    world.run(100)
    expect(replies).toEqual(['yes'])
    expect(received.map(({ msg }) => msg)).toEqual(['really'])
  })

  it('goes to every request with its msgId', () => {
    const [one, two] = world.cluster(2) as [ClusterNode, ClusterNode]
    two.inbox.pipe(replyWith(two, ({ msg }) => [msg])).subscribe()
    const options = { scheduler: world.scheduler }
    const both = [1, 2].map(() =>
      collect(request(one, { pid: 2, msgId: 7, msg: 'same' }, options).pipe(map(({ msg }) => msg))),
    )
    world.run(100)
    expect(both).toEqual([['same'], ['same']])
  })

  it('fails with CLOSED when its node closes', async () => {
    const [one] = world.cluster(2) as [ClusterNode, ClusterNode]
    let error: unknown
    ask(one, '?').subscribe({ error: (reason: unknown) => (error = reason) })
    const closed = one.close()
    world.run(10_000)
    await closed
    expect(error).toMatchObject({ code: 'CLOSED' })
  })
})

describe('two members that both reply', () => {
  it('do not reply to replies, not even to late ones', () => {
    const [one, two] = world.cluster(2) as [ClusterNode, ClusterNode]
    const mayReply = new Subject<string>()
    one.inbox.pipe(replyWith(one, () => ['fine'])).subscribe()
    two.inbox.pipe(replyWith(two, () => mayReply)).subscribe()
    const options = { timeoutMs: 50, scheduler: world.scheduler }
    const failed: unknown[] = []
    request(one, { pid: 2, msg: 'how are you?' }, options).subscribe({
      error: ({ code }: { code: string }) => failed.push(code),
    })
    world.run(100)
    mayReply.next('fine, but late')
    world.run(10_000)
    expect(failed).toEqual(['REQUEST_TIMEOUT'])
    expect([one.stats().sent, two.stats().sent]).toEqual([1, 1])
  })
})

describe('work that asks while the inbox is paused', () => {
  it('gets its replies, so that the pause ends', () => {
    const rows: unknown[] = []
    const protocol = (node: ClusterNode): Observable<unknown> => {
      if (node.pid === 3) {
        const row = ({ msg }: { msg: unknown }) => of(`row ${(msg as { row: number }).row}`)
        return node.inbox.pipe(replyWith(node, row), ignoreElements())
      }
      if (node.pid === 1) {
        return timer(1).pipe(
          mergeMap(() => Array.from({ length: 10 }, (_, job) => ({ pid: 2, msg: { job } }))),
          tap((envelope) => node.outbox.next(envelope)),
          ignoreElements(),
        )
      }
      const work = ({ msg }: { msg: unknown }): Observable<unknown> =>
        request(node, { pid: 3, msg: { row: (msg as { job: number }).job } })
      return node.inbox.pipe(
        filter(({ msg }) => (msg as { job?: number }).job !== undefined),
        boundedMergeMap(work, { bufSize: 2, overflow: { pause: node } }),
        map((row) => rows.push((row as { msg: unknown }).msg)),
        ignoreElements(),
      )
    }
    simulate({ peers: 3, connected: true, protocol }, (cluster) => cluster.run(100))
    expect(rows).toEqual(Array.from({ length: 10 }, (_, job) => `row ${job}`))
  })
})
