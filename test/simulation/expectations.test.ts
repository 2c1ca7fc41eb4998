/** Expectations: marbles of what nodes receive and emit. */
import { describe, expect, it } from 'vitest'
import { filter, map } from 'rxjs'
import { SimulationError, type World, simulate } from '../../src/testing.ts'
import { BROADCAST } from '../../src/model/pid.ts'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import { SimWorld } from '../../src/testing/simulation/sim-world.ts'
import { awaitLinks } from '../../src/testing/simulation/cluster/await-links.ts'
import { inVirtualTime } from '../../src/testing/simulation/time/in-virtual-time.ts'

/** Replies to every `ping` with `pong`. */
const pong = (node: ClusterNode) =>
  node.inbox.pipe(
    filter(({ msg }) => msg === 'ping'),
    map(({ pid }) => ({ pid, msg: 'pong' })),
  )

const connected = { peers: 2, connected: true } as const

/** Returns the violation, or another error, of a failing test. */
function failureOf(
  body: (world: World) => void,
  options: Parameters<typeof simulate>[0] = connected,
) {
  try {
    simulate(options, body)
  } catch (error) {
    return error instanceof SimulationError ? error.violation : error
  }
  return undefined
}

describe('an expectation', () => {
  it('is compared after the time of its marbles', () => {
    simulate({ ...connected, protocol: (node) => pong(node).subscribe(node.outbox) }, (world) => {
      world.sends(1, '-a 50ms b', {
        a: { pid: 2, msg: 'ping' },
        b: { pid: 2, msg: { term: 1 } },
      })
      world.expectInbox(2).toBe('--a 50ms b-', { a: 'ping', b: { term: 1 } })
      world.expectInbox(1).toBe('---a 100ms -', { a: 'pong' })
    })
  })

  it('uses an undefined letter as its value', () => {
    simulate({ peers: 3, connected: true }, (world) => {
      world.sends(1, '(ab)-c')
      world.expectInbox(2).toBe('-(ab)-c-')
      world.expectInbox(3).toBe('-(ab)-c-')
      world.expectInbox(1).toBe(' 1s ')
    })
  })

  it('can be limited to one sender', () => {
    simulate({ peers: 3, connected: true }, (world) => {
      world.sends(1, '-a')
      world.sends(2, '---b')
      world.expectInbox(3, 2).toBe('----b--')
      world.expectInbox(3).toBe('--a-b--')
    })
  })

  it('shows the close of a node as completion', () => {
    simulate(connected, (world) => {
      world.sends(1, 'a')
      world.expectInbox(2).toBe('-a---|')
      world.at(world.nowMs + 5, () => world.as(2, (node) => void node.close()))
    })
  })

  it('compares the outputs of the protocol', () => {
    simulate({ ...connected, protocol: pong }, (world) => {
      world.sends(1, '-a-b', { a: { pid: 2, msg: 'ping' }, b: { pid: 2, msg: 'other' } })
      world.expectOutput(2).toBe('--a---', { a: { pid: 1, msg: 'pong' } })
    })
  })

  it('compares link changes and dead letters', () => {
    simulate({ ...connected, limits: { ttlMs: 1_000 } }, (world) => {
      world.expectLinks(1).toBe('-d 1s ', { d: { 2: 'down' } })
      world.expectDead(1).toBe(' 1002ms g-', {
        g: { to: 2, reason: 'expired', outcome: 'not-delivered' },
      })
      world.crash(2)
      world.sends(1, '--a')
    })
  })

  it('follows frameMs', () => {
    simulate({ ...connected, frameMs: 10, network: '--(partition 1|2)-(heal)' }, (world) => {
      world.sends(1, 'a--b')
      world.expectInbox(2).toBe('a---b--')
    })
  })
})

