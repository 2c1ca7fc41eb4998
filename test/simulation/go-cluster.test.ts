/** The test cases of the Go package cluster, with real nodes in virtual time. */
import { describe, expect, it } from 'vitest'
import { BROADCAST, type Pid } from '../../src/model/pid.ts'
import type { SimulationOptions, World } from '../../src/testing/simulation/world.ts'
import type { DeadLetter } from '../../src/model/dead-letter.ts'
import { simulate } from '../../src/testing/simulation/simulate.ts'

const FIVE = { peers: 5, connected: true } as const

/** Records the deliveries and dead letters of nodes. */
class DeliveryLog {
  readonly received: { to: Pid; from: Pid; msg: unknown; atMs: number }[] = []
  readonly dead: { from: Pid; to: Pid; deadLetter: DeadLetter }[] = []

  /** Records the current incarnation of each node from now on. */
  follow(world: World, ...pids: readonly Pid[]): void {
    for (const to of pids) {
      const node = world.node(to)
      node.inbox.subscribe(({ pid: from, msg }) => {
        this.received.push({ to, from, msg, atMs: world.nowMs })
      })
      node.deadLetters.subscribe((deadLetter) => {
        this.dead.push({ from: to, to: deadLetter.envelope.pid, deadLetter })
      })
    }
  }

  /** Returns the number of messages delivered to each node. */
  counts(pids: readonly Pid[]): readonly number[] {
    return pids.map((pid) => this.received.filter(({ to }) => to === pid).length)
  }

  /** Returns the messages delivered from one node to another, in order. */
  from(from: Pid, to: Pid): readonly unknown[] {
    return this.received.filter((one) => one.from === from && one.to === to).map(({ msg }) => msg)
  }

  /** Counts the dead letters by reason and outcome. */
  outcomes(): Readonly<Record<string, number>> {
    const outcomes: Record<string, number> = {}
    for (const { deadLetter } of this.dead) {
      const outcome = `${deadLetter.reason}, ${deadLetter.outcome}`
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    }
    return outcomes
  }
}

/** Lets every node broadcast `count` numbered messages, one per millisecond. */
function broadcastAll(world: World, count: number, pids: readonly Pid[] = world.pids): void {
  for (let msg = 0; msg < count; msg++) {
    for (const pid of pids) world.node(pid).outbox.next({ pid: BROADCAST, msg })
    world.run(1)
  }
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at)

/** Expects `count` messages from every node to every other node, once and in order. */
function expectAll(log: DeliveryLog, pids: readonly Pid[], count: number): void {
  for (const to of pids) {
    for (const from of pids) {
      expect(log.from(from, to)).toEqual(from === to ? [] : upTo(count))
    }
  }
}

/** Lets every node broadcast, waits until all messages are delivered, and checks them. */
function delivered(
  options: Partial<SimulationOptions>,
  count: number,
): { log: DeliveryLog; lastMs: number } {
  const log = new DeliveryLog()
  const lastMs = simulate(
    { ...FIVE, limits: { ttlMs: 1e8, peerTimeoutMs: 1e8 }, ...options },
    (world) => {
      log.follow(world, ...world.pids)
      const beganMs = world.nowMs
      broadcastAll(world, count)
      const all = world.pids.length * (world.pids.length - 1) * count
      world.runUntil(() => log.received.length === all, 600_000)
      // The acknowledgements are lost as the envelopes are.
      const inFlight = (pid: Pid): number => world.node(pid).stats().inFlight
      world.runUntil(() => world.pids.every((pid) => inFlight(pid) === 0), 600_000)
      // Nothing may be delivered again later.
      world.run(10_000)
      expectAll(log, world.pids, count)
      return (log.received.at(-1)?.atMs ?? 0) - beganMs
    },
  )
  expect(log.dead).toEqual([])
  return { log, lastMs }
}

describe('create', () => {
  it.each([1, 2, 5, 10])('%i nodes have all others as peers, and not themselves', (peers) => {
    simulate({ peers, connected: true }, (world) => {
      expect(world.pids).toEqual(upTo(peers).map((at) => at + 1))
      for (const pid of world.pids) {
        const node = world.node(pid)
        const others = world.pids.filter((other) => other !== pid)
        expect(node.pid).toBe(pid)
        expect([...node.peers.value.values()]).toEqual(
          others.map((other) => ({ pid: other, endpoint: `tcp://node-${other}:7000` })),
        )
        expect([...node.links.value]).toMatchObject(others.map((other) => [other, { state: 'up' }]))
      }
      expect(new Set(world.pids.map((pid) => world.node(pid).incarnation)).size).toBe(peers)
    })
  })

  it('nodes have the given pids', () => {
    simulate({ peers: [7, 3, 900], connected: true }, (world) => {
      expect([...world.node(3).peers.value.keys()]).toEqual([7, 900])
    })
  })
})

describe('no loss', () => {
  it('delivers every message once and in order, after the network delay', () => {
    const { log, lastMs } = delivered({}, 100)
    expect(log.received).toHaveLength(5 * 4 * 100)
    expect(lastMs).toBe(100)
  })
})

describe('omission', () => {
  it.each([1, 2, 3, 4, 5])(
    'of 30 %% of all frames loses no message, but takes longer (seed %i)',
    (seed) => {
      const { log, lastMs } = delivered({ seed, network: '(drop 30%)' }, 100)
      expect(log.counts([1, 2, 3, 4, 5])).toEqual([400, 400, 400, 400, 400])
      expect(lastMs).toBeGreaterThan(100)
    },
  )
})

