/** Fake timers of a test runner: nodes work on, and what operators wait for follows them. */
import { type Mock, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { firstValueFrom, map } from 'rxjs'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import { createNode } from '../../src/node/create-node.ts'
import { heartbeat } from '../../src/operators/heartbeat.ts'
import { request } from '../../src/operators/request.ts'
import { replyWith } from '../../src/operators/reply-with.ts'

/** `nextTick` cannot be faked in a child process, which tests run in. */
const FAKED = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'queueMicrotask',
  'performance',
  'hrtime',
  'Date',
] as const

let nodes: ClusterNode[]
beforeEach(() => {
  nodes = []
  vi.useFakeTimers({ toFake: [...FAKED] })
})
afterEach(async () => {
  await Promise.all(nodes.map((node) => node.close()))
  vi.useRealTimers()
})

async function open(endpoints: readonly string[]): Promise<readonly [ClusterNode, ClusterNode]> {
  const peers = endpoints.map((endpoint, index) => ({
    pid: index + 1,
    endpoint: endpoint.startsWith('tcp:') ? `tcp://127.0.0.1:${index + 1}` : endpoint,
    bind: endpoint,
  }))
  const [one, two] = [await createNode({ peers }, 1), await createNode({ peers }, 2)]
  nodes.push(one, two)
  one.addPeer({ pid: 2, endpoint: await firstValueFrom(two.bound()) })
  two.addPeer({ pid: 1, endpoint: await firstValueFrom(one.bound()) })
  return [one, two]
}

describe.each([
  ['inproc', ['inproc://fake-1', 'inproc://fake-2']],
  ['TCP', ['tcp://127.0.0.1:0', 'tcp://127.0.0.1:0']],
])('under fake timers, over %s', (_name, endpoints) => {
  it('nodes open, connect, deliver, reply and close', async () => {
    const [one, two] = await open(endpoints)
    two.inbox.pipe(replyWith(two, ({ msg }) => [`${String(msg)}!`])).subscribe()
    await firstValueFrom(one.ready())
    await firstValueFrom(one.deliver({ pid: 2, msg: 'receipt' }))
    const replies = request(one, { pid: 2, msg: 'hello' }).pipe(map(({ msg }) => msg))
    expect(await firstValueFrom(replies)).toBe('hello!')
    await one.close()
    expect(one.stats()).toMatchObject({ delivered: 2, dead: 0, inFlight: 0 })
  })

  it('a request times out, and a heartbeat beats, when the test advances the time', async () => {
    const [one, two] = await open(endpoints)
    two.inbox.subscribe()
    await firstValueFrom(one.ready())
    const failed: Mock<(error: { code: string }) => void> = vi.fn()
    const beats: Mock<(beat: number) => void> = vi.fn()
    request(one, { pid: 2, msg: 'silence' }, { timeoutMs: 60_000 }).subscribe({ error: failed })
    const beating = heartbeat(30_000, (beat) => beat).subscribe(beats)
    vi.advanceTimersByTime(59_999)
    expect([failed.mock.calls.length, beats.mock.calls.length]).toEqual([0, 2])
    vi.advanceTimersByTime(1)
    expect(failed).toHaveBeenCalledWith(expect.objectContaining({ code: 'REQUEST_TIMEOUT' }))
    expect(beats).toHaveBeenCalledTimes(3)
    beating.unsubscribe()
  })
})

it('a node that was created under fake timers poisons no later one', async () => {
  const peers = [{ pid: 1, endpoint: 'inproc://faked' }]
  const early = createNode({ peers }, 1)
  vi.useRealTimers()
  nodes.push(await early)
  nodes.push(await createNode({ peers: [{ pid: 1, endpoint: 'inproc://later' }] }, 1))
  expect(nodes).toHaveLength(2)
})