describe('a failed expectation', () => {
  const late = (world: World): void => {
    world.sends(1, '---a', { a: { pid: 2, msg: 'hi' } })
    world.expectInbox(2).toBe('--a--', { a: 'hi' })
  }

  it('throws both drawings', () => {
    expect(failureOf(late)).toMatchObject({
      check: 'expectInbox(2)',
      detail: '\n  expected --a--\n  actual   ----a\n  a = "hi"\n ',
    })
  })

  it('shows the expected and the actual value where they differ', () => {
    const body = (world: World): void => {
      world.sends(1, 'a--b', {
        a: { pid: 2, msg: { term: 1 } },
        b: { pid: 2, msg: { term: 2 } },
      })
      world.expectInbox(2).toBe('-a--y', { a: { term: 1 }, y: { term: 3 } })
    }
    const { detail } = failureOf(body) as { detail: string }
    expect(detail.trim().split(/\n */)).toEqual([
      'expected -a--y',
      'actual   -a--p',
      'a = {"term":1}',
      'y = {"term":3} (expected only)',
      'p = {"term":2} (actual only)',
    ])
    expect(() => simulate({ peers: 2, connected: true }, body)).toThrow(/^expectInbox\(2\):\n/)
  })

  it('says what a letter without a value stands for', () => {
    const body = (world: World): void => {
      world.sends(1, 'a')
      world.expectInbox(2).toBe('-b', { a: 'a' })
    }
    const { detail } = failureOf(body) as { detail: string }
    expect(detail.trim().split(/\n */)).toEqual([
      'expected -b',
      'actual   -a',
      'b = "b" (expected only); it is not defined in the values, so it stands for itself',
      'a = "a" (actual only)',
    ])
  })

  it('says that values which are written alike differ', () => {
    const body = (world: World): void => {
      world.sends(1, 'a', { a: { pid: 2, msg: { term: 1 } } })
      world.expectInbox(2).toBe('-a', { a: { term: 1, vote: undefined } })
    }
    const { detail } = failureOf(body) as { detail: string }
    expect(detail).toContain('the values are written alike, but differ: in a type, or in a key')
  })

  it('has the stack of its toBe', () => {
    let error: Error | undefined
    let lineOfToBe = ''
    try {
      simulate(connected, (world) => {
        world.sends(1, 'a')
        const expectation = world.expectInbox(2)
        lineOfToBe = new Error('here').stack?.split('\n')[1] ?? ''
        expectation.toBe('-b')
      })
    } catch (thrown) {
      error = thrown as Error
    }
    const line = (frame: string): number => Number(/:(\d+):\d+\)?$/.exec(frame)?.[1])
    const frames = error?.stack?.split('\n').filter((each) => each.startsWith('    at ')) ?? []
    expect(frames[0]).toContain('expectations.test.ts')
    expect(line(frames[0] ?? '')).toBe(line(lineOfToBe) + 1)
    expect(error?.stack).toMatch(/^SimulationError \[CHECK_FAILED\]: expectInbox\(2\):/)
  })

  it('defines letters for unexpected values', () => {
    const body = (world: World): void => {
      world.sends(1, 'a', { a: { pid: 2, msg: { other: true } } })
      world.expectInbox(2, 1).toBe('-a-', { a: 'hi' })
    }
    expect(failureOf(body)).toMatchObject({
      check: 'expectInbox(2, 1)',
      detail:
        '\n  expected -a-\n  actual   -p-\n  a = "hi" (expected only)' +
        '\n  p = {"other":true} (actual only)\n ',
    })
  })

  it('lists actual marks that are too dense to draw', () => {
    const body = (world: World): void => {
      world.sends(1, '(ab)c')
      world.sends(1, '-c')
      world.expectInbox(2).toBe('-(ab)')
    }
    expect(failureOf(body)).toMatchObject({
      detail:
        '\n  expected -(ab)\n  actual   a at 1 ms, b at 1 ms, p at 2 ms\n  p = "c" (actual only)\n ',
    })
  })

  it('shows missing events', () => {
    expect(failureOf((world) => world.expectInbox(2).toBe('-a'))).toMatchObject({
      detail: expect.stringContaining(
        '\n  expected -a\n  actual   --\n  a = "a" (expected',
      ) as unknown,
    })
    expect(
      failureOf((world) => {
        world.sends(1, 'a')
        world.expectInbox(2).toBe('-a-b')
      }),
    ).toMatchObject({ detail: expect.stringContaining('actual   -a--') })
  })

  it('ignores events after the marbles', () => {
    expect(
      failureOf((world) => {
        world.sends(1, 'a--b')
        world.expectInbox(2).toBe('-a')
      }),
    ).toBeUndefined()
  })

  it('rejects invalid marbles at once', () => {
    const errors = ['-(a', '-#', '-?'].map((marbles) =>
      failureOf((world) => world.expectInbox(2).toBe(marbles)),
    )
    expect(errors.map(String)).toEqual([
      'DrawingError [INVALID_ARGUMENT]: a group is not closed: add ")" (at 4 ms, seed 1)',
      'DrawingError [INVALID_ARGUMENT]: a lane of a cluster consists of letters, and | at its end (at 4 ms, seed 1)',
      expect.stringContaining('"?" is not a mark'),
    ])
    expect(String(failureOf((world) => world.sends(1, '-|')))).toContain(
      'the marbles of an outbox are letters only',
    )
  })
})

