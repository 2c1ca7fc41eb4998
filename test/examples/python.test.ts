/** A cluster of a Python node, which was written from docs/wire.md alone, and a node of this library. */
import {
  type ClusterNode,
  type Envelope,
  type NodeEvent,
  createNode,
  replyWith,
  request,
} from 'rx-cluster'
import { SKIP_NOTE, PYTHON, PythonNode, stopAll } from './python-node.ts'
import { afterEach, describe, expect, it } from 'vitest'
import {
  filter,
  firstValueFrom,
  from,
  lastValueFrom,
  mergeMap,
  take,
  throwError,
  toArray,
} from 'rxjs'
import { TcpProxy } from './tcp-proxy.ts'

const CLUSTER = 'orders'
const nodes: ClusterNode[] = []
const proxies: TcpProxy[] = []

afterEach(async () => {
  await stopAll()
  await Promise.all(nodes.splice(0).map((node) => node.close()))
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()))
})

/** Opens node 1 without peers. */
async function openNode(
  port = 0,
  bufSize = 5_000,
): Promise<{ node: ClusterNode; endpoint: string }> {
  const self = { pid: 1, endpoint: 'tcp://127.0.0.1:1', bind: `tcp://127.0.0.1:${port}` }
  const node = await createNode(
    { cluster: CLUSTER, closeTimeoutMs: 100, bufSize, peers: [self] },
    1,
  )
  nodes.push(node)
  return { node, endpoint: await firstValueFrom(node.bound()) }
}

/** Starts node 2 in Python. */
function startPython(peer: string, ...args: string[]): PythonNode {
  return new PythonNode('--pid', '2', '--cluster', CLUSTER, '--peer', `1=${peer}`, ...args)
}

async function proxy(target: string): Promise<TcpProxy> {
  const created = await TcpProxy.create(target)
  proxies.push(created)
  return created
}

/** Returns nodes 1 and 2 once both links are up. */
async function connectedPair(...args: string[]) {
  const { node, endpoint } = await openNode()
  const two = startPython(endpoint, ...args)
  node.addPeer({ pid: 2, endpoint: await two.endpoint() })
  await Promise.all([firstValueFrom(node.ready(1)), two.line('link', isUp)])
  return { node, two, endpoint }
}

const isUp = ({ state }: { state?: string }): boolean => state === 'up'
const rangeTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)
const messages = (items: readonly { msg?: unknown }[]): unknown[] => items.map(({ msg }) => msg)

/** Resolves to the next `count` envelopes of the inbox; call it before they are sent. */
function nextEnvelopes(node: ClusterNode, count: number): Promise<Envelope[]> {
  return lastValueFrom(node.inbox.pipe(take(count), toArray()))
}

function nextEvent<T extends NodeEvent['type']>(node: ClusterNode, type: T): Promise<NodeEvent> {
  return firstValueFrom(node.events.pipe(filter((one) => one.type === type)))
}

/** Delivers all messages, up to `concurrency` at a time, and returns the receipts. */
function deliverAll(
  node: ClusterNode,
  msgs: readonly unknown[],
  concurrency = 64,
): Promise<unknown[]> {
  const deliveries = from(msgs).pipe(mergeMap((msg) => node.deliver({ pid: 2, msg }), concurrency))
  return lastValueFrom(deliveries.pipe(toArray()))
}

