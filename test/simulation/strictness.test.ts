/** `simulate` refuses what it does not understand, as `createNode` does. */
import { describe, expect, it } from 'vitest'
import { ClusterError } from '../../src/model/cluster-error.ts'
import { type SimulationOptions, type World, SimulationError, simulate } from '../../src/testing.ts'
import type { Fault } from '../../src/testing/simulation/faults/fault.ts'
import { Subject, tap, timer } from 'rxjs'

const body = (world: World): void => world.run(100)

/** Returns code and message of the error of a simulation, as `INVALID_ARGUMENT: …`. */
function refusal(options: object, test: (world: World) => void = body): string {
  try {
    simulate(options as SimulationOptions, test)
  } catch (error) {
    if (error instanceof ClusterError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'nothing was refused'
}

describe('an option of simulate', () => {
  it.each<[object, string]>([
    [{}, 'peers: expected an integer from 1 to 100000, or a list of different pids'],
    [{ peers: 0 }, 'peers: expected an integer from 1 to 100000, or a list of different pids'],
    [{ peers: 1.5 }, 'peers: expected an integer'],
    [{ peers: [] }, 'a list of different pids from 0 to 1048575, got an array of 0'],
    [{ peers: [0, -3] }, 'a list of different pids'],
    [{ peers: [1, 2, 2] }, 'a list of different pids'],
    [{ peers: 2, protocl: body }, 'protocl: expected no such option, got a function (did you mean'],
    [{ peers: 2, protocol: 5 }, 'protocol: expected a function, got 5'],
    [{ peers: 2, seed: 'a' }, 'seed: expected an integer'],
    [{ peers: 2, frameMs: 0 }, 'frameMs: expected a number from 0.001'],
    [{ peers: 2, connected: 'yes' }, 'connected: expected true or false, got "yes"'],
    [{ peers: 2, network: 5 }, 'network: expected marbles, or a list of { atMs, fault }, got 5'],
    [{ peers: 2, network: [{ atMs: -1, fault: { type: 'heal' } }] }, 'network: atMs: expected'],
    [
      { peers: 2, limits: { bufSiz: 1 } },
      'limits.bufSiz: expected no such key, got 1 (did you mean bufSize?',
    ],
    [{ peers: 2, limits: { bufSize: 0 } }, 'limits.bufSize: expected an integer from 1'],
    [{ peers: 2, conditions: { drip: 0.1 } }, 'conditions: drip: expected one of delay, drop,'],
    [{ peers: 2, conditions: { drip: 0.1 } }, '(did you mean drop?)'],
    [
      { peers: 2, conditions: { drop: 30 } },
      'conditions: drop: expected a probability from 0 to 1',
    ],
    [{ peers: 2, conditions: { delay: 5 } }, "conditions: delay: expected { kind: 'fixed', ms }"],
    [{ peers: 2, peersOf: () => [3] }, 'peersOf(1): expected a list of pids of 1, 2, got 3'],
  ])('%j: is refused', (options, message) => {
    const refused = refusal(options)
    expect(refused).toContain(`INVALID_ARGUMENT: simulate: `)
    expect(refused).toContain(message)
  })

  it('that is undefined counts as left out', () => {
    const { seed, limits, conditions, network } = {} as Partial<SimulationOptions>
    const options = { peers: 2, seed, network, limits: { bufSize: undefined, ...limits } }
    simulate({ ...options, conditions: { drop: undefined, ...conditions } }, (world) => {
      world.awaitLinks()
      world.sends(1, 'a')
      world.run(10)
      expect(world.node(1).stats().delivered).toBe(1)
    })
  })

  it('is not the body: a test without one would check nothing', () => {
    const withoutBody = simulate as unknown as (options: SimulationOptions) => void
    expect(() => withoutBody({ peers: 2, network: '- 5s (crash 2)' })).toThrow(
      'simulate: body: expected a function such as (world) => world.run(1_000), got nothing',
    )
  })
})

describe('a fault', () => {
  const unknown = 'there is no node 9: there are 1, 2, 3'
  it.each<[string | Fault, string]>([
    ['crash 9', unknown],
    ['restart 9', unknown],
    ['pause 9', unknown],
    ['resume 9', unknown],
    ['skew 9 x1.1', unknown],
    ['cut 1>9', unknown],
    ['restore 9-1', unknown],
    ['reset 1-9', unknown],
    ['drop 30% 1>9', unknown],
    ['delay 5ms 9>*', unknown],
    ['partition 1,2|9', unknown],
    ['partition 1,2|2,3', 'node 2 is in two groups: the groups must not overlap'],
    ['cut 2-2', 'a path leads from one node to another'],
    ['reset 2-2', 'a path leads from one node to another'],
    [{ type: 'partition', groups: [] }, 'there is no group: write partition([1], [2, 3])'],
    [{ type: 'skew', pid: 1, rate: 0, offsetMs: 0 }, 'expected a rate above 0'],
    [
      { type: 'shape', path: {}, conditions: { drop: 2 } },
      'drop: expected a probability from 0 to',
    ],
    [{ type: 'explode' } as unknown as Fault, "expected a fault such as { type: 'crash', pid: 2 }"],
    [undefined as unknown as Fault, 'expected a fault such as'],
  ])('%j: is refused when it is injected, and in a list before the run', (fault, message) => {
    const injected = refusal({ peers: 3 }, (world) => world.inject(fault))
    expect(injected).toContain('FAULT_INVALID: ')
    expect(injected).toContain(message)
    const network = typeof fault === 'string' ? ` 5s (${fault})` : [{ atMs: 5_000, fault }]
    const listed = refusal({ peers: 3, network })
    expect(listed).toContain('FAULT_INVALID: network: ')
    expect(listed).toContain(message)
  })

  it('that names an unknown node is refused by the methods of the world, too', () => {
    const uses: readonly ((world: World) => void)[] = [
      (world) => world.crash(9),
      (world) => world.restart(9),
      (world) => world.pause(9),
      (world) => world.resume(9),
      (world) => world.partition([1, 9]),
    ]
    for (const use of uses) {
      expect(refusal({ peers: 3 }, use)).toMatch(
        /^FAULT_INVALID: ".+": there is no node 9: there are 1, 2, 3 \(at 0 ms, seed 1\)$/,
      )
    }
  })

  it.each<[string, string, string]>([
    ['restart 2', '', 'node 2 runs: crash or close it first (at 0 ms'],
    ['pause 2', 'crash 2', 'node 2 has crashed: restart(2) first'],
    ['skew 2 x1.1', 'crash 2', 'node 2 has crashed: restart(2) first'],
  ])('%s after "%s" cannot happen', (fault, before, message) => {
    const use = (world: World): void => {
      if (before !== '') world.inject(before)
      world.inject(fault)
    }
    const refused = refusal({ peers: 2 }, use)
    expect(refused).toContain(`FAULT_INVALID: "${fault.replace('x1.1', 'x1.1 +0ms')}": `)
    expect(refused).toContain(message)
  })

  it('whose result already holds changes nothing', () => {
    simulate({ peers: 2 }, (world) => {
      world.inject('resume 2; pause 2; pause 2; crash 2; crash 2; resume 2; heal; restore 1-2')
      expect(world.alive(2)).toBe(false)
    })
  })
})

describe('the world', () => {
  it.each<[string, (world: World) => unknown]>([
    ['node', (world) => world.node(5)],
    ['node', (world) => world.as(5, () => undefined)],
    ['alive', (world) => world.alive(5)],
    ['world', (world) => world.sends(5, 'a')],
  ])('refuses an unknown node: %s', (name, use) => {
    expect(refusal({ peers: 2 }, use)).toBe(
      `INVALID_ARGUMENT: ${name}: there is no node 5: there are 1, 2 (at 0 ms, seed 1)`,
    )
  })
})

describe('what is thrown in a simulation', () => {
  const broken = (): never => {
    throw new TypeError('broken')
  }
  it.each<[string, (world: World) => unknown]>([
    ['always', (world) => world.always('a', () => world.nowMs < 20 || broken())],
    ['eventually', (world) => world.eventually('a', 50, () => world.nowMs >= 20 && broken())],
    ['a check', (world) => world.check('a', () => new Subject<string>()) ?? world.at(20, broken)],
    ['a subscriber', (world) => world.trace.subscribe((event) => event.atMs >= 20 && broken())],
    ['a body', (world) => world.run(20) ?? broken()],
  ])('keeps its type, with moment and seed: by %s', (_, use) => {
    const run = (): void =>
      simulate({ peers: 2, seed: 7, network: ' 20ms (crash 2)' }, (world) => {
        use(world)
        world.run(100)
      })
    expect(run).toThrow(TypeError)
    expect(run).toThrow(/^broken \(at 20 ms, seed 7\)$/)
  })

  it('is an error where it was none', () => {
    const run = (): void =>
      simulate({ peers: 1, seed: 3 }, () => {
        // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- users may
        throw 'text'
      })
    expect(run).toThrow('"text" was thrown (at 0 ms, seed 3)')
  })

  it('is a SimulationError by name and type where a check does not hold', () => {
    const failed = (world: World): void => world.always('a', () => false)
    try {
      simulate({ peers: 1 }, failed)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(SimulationError)
      expect(error).toBeInstanceOf(ClusterError)
      expect(String(error)).toBe(
        'SimulationError [CHECK_FAILED]: a: does not hold (at 0 ms, seed 1)',
      )
    }
  })
})

describe('an error that only the events of a node would show', () => {
  const invalid = new Map([[2, { pid: 3, endpoint: 'inproc://three' }]])

  it('is thrown by peers.next and by a stream into the outbox, as outside of a simulation', () => {
    const refused = refusal({ peers: 2 }, (world) => world.node(1).peers.next(invalid))
    expect(refused).toMatch(/^PEER_INVALID: the peers have not changed: /)
    const failing = (): unknown =>
      simulate({ peers: 2 }, (world) => world.node(1).outbox.error(new TypeError('broken')))
    expect(failing).toThrow(TypeError)
  })

  it('fails the protocol that causes it', () => {
    const protocol: SimulationOptions['protocol'] = (node) =>
      timer(10).pipe(tap(() => node.peers.next(invalid)))
    expect(refusal({ peers: 1, protocol })).toContain(
      'no errors: the protocol of 1 failed: ClusterError: the peers have not changed',
    )
  })

  it('is an event where the application subscribes to them', () => {
    simulate({ peers: 2 }, (world) => {
      const types: string[] = []
      world.node(1).events.subscribe(({ type }) => types.push(type))
      world.node(1).peers.next(invalid)
      expect(types).toEqual(['peers-refused'])
    })
  })
})

it('a fault takes undefined for what it leaves unchanged', () => {
  simulate({ peers: 2, conditions: { drop: 1 } }, (world) => {
    const conditions = { drop: undefined, reorder: 0.5 }
    const faults: string[] = []
    world.trace.subscribe((event) => event.type === 'fault' && faults.push(event.fault))
    world.inject({ type: 'shape', path: { from: undefined, to: 2 }, conditions })
    world.run(1_000)
    expect(faults).toEqual(['reorder 50% *>2'])
    expect(world.node(1).links.value.get(2)?.state).not.toBe('up')
  })
})

describe('a restart', () => {
  const states = (world: World): unknown =>
    [...world.node(1).links.value.values()].map(({ state }) => state)
  const options = {
    peers: 2,
    connected: true,
    protocol: (node: { inbox: Subject<unknown> }) => {
      node.inbox.subscribe()
    },
  } as unknown as SimulationOptions

  it('of a node that has closed begins a new incarnation', () => {
    simulate(options, (world) => {
      const before = world.node(2).incarnation
      void world.node(2).close()
      world.run(1_000)
      world.sends(1, 'a')
      world.run(1_000)
      world.restart(2)
      expect(world.node(2).incarnation).not.toBe(before)
      world.run(4_000)
      expect(world.node(1).stats()).toMatchObject({ delivered: 1, dead: 0 })
    })
  })

  it('of a node that is closing waits until it has closed', () => {
    simulate(options, (world) => {
      const before = world.node(2).incarnation
      void world.node(2).close()
      world.restart(2)
      expect(world.node(2).incarnation).toBe(before)
      world.run(5_000)
      expect(world.node(2).incarnation).not.toBe(before)
      expect(states(world)).toEqual(['up'])
    })
  })

  it('of a node that its protocol closed runs the protocol again', () => {
    const starts: number[] = []
    const closing = {
      ...options,
      protocol: (node, { restarts }) => {
        starts.push(restarts)
        node.inbox.subscribe(() => void node.close())
      },
    } as SimulationOptions
    simulate({ ...closing, network: ' 1s (restart 2)' }, (world) => {
      world.sends(1, 'a')
      world.run(5_000)
      expect(states(world)).toEqual(['up'])
    })
    expect(starts).toEqual([0, 0, 1])
  })

  it('of a closing node that then crashes does not happen', () => {
    simulate(options, (world) => {
      void world.node(2).close()
      world.restart(2)
      world.crash(2)
      world.run(5_000)
      expect(world.alive(2)).toBe(false)
    })
  })
})

describe('an argument of a method of the world', () => {
  const never = (): boolean => true
  const wrong = (value: unknown): never => value as never
  it.each<[string, (world: World) => unknown, string]>([
    ['run(NaN)', (world) => world.run(NaN), 'run: ms: expected a number from 0 to'],
    ['run()', (world) => world.run(wrong(undefined)), 'run: ms: expected a number'],
    ['run(Infinity)', (world) => world.run(Infinity), 'run: ms: expected a number'],
    ["run('10')", (world) => world.run(wrong('10')), 'run: ms: expected a number'],
    ['run(-1)', (world) => world.run(-1), 'run: ms: expected a number'],
    ['awaitLinks(NaN)', (world) => world.awaitLinks(NaN), 'awaitLinks: withinMs: expected'],
    ['runUntil(…, NaN)', (world) => world.runUntil(never, NaN), 'runUntil: withinMs: expected'],
    ['runUntil(null)', (world) => world.runUntil(wrong(null), 1), 'runUntil: condition: expected'],
    ['at(NaN)', (world) => world.at(NaN, never), 'at: atMs: expected'],
    ['at(1)', (world) => world.at(1, wrong(undefined)), 'at: work: expected a function'],
    ['as(1)', (world) => world.as(1, wrong(undefined)), 'as: work: expected a function'],
    [
      'eventually with a text',
      (world) => world.eventually('x', wrong('100'), never),
      'eventually: withinMs: expected a number',
    ],
    ['always(null)', (world) => world.always('x', wrong(null)), 'always: holds: expected a func'],
    [
      'always without a verdict',
      (world) =>
        world.always(
          'x',
          wrong(() => undefined),
        ),
      'always: the result of "x": expected true or false, or a text that says what is wrong',
    ],
    [
      'eventually with a Promise',
      (world) =>
        world.eventually(
          'x',
          1,
          wrong(() => ({})),
        ),
      'eventually: the result of "x": expected true or false',
    ],
    [
      'check without an Observable',
      (world) =>
        world.check(
          'x',
          wrong(() => undefined),
        ),
      'check: the result of "x": expected an Observable, got nothing',
    ],
    ['an unknown sender', (world) => world.expectInbox(2, 7).toBe('-'), 'there is no node 7'],
    ['a text pid', (world) => world.expectInbox(2, wrong('1')).toBe('-'), 'pass Number(pid)'],
    ['no toBe', (world) => world.expectInbox(2), 'expectInbox(2): expects nothing yet: call toBe'],
    ["toBe('')", (world) => world.expectLinks(2).toBe(''), "' 100ms ' for nothing within"],
    ['toBe(5)', (world) => world.expectDead(2).toBe(wrong(5)), 'marbles: expected marbles'],
    ['toBe()', (world) => world.expectOutput(2).toBe(wrong(undefined)), 'got nothing'],
  ])('%s: is refused', (_, call, message) => {
    const refused = refusal({ peers: 2 }, (world) => void call(world))
    expect(refused).toContain('INVALID_ARGUMENT: ')
    expect(refused).toContain(message)
  })
})
