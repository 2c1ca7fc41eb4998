/** Every fault does what its words say, to the millisecond. */
import { describe, expect, it } from 'vitest'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import type { Pid } from '../../src/model/pid.ts'
import { type World, simulate } from '../../src/testing.ts'

/** A pair whose inboxes are heard, and which has joined. */
const pair = { peers: 2, connected: true, protocol: (node: ClusterNode) => node.inbox.subscribe() }

/** When each message reached node 2, in milliseconds from the moment at which it was sent. */
function travelled(conditions: string, count: number, seed = 1): readonly number[] {
  const took: number[] = []
  simulate({ ...pair, seed, limits: { ttlMs: 1e9, peerTimeoutMs: 1e9 } }, (world) => {
    world.inject(conditions)
    for (let msg = 0; msg < count; msg++) {
      const sentMs = world.nowMs
      const subscription = world.trace.subscribe((event) => {
        if (event.type === 'received' && event.msg === msg) took.push(event.atMs - sentMs)
      })
      world.node(1).outbox.next({ pid: 2, msg })
      world.run(10_000)
      subscription.unsubscribe()
    }
  })
  return took
}

const send = (world: World, pid: Pid, msg: unknown): void => {
  world.node(pid).outbox.next({ pid: 3 - pid, msg })
}

describe('what is cut', () => {
  it('one way waits that way, and the other way still passes', () => {
    simulate({ ...pair, network: '(cut 1>2) 99ms (restore 1>2)' }, (world) => {
      world.sends(1, '-a')
      world.sends(2, '-b')
      world.expectInbox(2).toBe(' 101ms a-')
      world.expectInbox(1).toBe('--b 1s ')
    })
  })

  it('both ways waits both ways', () => {
    simulate({ ...pair, network: '(cut 1-2) 99ms (restore 1-2)' }, (world) => {
      world.sends(1, '-a')
      world.sends(2, '-b')
      world.expectInbox(2).toBe(' 101ms a-')
      world.expectInbox(1).toBe(' 101ms b-')
    })
  })

  it('for less than six seconds keeps its connection, for longer it loses it', () => {
    const states = (cutMs: number): unknown => {
      let seen: unknown[] = []
      simulate({ ...pair, network: `(cut 1-2) ${cutMs}ms (heal)` }, (world) => {
        world.trace.subscribe((event) => {
          if (event.type === 'link' && event.pid === 1) seen = [...seen, event.state]
        })
        world.run(30_000)
      })
      return seen.filter((state) => state !== 'unresponsive' && state !== 'connecting')
    }
    expect(states(2_000)).toEqual([])
    expect(states(15_000)).toEqual(['down', 'up'])
  })
})

describe('a reset', () => {
  it('loses what is under way; it is sent again on the next connection, once', () => {
    simulate({ ...pair, network: '--(reset 1-2)' }, (world) => {
      world.sends(1, '-ab')
      world.expectInbox(2).toBe(' 15ms (ab) 500ms -')
    })
  })
})

