/** `simulate`: clusters of real nodes in virtual time, and the checks of a world. */
import { describe, expect, it } from 'vitest'
import type { TraceEvent } from '../../src/recording/trace-event.ts'
import type { SimulationOptions, World } from '../../src/testing/simulation/world.ts'
import { BROADCAST } from '../../src/model/pid.ts'
import { elect } from '../../examples/elect.ts'
import { simulate } from '../../src/testing/simulation/simulate.ts'

/** Runs a simulation, and returns its trace. */
function traced(options: SimulationOptions, body: (world: World) => void): TraceEvent[] {
  const events: TraceEvent[] = []
  simulate(options, (world) => {
    world.trace.subscribe((event) => events.push(event))
    body(world)
  })
  return events
}

const received = (events: readonly TraceEvent[]): unknown[] =>
  events.flatMap((event) => (event.type === 'received' ? [event.msg] : []))

describe('a simulated cluster', () => {
  it('delivers messages in order after the network delay', () => {
    const options = { peers: 2, conditions: { delay: { kind: 'fixed', ms: 7 } } } as const
    const events = traced(options, (world) => {
      world.run(1_000)
      for (let n = 0; n < 100; n++) world.node(1).outbox.next({ pid: 2, msg: n })
      world.run(100)
    })
    expect(received(events)).toEqual(Array.from({ length: 100 }, (_, n) => n))
    const atMs = events.flatMap((event) => (event.type === 'received' ? [event.atMs] : []))
    expect([atMs[0], atMs.at(-1)]).toEqual([1_007, 1_007])
  })

  it.each([1, 2, 3, 4, 5])(
    'loses no message when frames are lost, duplicated and reordered (seed %i)',
    (seed) => {
      const network = '(drop 30%; duplicate 10%; reorder 10%; delay 0..100ms) 60s (heal)'
      const options = { seed, peers: 5, network, limits: { ttlMs: 1e9, peerTimeoutMs: 1e9 } }
      const events = traced(options, (world) => {
        for (let n = 0; n < 200; n++) {
          world.node(1 + (n % 5)).outbox.next({ pid: BROADCAST, msg: n })
          world.run(50)
        }
        world.run(120_000)
      })
      expect(received(events)).toHaveLength(800)
      expect(events.filter(({ type }) => type === 'dead')).toEqual([])
    },
  )

  it('delivers messages across a partition after the heal', () => {
    const network = '1s (partition 1,2,3|4,5) 30s (heal)'
    const options = { peers: 5, network, limits: { ttlMs: 1e9, peerTimeoutMs: 1e9 } }
    const counts: number[] = []
    const events = traced(options, (world) => {
      const all: unknown[] = []
      world.trace.subscribe((event) => event.type === 'received' && all.push(event.msg))
      world.run(2_000)
      for (const pid of world.pids) world.node(pid).outbox.next({ pid: BROADCAST, msg: pid })
      world.run(20_000)
      counts.push(all.length)
      world.run(30_000)
      counts.push(all.length)
    })
    // Three nodes reach two others each, and two nodes reach one; after the heal, all reach all.
    expect(counts).toEqual([3 * 2 + 2, 5 * 4])
    expect(events.filter(({ type }) => type === 'dead')).toEqual([])
  })

  it('elects a leader under faults, and the same seed gives the same trace', () => {
    const network =
      '2s (drop 20%; delay 1..20ms) 5s (heal; partition 1,2|3,4,5) 10s (heal; crash 3) 2s ' +
      '(restart 3; pause 1) 9s (resume 1)'
    const run = (seed: number): string => {
      const options: SimulationOptions = {
        seed,
        peers: 5,
        network,
        protocol: (node, local) => elect(node, {}, local),
      }
      const events = traced(options, (world) => {
        const leaderships = new Map<number, unknown>()
        world.trace.subscribe((event) => {
          if (event.type === 'output') leaderships.set(event.pid, event.value)
        })
        world.eventually('one leader', 60_000, () => {
          const states = [...leaderships.values()].map((leadership) => JSON.stringify(leadership))
          return world.nowMs > 35_000 && new Set(states).size === 1 && states.length === 5
        })
        world.run(40_000)
      })
      return JSON.stringify(events)
    }
    expect(run(1)).toBe(run(1))
    expect(run(2)).not.toBe(run(1))
  })

  it('gives a restarted process a new incarnation and its old storage', () => {
    const seen: unknown[] = []
    const options: SimulationOptions = {
      peers: 2,
      protocol: (node, { restarts, storage }) => {
        seen.push([node.pid, restarts, storage.get('was'), node.incarnation])
        storage.set('was', restarts)
      },
    }
    simulate(options, (world) => {
      world.run(100)
      world.crash(2)
      expect(world.alive(2)).toBe(false)
      expect(() => world.node(2)).toThrow('process 2 has crashed: restart(2) first')
      world.run(100)
      world.restart(2)
    })
    expect(seen).toEqual([
      [1, 0, undefined, expect.any(String)],
      [2, 0, undefined, expect.any(String)],
      [2, 1, 0, expect.any(String)],
    ])
    expect(new Set(seen.map((one) => (one as unknown[])[3])).size).toBe(3)
  })

  it('defers the work of a paused process, whose peers give up its connections', () => {
    const received: [number, unknown][] = []
    simulate(
      { peers: 2, network: '2s (pause 2) 3s (resume 2) 2s (pause 2) 20s (resume 2)' },
      (world) => {
        world.node(2).inbox.subscribe(({ msg }) => received.push([world.nowMs, msg]))
        world.at(3_000, () => world.node(1).outbox.next({ pid: 2, msg: 'short' }))
        world.run(15_000)
        expect(world.node(1).links.value.get(2)?.state).not.toBe('up')
        world.run(20_000)
        expect(world.node(1).links.value.get(2)?.state).toBe('up')
      },
    )
    expect(received).toEqual([[5_001, 'short']])
  })
})

describe('the checks of a simulation', () => {
  it('always: throws after the event that violates it', () => {
    let count = 0
    const run = (): void =>
      simulate({ peers: 2, seed: 9 }, (world) => {
        world.always('few', () => count < 3 || `${count} of them`)
        world.node(2).inbox.subscribe(() => count++)
        world.at(500, () => {
          for (let n = 0; n < 5; n++) world.node(1).outbox.next({ pid: 2, msg: n })
        })
        world.run(1_000)
      })
    expect(run).toThrow('few: 5 of them (at 501 ms, seed 9)')
  })

  it('eventually: is awaited, and throws at its deadline', () => {
    simulate({ peers: 2 }, (world) => world.eventually('late', 5_000, () => world.nowMs >= 4_000))
    const never = (): void =>
      simulate({ peers: 2 }, (world) => world.eventually('never', 5_000, () => false))
    expect(never).toThrow('never: did not become true within 5000 ms (at 5000 ms, seed 1)')
  })

  it('check: throws for a value of its Observable', async () => {
    const { filter, map } = await import('rxjs')
    const run = (): void =>
      simulate({ peers: 2, network: '10ms (crash 2)' }, (world) => {
        world.check('no crashes', (trace) =>
          trace.pipe(
            filter(({ type }) => type === 'crashed'),
            map(() => 'a process crashed'),
          ),
        )
        world.run(20)
      })
    expect(run).toThrow('no crashes: a process crashed (at 10 ms, seed 1)')
  })
})
