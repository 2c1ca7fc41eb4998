/** The probe: its calls, in order. */
import { describe, expect, it } from 'vitest'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import type { Limits } from '../../src/model/limits.ts'
import type { Probe } from '../../src/ports/probe.ts'
import { BROADCAST } from '../../src/model/pid.ts'
import { World } from './world.ts'
import { messagePack } from '../../src/codec/message-pack.ts'
import { openNode } from '../../src/node/open-node.ts'
import { reply } from '../../src/model/envelope.ts'

type Notification = readonly [what: string, ...rest: unknown[]]

/** Opens two or more nodes; the first has a probe. */
function probed(count: number, limits: Partial<Limits> = {}) {
  const world = new World()
  const notifications: Notification[] = []
  const codec = messagePack()
  const bytesOf = (bytes: () => Uint8Array): unknown => codec.decode(bytes(), 0, bytes().length)
  const probe: Probe = {
    sent: (to, { msgId, re, headers, isError }, decode, bytes) => {
      const { msg, error } = decode()
      expect(bytesOf(bytes)).toEqual(isError ? error : msg)
      notifications.push(['sent', to, msgId, re, isError ? { headers, error } : msg])
    },
    dead: (to, msgId, reason, outcome) => notifications.push(['dead', to, msgId, reason, outcome]),
    received: (envelope, bytes) => {
      const { headers, error, msg } = envelope
      expect(bytesOf(bytes)).toEqual(error ?? msg)
      const content = error === undefined ? msg : { headers, error }
      notifications.push(['received', envelope.pid, envelope.msgId, envelope.re, content])
    },
  }
  const pids = Array.from({ length: count }, (_, index) => index + 1)
  const config = world.config(1, pids, limits)
  const { environment } = world
  const node = openNode(config, 1, { environment, transport: world.transport(), probe })
  world.nodes.push(node)
  const others = pids.slice(1).map((pid) => world.open(pid, pids))
  world.run(1_000)
  return { world, notifications, node, others: others as [ClusterNode, ...ClusterNode[]] }
}

describe('the probe', () => {
  it('observes a sent envelope, as it was then, before its end', () => {
    const { world, notifications, node, others } = probed(2)
    node.inbox.subscribe()
    others[0].inbox.subscribe((envelope) => others[0].outbox.next(reply(envelope, 'yes')))
    const msg = { votes: [1] }
    node.outbox.next({ pid: 2, msg })
    msg.votes.push(2)
    world.run(100)
    expect(notifications).toEqual([
      ['sent', 2, 1000, undefined, { votes: [1] }],
      ['received', 2, 1000, 1000, 'yes'],
    ])
    world.end()
  })

  it('observes headers and error replies', () => {
    const { world, notifications, node, others } = probed(2)
    const content = { headers: { trace: '1' }, error: { code: 'FULL', message: 'later' } }
    node.inbox.subscribe()
    node.outbox.next({ pid: 2, msg: undefined, re: 5, ...content })
    others[0].outbox.next({ pid: 1, msg: undefined, re: 6, ...content })
    world.run(100)
    expect(notifications).toEqual([
      ['sent', 2, 1000, 5, content],
      ['received', 2, 1000, 6, content],
    ])
    world.end()
  })

  it('observes a broadcast once for each receiver', () => {
    const { world, notifications, node } = probed(4)
    node.outbox.next({ pid: BROADCAST, msg: 'all' })
    expect(notifications).toEqual([2, 3, 4].map((pid) => ['sent', pid, 1000, undefined, 'all']))
    world.end()
  })

  it('observes dead envelopes: first as sent, even if they were never written', () => {
    const { world, notifications, node } = probed(2, { bufSize: 1 })
    node.outbox.next({ pid: 9, msg: 'no peer' })
    node.outbox.next({ pid: 1, msg: 'myself' })
    node.removePeer(2)
    node.outbox.next({ pid: 2, msg: 'late', msgId: 7, re: 5 })
    expect(notifications).toEqual([
      ['sent', 9, 1000, undefined, 'no peer'],
      ['dead', 9, 1000, 'unknown-pid', 'not-delivered'],
      ['sent', 1, 1001, undefined, 'myself'],
      ['dead', 1, 1001, 'self', 'not-delivered'],
      ['sent', 2, 7, 5, 'late'],
      ['dead', 2, 7, 'unknown-pid', 'not-delivered'],
    ])
    world.end()
  })

  it('observes the dead envelopes of a full queue, and those that are queued at the end', () => {
    const { world, notifications, node } = probed(2, { bufSize: 1, closeTimeoutMs: 100 })
    world.network.refuse('tcp://127.0.0.1:5002', true)
    world.network.cut('tcp://127.0.0.1:5002')
    world.run(10)
    node.outbox.next({ pid: 2, msg: 'a' })
    node.outbox.next({ pid: 2, msg: 'b' })
    world.end()
    expect(notifications).toEqual([
      ['sent', 2, 1000, undefined, 'a'],
      ['sent', 2, 1001, undefined, 'b'],
      ['dead', 2, 1001, 'queue-full', 'not-delivered'],
      ['dead', 2, 1000, 'closed', 'not-delivered'],
    ])
  })

  it('does not observe an envelope that cannot be encoded', () => {
    const { world, notifications, node } = probed(2, { maxMessageBytes: 10 })
    node.outbox.next({ pid: 2, msg: () => 5 })
    node.outbox.next({ pid: 2, msg: 'longer than ten bytes' })
    node.outbox.next({ pid: -7, msg: 'who?' })
    node.outbox.next(undefined as never)
    node.deliver({ pid: 2, msg: Symbol('no') }).subscribe({ error: () => undefined })
    expect(notifications).toEqual([])
    expect(node.stats().dead).toBe(5)
    world.end()
  })

  it('observes a delivery at its subscription, and its cancellation', () => {
    const { world, notifications, node } = probed(2)
    const receipts = node.deliver({ pid: 2, msg: 'x' })
    expect(notifications).toEqual([])
    receipts.subscribe().unsubscribe()
    expect(notifications).toEqual([
      ['sent', 2, 1000, undefined, 'x'],
      ['dead', 2, 1000, 'cancelled', 'not-delivered'],
    ])
    world.end()
  })

  it('observes a received envelope before it is emitted, or before the first subscription', () => {
    const { world, notifications, node, others } = probed(2)
    others[0].outbox.next({ pid: 1, msg: { n: 1 } })
    world.run(100)
    expect(notifications).toEqual([['received', 2, 1000, undefined, { n: 1 }]])
    node.inbox.subscribe(() => expect(notifications.length).toBeGreaterThan(0))
    others[0].outbox.next({ pid: 1, msg: { n: 2 } })
    world.run(100)
    expect(notifications.length).toBe(2)
    world.end()
  })
})