describe('conditions', () => {
  it('delay 7ms takes seven', () => {
    expect(travelled('delay 7ms', 3)).toEqual([7, 7, 7])
  })

  it('delay 10..20ms takes from ten to twenty, evenly', () => {
    const took = travelled('delay 10..20ms 1>2', 300)
    expect(Math.min(...took)).toBeGreaterThanOrEqual(10)
    expect(Math.max(...took)).toBeLessThanOrEqual(20)
    expect(mean(took)).toBeGreaterThan(14.4)
    expect(mean(took)).toBeLessThan(15.6)
  })

  it('delay ~20ms takes twenty on average, seldom long', () => {
    const took = travelled('delay ~20ms 1>2', 400)
    expect(mean(took)).toBeGreaterThan(16)
    expect(mean(took)).toBeLessThan(24)
    const late = took.filter((ms) => ms > 40).length / took.length
    // e⁻² of them.
    expect(late).toBeGreaterThan(0.08)
    expect(late).toBeLessThan(0.2)
  })

  it('bandwidth 1000000 takes a second for a million bytes, and the next waits behind it', () => {
    simulate({ ...pair, network: '(bandwidth 1000000 1>2)' }, (world) => {
      const seen: [unknown, number][] = []
      const sentMs = world.nowMs
      world.trace.subscribe((event) => {
        if (event.type !== 'received') return
        seen.push([
          event.msg instanceof Uint8Array ? 'large' : event.msg,
          Math.round((event.atMs - sentMs) / 10),
        ])
      })
      world.run(0)
      send(world, 1, new Uint8Array(1_000_000))
      send(world, 1, 'behind')
      world.run(10_000)
      expect(seen).toEqual([
        ['large', 100],
        ['behind', 100],
      ])
    })
  })

  it('drop 100% of one way loses it, and nothing of the other', () => {
    simulate({ ...pair, network: '(drop 100% 1>2)' }, (world) => {
      world.sends(1, '-a')
      world.sends(2, '-b')
      world.expectInbox(1).toBe('--b 500ms -')
      world.expectInbox(2).toBe(' 500ms -')
    })
  })

  it('drop 100% to one node is of no concern to others', () => {
    simulate({ ...pair, peers: 3, network: '(drop 100% *>3)' }, (world) => {
      world.sends(1, '-a')
      world.expectInbox(2).toBe('--a 500ms -')
      world.expectInbox(3).toBe(' 500ms -')
    })
  })

  it('duplicate and reorder change nothing of what an inbox sees', () => {
    simulate({ ...pair, network: '(duplicate 100%; reorder 50%)' }, (world) => {
      const seen: unknown[] = []
      world.trace.subscribe((event) => event.type === 'received' && seen.push(event.msg))
      for (let msg = 0; msg < 200; msg++) {
        send(world, 1, msg)
        world.run(1)
      }
      world.run(5_000)
      expect(seen).toEqual(Array.from({ length: 200 }, (_, msg) => msg))
    })
  })

  it('heal gives back the conditions of the beginning, and not those of a calm day', () => {
    const conditions = { delay: { kind: 'fixed', ms: 5 } } as const
    simulate({ ...pair, conditions, network: '(delay 50ms) 99ms (heal)' }, (world) => {
      world.sends(1, '-a 200ms b')
      world.expectInbox(2).toBe(' 51ms a 155ms b-')
    })
  })
})

describe('a process', () => {
  it('that is paused takes nothing until it is resumed, and its timers are late', () => {
    const fired: number[] = []
    simulate({ ...pair, network: '-(pause 2) 98ms (resume 2)' }, (world) => {
      const beganMs = world.nowMs
      world.as(2, (_, { scheduler }) =>
        scheduler.schedule(() => fired.push(world.nowMs - beganMs), 50),
      )
      world.sends(1, '--a')
      world.expectInbox(2).toBe(' 100ms a-')
    })
    expect(fired).toEqual([100])
  })

  it('whose clock runs twice as fast has its timers in half the time, and another time of day', () => {
    const fired: number[] = []
    simulate({ ...pair, network: '(skew 2 x2 +5000ms)' }, (world) => {
      world.run(0)
      const beganMs = world.nowMs
      const ahead = (): number => world.as(2, () => Date.now()) - world.as(1, () => Date.now())
      expect(ahead()).toBe(5_000)
      world.as(2, (_, { scheduler }) =>
        scheduler.schedule(() => fired.push(world.nowMs - beganMs), 100),
      )
      world.run(1_000)
      expect(ahead()).toBe(6_000)
    })
    expect(fired).toEqual([50])
  })

  it('that has crashed is another one when it is restarted', () => {
    simulate({ ...pair, network: '-(crash 2) 9ms (restart 2)' }, (world) => {
      const { incarnation } = world.node(2)
      world.run(5)
      expect(world.alive(2)).toBe(false)
      world.run(1_000)
      expect(world.node(2).incarnation).not.toBe(incarnation)
      expect(world.node(1).links.value.get(2)).toBe('up')
    })
  })
})

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length
}
