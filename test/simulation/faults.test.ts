/** Every fault has its documented effect, to the millisecond. */
import { describe, expect, it } from 'vitest'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import type { Pid } from '../../src/model/pid.ts'
import { type World, simulate } from '../../src/testing.ts'

/** Two connected nodes that subscribe to their inboxes. */
const pair = { peers: 2, connected: true, protocol: (node: ClusterNode) => node.inbox.subscribe() }

/** Returns the travel times of `count` messages from node 1 to node 2, in milliseconds. */
function travelTimes(conditions: string, count: number, seed = 1): readonly number[] {
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

describe('a cut', () => {
  it('of one direction holds its frames, and passes those of the other', () => {
    simulate({ ...pair, network: '(cut 1>2) 99ms (restore 1>2)' }, (world) => {
      world.sends(1, '-a')
      world.sends(2, '-b')
      world.expectInbox(2).toBe(' 101ms a-')
      world.expectInbox(1).toBe('--b 1s ')
    })
  })

  it('of both directions holds all frames', () => {
    simulate({ ...pair, network: '(cut 1-2) 99ms (restore 1-2)' }, (world) => {
      world.sends(1, '-a')
      world.sends(2, '-b')
      world.expectInbox(2).toBe(' 101ms a-')
      world.expectInbox(1).toBe(' 101ms b-')
    })
  })

  it('breaks the connection after six seconds, not before', () => {
    const states = (cutMs: number): unknown => {
      let seen: unknown[] = []
      simulate({ ...pair, network: `(cut 1-2) ${cutMs}ms (heal)` }, (world) => {
        world.trace.subscribe((event) => {
          if (event.type !== 'link' || event.pid !== 1 || event.state === seen.at(-1)) return
          seen = [...seen, event.state]
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
  it('loses frames in flight, which are sent again once on the next connection', () => {
    simulate({ ...pair, network: '--(reset 1-2)' }, (world) => {
      world.sends(1, '-ab')
      world.expectInbox(2).toBe(' 15ms (ab) 500ms -')
    })
  })
})

describe('conditions', () => {
  it('delay 7ms takes 7 ms', () => {
    expect(travelTimes('delay 7ms', 3)).toEqual([7, 7, 7])
  })

  it('delay 10..20ms is uniform from 10 to 20 ms', () => {
    const took = travelTimes('delay 10..20ms 1>2', 300)
    expect(Math.min(...took)).toBeGreaterThanOrEqual(10)
    expect(Math.max(...took)).toBeLessThanOrEqual(20)
    expect(mean(took)).toBeGreaterThan(14.4)
    expect(mean(took)).toBeLessThan(15.6)
  })

  it('delay ~20ms is exponential with a mean of 20 ms', () => {
    const took = travelTimes('delay ~20ms 1>2', 400)
    expect(mean(took)).toBeGreaterThan(16)
    expect(mean(took)).toBeLessThan(24)
    const late = took.filter((ms) => ms > 40).length / took.length
    // Expected: e⁻² ≈ 0.135.
    expect(late).toBeGreaterThan(0.08)
    expect(late).toBeLessThan(0.2)
  })

  it('bandwidth 1000000 sends a million bytes per second, in order', () => {
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

  it('drop 100% 1>2 loses all frames of that direction only', () => {
    simulate({ ...pair, network: '(drop 100% 1>2)' }, (world) => {
      world.sends(1, '-a')
      world.sends(2, '-b')
      world.expectInbox(1).toBe('--b 500ms -')
      world.expectInbox(2).toBe(' 500ms -')
    })
  })

  it('drop 100% *>3 loses frames to node 3 only', () => {
    simulate({ ...pair, peers: 3, network: '(drop 100% *>3)' }, (world) => {
      world.sends(1, '-a')
      world.expectInbox(2).toBe('--a 500ms -')
      world.expectInbox(3).toBe(' 500ms -')
    })
  })

  it('duplicate and reorder do not change what an inbox emits', () => {
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

  it('heal restores the initial conditions, not the default ones', () => {
    const conditions = { delay: { kind: 'fixed', ms: 5 } } as const
    simulate({ ...pair, conditions, network: '(delay 50ms) 99ms (heal)' }, (world) => {
      world.sends(1, '-a 200ms b')
      world.expectInbox(2).toBe(' 51ms a 155ms b-')
    })
  })
})

describe('a process', () => {
  it('receives nothing while paused, and its timers are late', () => {
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

  it('has fast timers and another wall clock after a skew', () => {
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

  it('has a new incarnation after a crash and a restart', () => {
    simulate({ ...pair, network: '-(crash 2) 9ms (restart 2)' }, (world) => {
      const { incarnation } = world.node(2)
      world.run(5)
      expect(world.alive(2)).toBe(false)
      world.run(1_000)
      expect(world.node(2).incarnation).not.toBe(incarnation)
      expect(world.node(1).links.value.get(2)?.state).toBe('up')
    })
  })
})

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length
}

describe('envelopes lost in a partition', () => {
  const limits = { peerTimeoutMs: 1_000 }
  const lose = (network: string): unknown => {
    let found: unknown
    simulate({ ...pair, limits, network }, (world) => {
      const [outcomes, inbox]: [unknown[], unknown[]] = [[], []]
      world.node(1).deadLetters.subscribe(({ reason, outcome }) => outcomes.push(reason, outcome))
      world.node(2).inbox.subscribe(({ msg }) => inbox.push(msg))
      world.sends(1, '--a')
      world.run(20_000)
      world.sends(1, 'b')
      world.run(1_000)
      found = { inbox, outcomes }
    })
    return found
  }

  it('are dead letters of unknown outcome after peerTimeoutMs, where a reset loses the frames', () => {
    const outcomes = ['peer-timeout', 'unknown']
    expect(lose('---(partition 1|2; reset 1-2) 3s (heal)')).toEqual({ inbox: ['b'], outcomes })
  })

  it('arrive late without a reset: unknown means that they may', () => {
    const outcomes = ['peer-timeout', 'unknown']
    expect(lose('---(partition 1|2) 3s (heal)')).toEqual({ inbox: ['a', 'b'], outcomes })
  })

  it('are sent again where the peer is back in time', () => {
    const inbox = ['a', 'b']
    expect(lose('---(partition 1|2; reset 1-2) 500ms (heal)')).toEqual({ inbox, outcomes: [] })
  })
})
