/** Expectations: what nodes are to see, as marbles. */
import { describe, expect, it } from 'vitest'
import { filter, map } from 'rxjs'
import { SimulationError, type World, simulate } from '../../src/testing.ts'
import type { ClusterNode } from '../../src/node/cluster-node.ts'

/** Answers every `ping` with `pong`. */
const pong = (node: ClusterNode) =>
  node.inbox.pipe(
    filter(({ msg }) => msg === 'ping'),
    map(({ pid }) => ({ pid, msg: 'pong' })),
  )

const connected = { peers: 2, connected: true } as const

/** What a test says that does not get what it expects. */
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

describe('what a node is expected to see', () => {
  it('is looked at after as much time as the marbles take', () => {
    simulate({ ...connected, protocol: (node) => pong(node).subscribe(node.outbox) }, (world) => {
      world.sends(1, '-a 50ms b', {
        a: { pid: 2, msg: 'ping' },
        b: { pid: 2, msg: { term: 1 } },
      })
      world.expectInbox(2).toBe('--a 50ms b-', { a: 'ping', b: { term: 1 } })
      world.expectInbox(1).toBe('---a 100ms -', { a: 'pong' })
    })
  })

  it('is each letter itself, where nothing is said of it', () => {
    simulate({ peers: 3, connected: true }, (world) => {
      world.sends(1, '(ab)-c')
      world.expectInbox(2).toBe('-(ab)-c-')
      world.expectInbox(3).toBe('-(ab)-c-')
      world.expectInbox(1).toBe(' 1s ')
    })
  })

  it('is of one sender, if it is asked so', () => {
    simulate({ peers: 3, connected: true }, (world) => {
      world.sends(1, '-a')
      world.sends(2, '---b')
      world.expectInbox(3, 2).toBe('----b--')
      world.expectInbox(3).toBe('--a-b--')
    })
  })

  it('ends where the node closes', () => {
    simulate(connected, (world) => {
      world.sends(1, 'a')
      world.expectInbox(2).toBe('-a---|')
      world.at(world.nowMs + 5, () => world.as(2, (node) => void node.close()))
    })
  })

  it('is what its protocol emits', () => {
    simulate({ ...connected, protocol: pong }, (world) => {
      world.sends(1, '-a-b', { a: { pid: 2, msg: 'ping' }, b: { pid: 2, msg: 'other' } })
      world.expectOutput(2).toBe('--a---', { a: { pid: 1, msg: 'pong' } })
    })
  })

  it('is how its links change, and what dies', () => {
    simulate({ ...connected, limits: { ttlMs: 1_000 } }, (world) => {
      world.expectLinks(1).toBe('-d 1s ', { d: { 2: 'down' } })
      world.expectDead(1).toBe(' 1002ms g-', {
        g: { to: 2, reason: 'expired', outcome: 'not-delivered' },
      })
      world.crash(2)
      world.sends(1, '--a')
    })
  })

  it('is in frames of another length', () => {
    simulate({ ...connected, frameMs: 10, network: '--(partition 1|2)-(heal)' }, (world) => {
      world.sends(1, 'a--b')
      world.expectInbox(2).toBe('a---b--')
    })
  })
})

describe('something else came out', () => {
  const late = (world: World): void => {
    world.sends(1, '---a', { a: { pid: 2, msg: 'hi' } })
    world.expectInbox(2).toBe('--a--', { a: 'hi' })
  }

  it('is an error that draws both', () => {
    expect(failureOf(late)).toMatchObject({
      check: 'expectInbox(2)',
      detail: '\n  expected --a--\n  came     ----a\n ',
    })
  })

  it('names what no letter stands for', () => {
    const body = (world: World): void => {
      world.sends(1, 'a', { a: { pid: 2, msg: { other: true } } })
      world.expectInbox(2, 1).toBe('-a-', { a: 'hi' })
    }
    expect(failureOf(body)).toMatchObject({
      check: 'expectInbox(2, 1)',
      detail: '\n  expected -a-\n  came     -p-\n  p = {"other":true}\n ',
    })
  })

  it('is listed where it is too dense to be drawn', () => {
    const body = (world: World): void => {
      world.sends(1, '(ab)c')
      world.sends(1, '-c')
      world.expectInbox(2).toBe('-(ab)')
    }
    expect(failureOf(body)).toMatchObject({
      detail: '\n  expected -(ab)\n  came     a at 1 ms, b at 1 ms, p at 2 ms\n  p = "c"\n ',
    })
  })

  it('is an error when nothing, or too little came', () => {
    expect(failureOf((world) => world.expectInbox(2).toBe('-a'))).toMatchObject({
      detail: '\n  expected -a\n  came     --\n ',
    })
    expect(
      failureOf((world) => {
        world.sends(1, 'a')
        world.expectInbox(2).toBe('-a-b')
      }),
    ).toMatchObject({ detail: expect.stringContaining('came     -a--') })
  })

  it('is of no concern after the marbles', () => {
    expect(
      failureOf((world) => {
        world.sends(1, 'a--b')
        world.expectInbox(2).toBe('-a')
      }),
    ).toBeUndefined()
  })

  it('marbles that mean nothing are errors at once', () => {
    const errors = ['-(a', '-#', '-?'].map((marbles) =>
      failureOf((world) => world.expectInbox(2).toBe(marbles)),
    )
    expect(errors.map(String)).toEqual([
      'DrawingError: a group is not closed',
      'Error: a lane of a cluster has letters, and | at its end',
      expect.stringContaining('"?" is not a mark'),
    ])
    expect(String(failureOf((world) => world.sends(1, '-|')))).toContain('takes letters only')
  })
})

describe('what cannot be', () => {
  it('a node that is not there is named', () => {
    const failures = [
      failureOf((world) => world.expectInbox(7).toBe('-')),
      failureOf((world) => world.sends(7, '-a')),
    ]
    for (const one of failures)
      expect(String(one)).toBe('Error: there is no node 7: there are 1, 2')
  })

  it('a body that is async is refused, and leaves nothing unhandled', async () => {
    const body = async (world: World): Promise<void> => world.run(10)
    const failures = failureOf(body as unknown as (world: World) => void)
    expect(String(failures)).toContain('the body of simulate may not be async')
    // An unhandled rejection would fail this test.
    await new Promise((resolve) => setImmediate(resolve))
  })
})

describe('joining', () => {
  it('names a link that is not up in time', () => {
    const body = (world: World): void => {
      world.partition([1], [2])
      world.awaitLinks(5_000)
    }
    expect(String(failureOf(body, { peers: 2 }))).toMatch(
      /not every link is up within 5000 ms: 1 to 2 is connecting/,
    )
  })

  it('does not wait for a process that is dead', () => {
    simulate({ peers: 3 }, (world) => {
      world.crash(2)
      world.awaitLinks()
      expect(world.node(1).links.value.get(3)).toBe('up')
    })
  })

  it('is before the story begins', () => {
    const began: number[] = []
    const options = { ...connected, seed: 3, protocol: () => void began.push(performance.now()) }
    simulate(options, (world) => {
      expect(world.node(1).links.value.get(2)).toBe('up')
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
