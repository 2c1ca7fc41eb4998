/** Wrong arguments of public functions: a ClusterError, whatever they are, that says what to do. */
import * as rx from 'rxjs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as library from '../../src/index.ts'
import * as testing from '../../src/testing.ts'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import { collect } from '../node/collect.ts'
import { World, endpointOf } from '../node/world.ts'

type Loose = (...args: readonly unknown[]) => unknown

let world: World
let node: ClusterNode
beforeEach(() => {
  world = new World()
  node = world.open(1, [1, 2])
})
afterEach(() => world.end())

/** Public functions, but not classes; without types, as JavaScript calls them. */
const FUNCTIONS = Object.entries({ ...library, ...testing }).filter(
  (entry): entry is [string, Loose & (typeof entry)[1]] =>
    typeof entry[1] === 'function' && !String(entry[1]).startsWith('class'),
)

const VALUES = [undefined, null, NaN, -1, 5, '2', {}, [], [null], () => 1, Symbol('s'), new Map()]

/** Returns an error that is no ClusterError, if that comes of a call, a subscription or a promise. */
async function otherError(call: () => unknown): Promise<unknown> {
  try {
    const result = await call()
    if (typeof result === 'function') result(rx.EMPTY)
    if (!rx.isObservable(result)) return undefined
    let failure: unknown
    result.subscribe({ error: (error: unknown) => (failure = error) }).unsubscribe()
    if (failure !== undefined) throw failure
    return undefined
  } catch (error) {
    return error instanceof library.ClusterError ? undefined : error
  }
}

describe('any value as any argument: nothing but a ClusterError comes of', () => {
  it.each(FUNCTIONS)('%s', async (_name, call) => {
    const firsts = [...VALUES, node]
    const lists = [[], ...firsts.flatMap((a) => [[a], ...VALUES.map((b) => [a, b])])]
    const thirds = VALUES.flatMap((b) => VALUES.map((c) => [node, b, c]))
    for (const args of [...lists, ...thirds]) {
      expect(await otherError(() => call(...args)), `called with ${args.map(typeOf)}`).toBe(
        undefined,
      )
    }
  })

  it.each([
    ...(['addPeer', 'removePeer', 'deliver', 'consumeReplies', 'ready'] as const),
    ...(['bound', 'pause', 'stats', 'recording'] as const),
  ])('node.%s', async (name) => {
    for (const value of VALUES) {
      const call = (): unknown => (node[name] as Loose)(value)
      expect(await otherError(call), typeOf(value)).toBe(undefined)
    }
  })

  it('node.outbox.next and node.peers.next', async () => {
    for (const value of VALUES) {
      expect(await otherError(() => node.outbox.next(value as never)), typeOf(value)).toBe(
        undefined,
      )
      expect(await otherError(() => node.peers.next(value as never)), typeOf(value)).toBe(undefined)
    }
  })
})

function typeOf(value: unknown): string {
  return value instanceof Object ? value.constructor.name : String(value)
}

describe('a pid that is text, as that of a command line', () => {
  const pid = '2' as never
  const endpoint = endpointOf(2)
  const config = { peers: [{ pid: 2, endpoint }] }
  const Definition = library.defineRequest({
    name: 'ask',
    request: (value): value is string => typeof value === 'string',
    reply: (value): value is string => typeof value === 'string',
  })
  const simulated = (use: (world: testing.World) => unknown): unknown =>
    testing.simulate({ peers: 2 }, use)

  it.each<[string, string, () => unknown]>([
    ['createNode', 'INVALID_ARGUMENT', () => library.createNode(config, pid)],
    [
      'openNode',
      'INVALID_ARGUMENT',
      () => library.openNode(config, pid, { transport: world.transport() }),
    ],
    ['addPeer(pid)', 'PEER_INVALID', () => node.addPeer(pid)],
    ['addPeer(peer)', 'PEER_INVALID', () => node.addPeer({ pid, endpoint })],
    ['peers.next', 'PEER_INVALID', () => node.peers.next(new Map([[pid, { pid, endpoint }]]))],
    ['removePeer', 'INVALID_ARGUMENT', () => node.removePeer(pid)],
    ['consumeReplies', 'INVALID_ARGUMENT', () => node.consumeReplies(pid, {} as never)],
    ['deliver', 'NOT_DELIVERED', () => rx.firstValueFrom(node.deliver({ pid, msg: 1 }))],
    ['request', 'INVALID_ARGUMENT', () => library.request(node, { pid, msg: 1 })],
    ['request', 'INVALID_ARGUMENT', () => library.request(node, pid, Definition, 'a')],
    ['toPeer', 'INVALID_ARGUMENT', () => library.toPeer(pid)],
    ['fromPeer', 'INVALID_ARGUMENT', () => library.fromPeer(1, pid)],
    ['quorum', 'INVALID_ARGUMENT', () => library.quorum(1, { peers: [1, pid] })],
    ['world.node', 'INVALID_ARGUMENT', () => simulated((one) => one.node(pid))],
    ['world.as', 'INVALID_ARGUMENT', () => simulated((one) => one.as(pid, () => 1))],
    ['world.alive', 'INVALID_ARGUMENT', () => simulated((one) => one.alive(pid))],
    ['world.sends', 'INVALID_ARGUMENT', () => simulated((one) => one.sends(pid, 'a'))],
    ['world.expectInbox', 'INVALID_ARGUMENT', () => simulated((one) => one.expectInbox(pid))],
    ['world.expectOutput', 'INVALID_ARGUMENT', () => simulated((one) => one.expectOutput(pid))],
    ['world.expectDead', 'INVALID_ARGUMENT', () => simulated((one) => one.expectDead(pid))],
    ['world.expectLinks', 'INVALID_ARGUMENT', () => simulated((one) => one.expectLinks(pid))],
    ['world.crash', 'FAULT_INVALID', () => simulated((one) => one.crash(pid))],
    ['world.restart', 'FAULT_INVALID', () => simulated((one) => one.restart(pid))],
    ['world.pause', 'FAULT_INVALID', () => simulated((one) => one.pause(pid))],
    ['world.resume', 'FAULT_INVALID', () => simulated((one) => one.resume(pid))],
    ['world.partition', 'FAULT_INVALID', () => simulated((one) => one.partition([1], [pid]))],
  ])('%s says so, and what to pass', async (_name, code, call) => {
    const error = await Promise.resolve()
      .then(call)
      .catch((reason: unknown) => reason)
    const message = expect.stringMatching(/: pass .*Number\(pid\)/)
    expect(error).toMatchObject({ code, message })
  })

  it('is a dead letter that says so where it comes out of the outbox', () => {
    const dead = collect(node.deadLetters)
    node.outbox.next({ pid, msg: 1 })
    expect(dead).toMatchObject([
      { reason: 'invalid', detail: 'pid: expected a pid, got "2": pass Number(pid)' },
    ])
    expect([...node.peers.value.keys()]).toEqual([2])
  })
})