describe('out of order', () => {
  it.each([1, 2, 3, 4, 5])(
    'frames with delays up to 100 ms are delivered in order (seed %i)',
    (seed) => {
      const { log, lastMs } = delivered({ seed, network: '(reorder 30%; delay 0..100ms)' }, 100)
      expect(log.counts([1, 2, 3, 4, 5])).toEqual([400, 400, 400, 400, 400])
      expect(lastMs).toBeGreaterThan(150)
    },
  )
})

describe('partition {1,2,3} | {4,5}', () => {
  it('delivers within each side (20, 20, 20, 10, 10), and all after the heal (40 each)', () => {
    const log = new DeliveryLog()
    simulate({ ...FIVE, limits: { ttlMs: 1e6 } }, (world) => {
      log.follow(world, ...world.pids)
      world.partition([1, 2, 3], [4, 5])
      broadcastAll(world, 10)
      world.run(30_000)
      expect(log.counts(world.pids)).toEqual([20, 20, 20, 10, 10])
      world.heal()
      world.run(30_000)
      expectAll(log, world.pids, 10)
    })
    expect(log.dead).toEqual([])
  })

  it('expires 120 messages sent while links are down, with outcome not-delivered', () => {
    const log = new DeliveryLog()
    simulate({ ...FIVE, limits: { ttlMs: 5_000 } }, (world) => {
      log.follow(world, ...world.pids)
      world.partition([1, 2, 3], [4, 5])
      world.run(15_000)
      for (const pid of world.pids) {
        const others = world.pids.filter((other) => pid <= 3 === other > 3)
        const states = others.map((other) => world.node(pid).links.value.get(other)?.state)
        expect(new Set(states)).toEqual(new Set(['down']))
      }
      broadcastAll(world, 10)
      world.run(10_000)
      world.heal()
      world.run(30_000)
      expect(log.counts(world.pids)).toEqual([20, 20, 20, 10, 10])
      // 3 × 2 pairs of nodes, both ways, 10 messages each.
      expect(log.outcomes()).toEqual({ 'expired, not-delivered': 120 })
      broadcastAll(world, 5)
      world.run(1_000)
      expect(log.counts(world.pids)).toEqual([40, 40, 40, 30, 30])
    })
  })

  it('keeps sent = delivered + dead + inFlight on every node at all times', () => {
    simulate({ ...FIVE, network: '- 100ms (partition 1,2,3|4,5) 20s (heal)' }, (world) => {
      for (const pid of world.pids) world.node(pid).inbox.subscribe()
      world.always('sent = delivered + dead + in flight', () =>
        world.pids.every((pid) => {
          const { sent, delivered: received, dead, inFlight } = world.node(pid).stats()
          return sent === received + dead + inFlight
        }),
      )
      for (let second = 0; second < 60; second++) {
        broadcastAll(world, 1)
        world.run(999)
      }
      const stats = world.pids.map((pid) => world.node(pid).stats())
      expect(stats.map(({ sent }) => sent)).toEqual([240, 240, 240, 240, 240])
      expect(stats.map(({ inFlight }) => inFlight)).toEqual([0, 0, 0, 0, 0])
    })
  })
})

describe('shutdown and restart of a pid', () => {
  /** Ends and restarts node 5; each other node sends it 5 messages before, 5 meanwhile, 5 after. */
  function restarted(how: 'close' | 'crash', options: Partial<SimulationOptions>): DeliveryLog {
    const log = new DeliveryLog()
    simulate({ ...FIVE, ...options }, (world) => {
      log.follow(world, ...world.pids)
      const others = [1, 2, 3, 4]
      const first = world.node(5).incarnation
      broadcastAll(world, 5, others)
      if (how === 'close') {
        world.as(5, (node) => void node.close())
        world.run(100)
      }
      world.crash(5)
      world.run(100)
      expect(others.map((pid) => world.node(pid).links.value.get(5)?.state)).toEqual(
        Array(4).fill('down'),
      )
      broadcastAll(world, 5, others)
      world.run(1_000)
      world.restart(5)
      log.follow(world, 5)
      expect(world.node(5).incarnation).not.toBe(first)
      world.run(10_000)
      broadcastAll(world, 5, others)
      world.run(1_000)
    })
    expect(log.counts([1, 2, 3, 4])).toEqual([45, 45, 45, 45])
    return log
  }

  it('delivers all messages of a closed node, before its end and after its restart', () => {
    const log = restarted('close', {})
    expect(log.counts([5])).toEqual([60])
    expect(log.dead).toEqual([])
  })

  it('a crash gives unacknowledged messages the outcome unknown', () => {
    const log = restarted('crash', {})
    // All 20 were delivered, but the last one of each sender was not acknowledged.
    expect(log.counts([5])).toEqual([60])
    expect(log.outcomes()).toEqual({ 'peer-restarted, unknown': 4 })
  })

  it('with onRestart=resend, two incarnations may get a message, but never one twice', () => {
    const log = restarted('crash', { limits: { onRestart: 'resend' } })
    expect(log.counts([5])).toEqual([64])
    expect(log.dead).toEqual([])
  })
})