describe('invalid use', () => {
  it('names a node that does not exist', () => {
    const failures = [
      failureOf((world) => world.expectInbox(7).toBe('-')),
      failureOf((world) => world.sends(7, '-a')),
    ]
    for (const one of failures)
      expect(String(one)).toBe(
        'ClusterError [INVALID_ARGUMENT]: world: there is no node 7: there are 1, 2 (at 4 ms, seed 1)',
      )
  })

  it('rejects an async body without an unhandled rejection', async () => {
    const body = async (world: World): Promise<void> => world.run(10)
    const failures = failureOf(body as unknown as (world: World) => void)
    expect(String(failures)).toContain('the body of simulate must not be async')
    // An unhandled rejection would fail this test.
    await new Promise((resolve) => setImmediate(resolve))
  })
})

describe('awaitLinks', () => {
  let lost = 0
  it('names a link that is not up in time', () => {
    const body = (world: World): void => {
      world.partition([1], [2])
      world.awaitLinks(5_000)
    }
    expect(failureOf(body, { peers: 2 })).toMatchObject({
      atMs: 5_000,
      check: 'awaitLinks',
      detail: expect.stringMatching(
        /^the link from \d to \d is not up after 5000 ms: end the faults/,
      ) as unknown,
    })
  })

  it('says what to do where frames are dropped', () => {
    const conditions = { drop: 0.9 }
    const failure = failureOf((world) => world.awaitLinks(), { peers: 4, conditions })
    expect(failure).toMatchObject({
      detail: expect.stringContaining('frames are dropped, and a lost HELLO takes 5 s') as unknown,
    })
  })

  it('with the option connected is not delayed by loss, which begins afterwards', () => {
    for (let seed = 1; seed <= 20; seed++) {
      simulate({ peers: 5, seed, connected: true, conditions: { drop: 0.3 } }, (world) => {
        expect(world.nowMs).toBeLessThan(100)
        world.node(1).outbox.next({ pid: BROADCAST, msg: 'a' })
        world.run(3)
        const { inFlight } = world.node(1).stats()
        world.run(60_000)
        expect(world.node(1).stats().delivered).toBe(4)
        lost += inFlight
      })
    }
    expect(lost).toBeGreaterThan(0)
  })

  it('looks at each link a few times, not all links after every event', () => {
    const nodes = 16
    let lookups = 0
    const world = new SimWorld({ peers: nodes })
    const { instances } = world.cluster
    const counted = {
      [Symbol.iterator]: () => instances[Symbol.iterator](),
      has: count,
      get: count,
    }
    function count(pid: number): unknown {
      lookups++
      return instances.get(pid)
    }
    inVirtualTime(world.time, () => {
      world.start()
      awaitLinks(world, counted as unknown as typeof instances, () => false)
    })
    expect(world.node(1).links.value.size).toBe(nodes - 1)
    // A search of all links whenever the awaited one is up would look 33,856 times.
    expect(lookups).toBeLessThan(20 * nodes ** 2)
  })

  it('does not wait for crashed processes', () => {
    simulate({ peers: 3 }, (world) => {
      world.crash(2)
      world.awaitLinks()
      expect(world.node(1).links.value.get(3)?.state).toBe('up')
    })
  })

  it('runs before the protocols with the option connected', () => {
    const began: number[] = []
    const options = { ...connected, seed: 3, protocol: () => void began.push(performance.now()) }
    simulate(options, (world) => {
      expect(world.node(1).links.value.get(2)?.state).toBe('up')
      expect(began).toEqual([])
      world.run(0)
      expect(began).toEqual([world.nowMs, world.nowMs])
      world.crash(2)
      world.run(5)
      world.restart(2)
      world.run(1)
      expect(began).toEqual([world.nowMs - 6, world.nowMs - 6, world.nowMs - 1])
    })
  })
})