describe.skipIf(PYTHON === undefined)(`a node in Python${SKIP_NOTE}`, () => {
  it('echoes every type of message unchanged', async () => {
    const { node, two } = await connectedPair('--echo')
    const bytes = Uint8Array.of(0, 127, 128, 255)
    const sent: readonly unknown[] = [
      ...[null, undefined, true, false, 0, -0, 1, -1, 127, 128, -33, 65_536, 2 ** 32, -(2 ** 40)],
      ...[2 ** 53 - 1, 1.5, -1e-300, 1e300, NaN, Infinity, -Infinity],
      ...[0n, 5n, -5n, 2n ** 53n - 1n, 2n ** 53n, -(2n ** 63n), 2n ** 64n - 1n],
      ...['', 'ß€😀', 'a\0b', 'x'.repeat(70_000), bytes, new Uint8Array(0), new Uint8Array(40_000)],
      ...[new Date(0), new Date(-1), new Date(1_700_000_000_123), new Date(NaN), new Date(8.64e15)],
      ...[[], {}, [[[1], 'a'], { b: [undefined, 7n, bytes] }], { '': 1, toString: { a: null } }],
      rangeTo(1_000),
    ]
    const echoes = nextEnvelopes(node, sent.length)
    await deliverAll(node, sent)
    expect(messages(await echoes)).toStrictEqual(sent)
    const printed = await two.linesOf('received', sent.length)
    expect(printed[sent.indexOf(bytes)]?.msg).toEqual({ $bytes: 'AH+A/w==' })
  })

  it('receives 2,000 envelopes and sends 4,000, each once, in order and acknowledged', async () => {
    const { node, endpoint } = await openNode()
    const all = nextEnvelopes(node, 4_000)
    const two = startPython(endpoint, '--echo', '--send', '2000')
    node.addPeer({ pid: 2, endpoint: await two.endpoint() })
    const msgs = rangeTo(2_000)
    const sent = messages(await deliverAll(node, msgs, 2_000).then((receipts) => receipts as []))
    expect(sent).toHaveLength(2_000)
    const arrived = await all
    const own = msgs.map((n) => ({ n }))
    expect(messages(arrived.filter(({ re }) => re === undefined))).toEqual(own)
    expect(messages(arrived.filter(({ re }) => re !== undefined))).toEqual(msgs)
    expect(messages(await two.linesOf('received', 2_000))).toEqual(msgs)
    const deliveredIds = (await two.linesOf('delivered', 4_000)).map(({ msgId }) => msgId)
    expect(new Set(deliveredIds).size).toBe(4_000)
    const { sent: sentCount, delivered, dead, received } = node.stats()
    expect([sentCount, delivered, dead, received]).toEqual([2_000, 2_000, 0, 4_000])
    expect(await two.stop()).toBe(0)
  })

  it('echoes large messages as separate parts', async () => {
    const { node } = await connectedPair('--echo')
    const sizes = [32 * 1024 - 5, 32 * 1024, 2 ** 20, 4 * 2 ** 20]
    const sent = [
      1,
      ...sizes.map((size) => new Uint8Array(size).fill(size % 251)),
      'ß'.repeat(2e5),
      2,
    ]
    const echoes = nextEnvelopes(node, sent.length)
    await deliverAll(node, sent)
    const same = (await echoes).map(({ msg }, index) =>
      msg instanceof Uint8Array
        ? Buffer.compare(msg, sent[index] as Uint8Array) === 0
        : msg === sent[index],
    )
    expect(same).toEqual(sent.map(() => true))
  })

  it('sends headers, and receives them', async () => {
    const { node, endpoint } = await openNode()
    const headers = { topic: 'news', traceparent: '00-ß-01' }
    const options = Object.entries(headers).flatMap((entry) => ['--header', entry.join('=')])
    const envelopes = nextEnvelopes(node, 2)
    const two = startPython(endpoint, '--echo', '--send', '1', ...options)
    node.addPeer({ pid: 2, endpoint: await two.endpoint() })
    const own = { '': 'empty', constructor: 'x'.repeat(8_000) }
    await firstValueFrom(node.deliver({ pid: 2, msg: 5, headers: own }))
    expect(await two.line('received')).toMatchObject({ msg: 5, headers: own })
    const received = (await envelopes).map((one) => ({ msg: one.msg, headers: one.headers }))
    expect(received).toHaveLength(2)
    expect(received).toEqual(
      expect.arrayContaining([
        { msg: { n: 1 }, headers },
        { msg: 5, headers: own },
      ]),
    )
  })

  it('fails a request of this library with its error', async () => {
    const { node } = await connectedPair('--fail', 'OUT_OF_STOCK')
    const cause = { code: 'OUT_OF_STOCK', message: 'on purpose' }
    const answer = firstValueFrom(request(node, { pid: 2, msg: 'order' }))
    await expect(answer).rejects.toMatchObject({ code: 'REMOTE_ERROR', cause })
  })

  it('receives the error of a handler of this library', async () => {
    const { node, endpoint } = await openNode()
    const failing = replyWith(node, () => throwError(() => new RangeError('no such order')))
    node.inbox.pipe(failing).subscribe()
    const two = startPython(endpoint, '--send', '1')
    node.addPeer({ pid: 2, endpoint: await two.endpoint() })
    const error = { code: 'HANDLER_FAILED', message: 'no such order' }
    expect(await two.line('received')).toMatchObject({ re: 1000, error })
  })

  it('neither loses, repeats nor reorders envelopes while 20 connections are reset', async () => {
    const { node, endpoint } = await openNode()
    const proxyToOne = await proxy(endpoint)
    const two = startPython(proxyToOne.endpoint, '--echo')
    const proxyToTwo = await proxy(await two.endpoint())
    node.addPeer({ pid: 2, endpoint: proxyToTwo.endpoint })
    const echoes = nextEnvelopes(node, 2_000)
    // Each proxy resets ten times, while dozens of envelopes are in flight in both directions.
    node.inbox.subscribe(({ msg }) => {
      for (const tcpProxy of [proxyToOne, proxyToTwo])
        if (Number(msg) > 150 * tcpProxy.resets && tcpProxy.resets < 10) tcpProxy.resetOnNextData()
    })
    const msgs = rangeTo(2_000)
    await deliverAll(node, msgs)
    expect(messages(await echoes)).toEqual(msgs)
    expect(messages(await two.linesOf('received', 2_000))).toEqual(msgs)
    await two.linesOf('delivered', 2_000)
    expect(two.lines.filter(({ event: name }) => name === 'dead')).toEqual([])
    expect([proxyToOne.resets, proxyToTwo.resets]).toEqual([10, 10])
    expect(node.stats()).toMatchObject({ sent: 2_000, delivered: 2_000, dead: 0, received: 2_000 })
  })

  it('that is killed leaves unacknowledged envelopes in doubt; its successor receives the next', async () => {
    const { node, two, endpoint } = await connectedPair('--take', '3')
    const dead: string[] = []
    node.deadLetters.subscribe(({ reason, outcome }) => dead.push(`${reason}: ${outcome}`))
    const deliveries = Promise.allSettled(
      rangeTo(10).map((msg) => firstValueFrom(node.deliver({ pid: 2, msg }))),
    )
    const received = messages(await two.linesOf('received', 3))
    await expect.poll(() => node.stats().delivered).toBe(2)
    const restarted = nextEvent(node, 'peer-restarted')
    await two.stop('SIGKILL')
    const next = startPython(endpoint, '--bind', await two.endpoint())
    await restarted
    const results = await deliveries
    // The third envelope is received but not acknowledged: its consumer has not requested a fourth.
    expect(received).toEqual([1, 2, 3])
    expect(results.map(({ status }) => status === 'fulfilled')).toEqual(
      rangeTo(10).map((n) => n < 3),
    )
    const reasons = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason.code] : [],
    )
    expect(new Set(reasons)).toEqual(new Set(['DELIVERY_UNKNOWN']))
    expect(dead).toEqual(Array.from({ length: 8 }, () => 'peer-restarted: unknown'))
    await deliverAll(node, ['welcome', 'back'])
    expect(messages(await next.linesOf('received', 2))).toEqual(['welcome', 'back'])
  })

  it('sends the envelopes that a closed node had not settled to its successor', async () => {
    const { node, endpoint } = await openNode(0, 4)
    const two = startPython(endpoint, '--send', '10')
    const peer = { pid: 2, endpoint: await two.endpoint() }
    node.addPeer(peer)
    // The inbox has no subscriber: it accepts `bufSize` envelopes.
    await two.linesOf('delivered', 4)
    await node.close()
    const { node: next } = await openNode(Number(new URL(endpoint).port))
    const envelopes = nextEnvelopes(next, 6)
    next.addPeer(peer)
    expect(messages(await envelopes)).toEqual([5, 6, 7, 8, 9, 10].map((n) => ({ n })))
    await two.linesOf('delivered', 10)
    expect(two.lines.filter(({ event: name }) => name === 'dead')).toEqual([])
  })

  it('of another cluster is refused, and refuses; both events have the reason', async () => {
    const { node, endpoint } = await openNode()
    const events = [nextEvent(node, 'refused-by-peer'), nextEvent(node, 'refused-peer')]
    const two = startPython(endpoint, '--cluster', 'invoices')
    node.addPeer({ pid: 2, endpoint: await two.endpoint() })
    const detail = expect.stringMatching(/orders.*invoices|invoices.*orders/)
    const details = { pid: 2, reason: 'wrong-cluster', detail }
    expect(await Promise.all(events)).toEqual([
      { type: 'refused-by-peer', ...details },
      { type: 'refused-peer', ...details },
    ])
    const both = await Promise.all([two.line('refused-by-peer'), two.line('refused-peer')])
    expect(both).toEqual([
      { event: 'refused-by-peer', ...details, pid: 1 },
      { event: 'refused-peer', ...details, pid: 1 },
    ])
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('sends BYE on %s, and exits with 0', async (signal) => {
    const { node, two } = await connectedPair('--send', '500')
    const down = firstValueFrom(node.links.pipe(filter((links) => links.get(2)?.state === 'down')))
    expect(await two.stop(signal)).toBe(0)
    await down
    expect(two.lines.at(-1)).toEqual({ event: 'closed' })
    expect(two.lines.filter(({ event: name }) => name === 'delivered')).toHaveLength(500)
    expect((await two.exited).err).toBe('')
  })
})
