/** Exploring: plans and their text, chaos, shrinking, the drawing, and threads. */
import { describe, expect, it } from 'vitest'
import { generatePlan, generateSmallPlan } from '../../src/testing/explore/generate-plan.ts'
import { explore } from '../../src/testing/explore/explore.ts'
import {
  truncateAtViolation,
  fewerPeers,
  planEventsOf,
  timeOf,
  withPlanEvents,
} from '../../src/testing/explore/smaller-plans.ts'
import { mutatePlan } from '../../src/testing/explore/mutate-plan.ts'
import { type Plan, parsePlan, renderPlan } from '../../src/testing/explore/plan.ts'
import type { Fault } from '../../src/testing/simulation/faults/fault.ts'
import type { TraceEvent } from '../../src/recording/trace-event.ts'
import type { Violation, World } from '../../src/testing/simulation/world.ts'
import { renderFailure } from '../../src/testing/explore/render-failure.ts'
import type { Scenario } from '../../src/testing/explore/scenario.ts'
import { ROOT } from '../guards/sources.ts'
import { SimulationError } from '../../src/testing/simulation/checks/simulation-error.ts'
import { CHAOS_KINDS, chaos } from '../../src/testing/explore/chaos.ts'
import { annotate, causalHistoryOf } from '../../src/testing/explore/causal-history.ts'
import { ddmin } from '../../src/testing/explore/ddmin.ts'
import { execFile } from 'node:child_process'
import { filter, map } from 'rxjs'
import { join } from 'node:path'
import { outputs } from './planted/outputs.ts'
import { replay } from '../../src/testing/explore/failure.ts'
import { runPlan } from '../../src/testing/explore/run-plan.ts'
import { plantedScenario } from './planted/planted.ts'
import { seededRandom } from '../../src/base/seeded-random.ts'
import { shrink } from '../../src/testing/explore/shrink.ts'

/** Enough for small failures. */
const FEW_RUNS = { runs: 400 }

/** Node 1 says what it is told, and passes it on to node 2, which says it too. */
const RELAY: Scenario = {
  peers: 2,
  untilMs: 1_000,
  recoveryMs: 200,
  faults: { everyMs: 200, durationMs: 100 },
  commands: (random) =>
    [1, 2, 3, 4].map((value) => ({
      atMs: Math.floor(random() * 800),
      pid: 1,
      name: 'say',
      args: { value },
    })),
  protocol: (node, _, commands) => {
    commands.subscribe(({ args }) => node.outbox.next({ pid: 2, msg: args }))
    return node.inbox.pipe(map(({ msg }) => msg))
  },
  checks: (world) =>
    world.check('nobody says 3', (trace) =>
      trace.pipe(
        outputs<{ value: number }>(),
        filter(({ value }) => value.value === 3),
        map(({ pid }) => `${pid} says 3`),
      ),
    ),
}

describe('a plan', () => {
  const SCENARIOS = [
    plantedScenario('election'),
    plantedScenario('lock'),
    { ...RELAY, faults: { kinds: CHAOS_KINDS } },
  ]

  it('is the same after it was written as a line and read', () => {
    for (const scenario of SCENARIOS) {
      for (let seed = 1; seed <= 100; seed++) {
        const plan = generatePlan(scenario, seed)
        const line = renderPlan(plan)
        expect(line).not.toContain('\n')
        expect(parsePlan(line)).toEqual(plan)
        expect(generatePlan(scenario, seed)).toEqual(plan)
      }
    }
  })

  it('carries what its own grammar uses', () => {
    const plan = {
      ...generateSmallPlan(RELAY, 1),
      commands: [{ atMs: 0.5, pid: 1, name: 'say', args: { text: `a; 'b' "c" \\ \n until 3` } }],
    }
    expect(parsePlan(renderPlan(plan))).toEqual(plan)
  })

  it.each([
    ['seed 1; peers 2', 'the plan says no until'],
    ['seed 1; peers 2; until 9; nonsense', 'a plan knows no "nonsense"'],
    ['seed 1; peers 2; until 9; 4 explode 2', 'explode'],
    ['seed 1; peers 2; until 9; 4 command 1 say {', 'does not end in JSON'],
  ])('%s is none: %s', (line, lines) => {
    expect(() => parsePlan(line)).toThrow(lines)
  })

  it('gives the same run each time', () => {
    const scenario = plantedScenario('election')
    for (let seed = 1; seed <= 5; seed++) {
      const plan = generateSmallPlan(scenario, seed)
      const [one, other] = [1, 2].map(() => runPlan(scenario, plan, { keepTrace: true }).trace)
      expect(one?.length).toBeGreaterThan(10)
      expect(JSON.stringify(other)).toBe(JSON.stringify(one))
    }
  })
})

describe('chaos', () => {
  const generated = Array.from({ length: 200 }, (_, seed) =>
    chaos(seededRandom(seed), { peers: 5, untilMs: 20_000, kinds: CHAOS_KINDS }),
  )

  it('is in order, and over in time', () => {
    for (const faults of generated) {
      const moments = faults.map(({ atMs }) => atMs)
      expect(moments).toEqual(moments.toSorted((a, b) => a - b))
      expect(moments.at(-1)).toBeLessThanOrEqual(20_000)
    }
  })

  it('ends what it begins', () => {
    const ends: Partial<Record<Fault['type'], Fault['type']>> = {
      crash: 'restart',
      pause: 'resume',
      cut: 'restore',
    }
    for (const faults of generated) {
      for (const [begin, end] of Object.entries(ends)) {
        const count = (type: string): number =>
          faults.filter(({ fault }) => fault.type === type).length
        expect(count(end)).toBe(count(begin))
      }
    }
  })

  it('is of every kind, over many seeds', () => {
    const types = new Set(generated.flat().map(({ fault }) => fault.type))
    const all = [
      'partition',
      'heal',
      'cut',
      'restore',
      'reset',
      'shape',
      'pause',
      'resume',
      'crash',
      'restart',
      'skew',
    ]
    expect([...types].toSorted()).toEqual(all.toSorted())
  })
})

describe('a mutant', () => {
  const random = seededRandom(1)
  const generated = Array.from({ length: 20 }, (_, seed) =>
    generatePlan(plantedScenario('lock'), seed),
  )
  const pairs = generated.flatMap((plan) =>
    Array.from({ length: 50 }, () => [plan, mutatePlan(random, plan, 3)] as const),
  )

  it('never does more, and leaves what is to happen eventually its time', () => {
    for (const [plan, other] of pairs) {
      expect(planEventsOf(other).length).toBeLessThanOrEqual(planEventsOf(plan).length)
      expect(other.peers).toBeGreaterThanOrEqual(3)
      expect(other).toMatchObject({ untilMs: plan.untilMs, healedMs: plan.healedMs })
      for (const { atMs } of [...other.faults, ...other.commands]) {
        expect(atMs).toBeGreaterThanOrEqual(0)
        expect(atMs).toBeLessThanOrEqual(plan.healedMs ?? 0)
      }
      expect(parsePlan(renderPlan(other))).toEqual(other)
    }
  })

  it('differs in its seed, its moments, its size', () => {
    const some = (differs: (plan: Plan, other: Plan) => boolean): boolean =>
      pairs.some(([plan, other]) => differs(plan, other))
    expect(some((plan, other) => plan.seed !== other.seed)).toBe(true)
    expect(some((plan, other) => planEventsOf(other).length < planEventsOf(plan).length)).toBe(true)
    expect(some((plan, other) => other.peers < plan.peers)).toBe(true)
    const moments = (plan: Plan): string => planEventsOf(plan).map(timeOf).join(',')
    const moved = (plan: Plan, other: Plan): boolean =>
      planEventsOf(plan).length === planEventsOf(other).length && moments(plan) !== moments(other)
    expect(some(moved)).toBe(true)
  })
})

describe('a plan that is cut', () => {
  const line =
    'seed 1; peers 2; until 900; healed 500; 100 crash 2; 300 restart 2; 700 command 1 say 3'
  const violation = (atMs: number): Violation => ({ check: 'it', detail: '', atMs })
  const text = (atMs: number): string =>
    renderPlan(truncateAtViolation(parsePlan(line), violation(atMs)))

  it('ends with its violation, when it was not healed before', () => {
    expect(text(250.5)).toBe('seed 1; peers 2; until 251; 100 crash 2')
    expect(text(300)).toBe('seed 1; peers 2; until 300; 100 crash 2; 300 restart 2')
  })

  it('keeps the time in which something is to come to be, when it was', () => {
    const healed = 'seed 1; peers 2; until 900; healed 500; 100 crash 2; 300 restart 2'
    expect(text(500)).toBe(healed)
    expect(text(600)).toBe(healed)
    expect(text(900)).toBe(`${healed}; 700 command 1 say 3`)
  })
})

describe('what a violation depends on', () => {
  const outputEvent = (atMs: number, pid: number, value: string) =>
    ({ atMs, type: 'output', pid, value }) as const
  const messageEvents = (atMs: number, from: number, to: number, msgId: number) =>
    [
      { atMs, type: 'sent', pid: from, to, msgId, msg: 'm' },
      { atMs: atMs + 2, type: 'received', pid: to, from, incarnation: 'i', msgId, msg: 'm' },
    ] as unknown as readonly [TraceEvent, TraceEvent]
  const [delivered, delivery] = messageEvents(10, 1, 2, 1)
  const [lost] = messageEvents(20, 1, 3, 2)
  const [late, lateDelivery] = messageEvents(30, 1, 3, 3)
  const [other, otherDelivery] = messageEvents(31, 3, 1, 4)
  const [inFlight] = messageEvents(99, 1, 3, 5)
  const tick = { atMs: 40, type: 'timer', pid: 2 } as const
  const idle = { atMs: 41, type: 'timer', pid: 3 } as const
  const fault = { atMs: 60, type: 'fault', fault: 'crash 3' } as const
  const end = outputEvent(100, 2, 'alas')
  const trace = [
    delivered,
    delivery,
    lost,
    late,
    other,
    lateDelivery,
    otherDelivery,
    tick,
    idle,
    fault,
    inFlight,
    end,
  ]

  it('is what came before, by way of messages, and all faults', () => {
    const history = causalHistoryOf(annotate(trace), ({ event }) => event === end)
    expect(history.events).toEqual([delivered, delivery, tick, fault, end])
    expect(history).toMatchObject({ faults: 1, sends: 1, timers: 1 })
  })

  it('and what was lost; not what led elsewhere, or is still under way', () => {
    const more = [...trace.slice(0, -2), ...messageEvents(90, 1, 2, 6), inFlight, end]
    const history = causalHistoryOf(annotate(more), ({ event }) => event === end)
    expect(history.events).toContain(lost)
    expect(history.events).toContain(otherDelivery)
    expect(history.events).not.toContain(late)
    expect(history.events).not.toContain(inFlight)
    expect(history).toMatchObject({ faults: 1, sends: 4, timers: 1 })
  })

  it('is everything where nothing else is known', () => {
    const history = causalHistoryOf(annotate(trace), () => false)
    expect(history.events).toEqual(trace)
    expect(history).toMatchObject({ faults: 1, sends: 5, timers: 2 })
  })
})

describe('a drawing', () => {
  const at = (atMs: number) => ({ atMs })
  const sent = (atMs: number, pid: number, to: number, msgId: number, msg: unknown): TraceEvent =>
    ({ ...at(atMs), type: 'sent', pid, to, msgId, msg }) as TraceEvent
  const received = (atMs: number, from: number, pid: number, msgId: number, msg: unknown) =>
    ({ ...at(atMs), type: 'received', from, pid, incarnation: 'i', msgId, msg }) as TraceEvent
  const violation: Violation = { check: 'quiet', detail: 'too loud', atMs: 405.5 }
  const generated = (events: readonly TraceEvent[], peers = 3): readonly string[] => {
    const plan = { seed: 1, peers, untilMs: 406, faults: [], commands: [] }
    return renderFailure(plan, violation, { events, faults: 0, sends: 0, timers: 0 }).split('\n')
  }

  it('has a letter for each message, where it is sent and where it is received', () => {
    const events = [
      { ...at(2.5), type: 'timer', pid: 1 } as const,
      sent(2.5, 1, 2, 7, 'hello'),
      sent(2.5, 1, 3, 7, 'hello'),
      received(3.5, 1, 2, 7, 'hello'),
      { ...at(3.5), type: 'output', pid: 2, value: { heard: 1n } } as const,
      sent(3.5, 2, 1, 8, 'lost'),
      { ...at(4), type: 'fault', fault: 'partition 1,2|3' } as const,
      { ...at(5), type: 'fault', fault: 'crash 2' } as const,
      { ...at(405), type: 'failed', pid: 3, error: 'no\nmore' } as const,
    ]
    expect(generated(events)).toEqual([
      'network ---   -    de 399ms -#',
      'node 1  --(*a)-    -- 399ms --',
      'node 2  ---   (abc)-e 399ms --',
      'node 3  ---   -    -- 399ms f-',
      'a = 1 to 2, 3: "hello"',
      'b = output {"heard":{"$bigint":"1"}}',
      'c = 2 to 1: "lost"',
      'd = partition 1,2|3',
      'e = crash 2',
      'f = fails: no more',
      '* = a timer fires',
      '# = too loud',
    ])
  })

  it('fits into a terminal: long stories by their end, long messages by their beginning', () => {
    const events = Array.from({ length: 100 }, (_, count) => [
      sent(4 * count, 1, 2, count, 'x'.repeat(500)),
      sent(4 * count, 1, 3, 1_000 + count, `${count}`),
      received(4 * count + 1, 1, 2, count, 'x'.repeat(500)),
    ]).flat()
    const lines = generated(events)
    expect(lines[0]).toBe('… 170 moments before 340 ms are not drawn')
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100)
    expect(lines).toContain('from 340ms on:')
    expect(lines.at(-1)).toBe('# = too loud')
  })

  it('tells a message of one life from that of another', () => {
    const one = sent(1, 1, 2, 1, 'first')
    const other = sent(30, 1, 2, 1, 'second')
    const delivered = [received(2, 1, 2, 1, 'first'), received(31, 1, 2, 1, 'second')]
    expect(
      generated([one, delivered[0] ?? one, other, delivered[1] ?? other], 2).slice(1, 5),
    ).toEqual([
      'node 1  -a- 27ms b- 373ms -',
      'node 2  --a 27ms -b 373ms -',
      'a = 1 to 2: "first"',
      'b = 1 to 2: "second"',
    ])
  })
})

describe('ddmin', () => {
  it('leaves just what is needed, wherever it stands', () => {
    const list = Array.from({ length: 40 }, (_, index) => index)
    for (const needed of [[], [0], [39], [3, 4], [0, 39], [1, 13, 14, 30]]) {
      const fails = (part: readonly number[]): boolean => needed.every((one) => part.includes(one))
      expect(ddmin(list, fails)).toEqual(needed)
    }
  })

  it('leaves nothing that can be left out, where parts depend on each other', () => {
    const fails = (part: readonly number[]): boolean =>
      part.length % 2 === 0 && part.includes(5) && part.length > 3
    const left = ddmin([1, 2, 3, 4, 5, 6, 7, 8], fails)
    expect(fails(left)).toBe(true)
    for (const one of left) expect(fails(left.filter((other) => other !== one))).toBe(false)
  })
})

describe('explore', () => {
  it('finds, shrinks, draws and replays', async () => {
    const { failure, seeds } = await explore({
      scenario: RELAY,
      seeds: 20,
      shrink: FEW_RUNS,
      progress: false,
    })
    expect(seeds).toBe(failure?.seed)
    expect(failure?.shrunk).toEqual({ events: 2, faults: 0, commands: 1, sends: 1, timers: 0 })
    const { seed, untilMs } = failure?.plan ?? {}
    const found = failure?.found.events
    expect(failure?.toString().split('\n')).toEqual([
      'nobody says 3: 2 says 3',
      `seed 1, shrunk from ${found} events to 2: 0 faults, 1 command, 1 send, 0 timers`,
      '',
      // What is said stands where it is said, and where it is heard.
      expect.stringMatching(/^network - .*-   #$/),
      expect.stringMatching(/^node 1  \(ab\) .*-   -$/),
      expect.stringMatching(/^node 2  - .*\(bc\)-$/),
      'a = command say {"value":3}',
      'b = 1 to 2: {"value":3}',
      'c = output {"value":3}',
      '# = 2 says 3',
      '',
      `replay('seed ${seed}; peers 2; until ${untilMs}; 0 command 1 say {"value":3}', scenario)`,
    ])
    const line = /'(.*)'/.exec(failure?.replay ?? '')?.[1] ?? ''
    expect(() => replay(line, RELAY)).toThrow(SimulationError)
    const { checks: _, ...healthy } = RELAY
    expect(replay(line, healthy).violation).toBeUndefined()
  })

  it('shows it as it was found when nobody wants it smaller', async () => {
    const { failure } = await explore({ scenario: RELAY, shrink: false, progress: false })
    expect(failure?.runs).toBe(0)
    expect(failure?.shrunk).toEqual(failure?.found)
    expect(failure?.whole).toEqual(failure?.found)
    expect(failure?.plan.seed).toBe(failure?.seed)
    expect(`${failure}`).toContain(`seed ${failure?.seed}, as found: `)
    expect(() => replay(/'(.*)'/.exec(failure?.replay ?? '')?.[1] ?? '', RELAY)).toThrow(
      'nobody says 3',
    )
  })

  it('never shrinks to another check, however little that one takes', async () => {
    const spoken = (world: World): void => {
      let speaks = false
      world.trace.subscribe(({ type }) => (speaks ||= type === 'output'))
      world.eventually('somebody speaks', 800, () => speaks)
    }
    const checks = (world: World, plan: Plan): void => {
      RELAY.checks?.(world, plan)
      spoken(world)
    }
    const scenario = { ...RELAY, faults: false, checks } as const
    const { failure } = await explore({ scenario, shrink: FEW_RUNS, progress: false })
    expect(failure?.violation.check).toBe('nobody says 3')
    expect(failure?.plan.commands.map(({ args }) => args)).toEqual([{ value: 3 }])
    const nothing = runPlan(scenario, { ...generatePlan(scenario, 1), commands: [] })
    expect(nothing.violation?.check).toBe('somebody speaks')
  })

  it('leaves nothing that could be left out', async () => {
    const scenario = plantedScenario('register', 'a commit of a majority of those within reach')
    const { failure } = await explore({ scenario, shrink: FEW_RUNS, progress: false })
    const { plan, violation } = failure ?? {}
    if (plan === undefined) throw new Error('it is not found any more')
    const items = planEventsOf(plan)
    expect(items.length).toBeGreaterThanOrEqual(2)
    expect(runPlan(scenario, plan).violation).toEqual(violation)
    for (const item of items) {
      const rest = withPlanEvents(
        plan,
        items.filter((one) => one !== item),
      )
      expect(runPlan(scenario, rest).violation?.check).not.toBe(violation?.check)
    }
    for (const less of fewerPeers(plan)) {
      expect(less.peers < 2 || runPlan(scenario, less).violation).not.toEqual(violation)
    }
  })

  it('says what cannot be explored', async () => {
    const given = (options: object): Promise<unknown> =>
      explore({ scenario: RELAY, progress: false, ...options })
    await expect(given({ seeds: 0 })).rejects.toThrow('seeds is a whole number from 1 on')
    await expect(given({ cores: 1.5 })).rejects.toThrow('cores is a whole number from 1 on')
    await expect(given({ firstSeed: NaN })).rejects.toThrow('firstSeed is a whole number, and was')
    await expect(given({ scenario: './trials.js' })).rejects.toThrow(
      `new URL('./trials.js', import.meta.url)); it was given "./trials.js"`,
    )
  })

  it('runs in this thread what worker threads cannot load, and says so', async () => {
    const scenario = new URL('planted/five-nodes.ts', import.meta.url)
    const lines: string[] = []
    const progress = (line: string): void => void lines.push(line)
    const { seeds, cores } = await explore({ scenario, seeds: 16, cores: 2, progress })
    expect(seeds).toBe(16)
    // Where Node strips types, they can.
    const here = cores === 1
    const why = expect.stringMatching(
      /^explore: on one core, since worker threads cannot load it: /,
    )
    expect(lines).toEqual(here ? [why] : [])
  })

  it('lets others have their turn between seeds', async () => {
    let turns = 0
    const ticking = setInterval(() => turns++, 0)
    await explore({ scenario: { ...RELAY, checks: () => undefined }, seeds: 64, progress: false })
    clearInterval(ticking)
    expect(turns).toBeGreaterThan(2)
  })

  it('goes on from a seed, and to the end where nothing fails', async () => {
    const { checks: _, ...healthy } = RELAY
    const lines: string[] = []
    const found = await explore({
      scenario: healthy,
      firstSeed: 100,
      seeds: 20,
      progress: (line) => lines.push(line),
    })
    expect(found).toMatchObject({ seeds: 20 })
    expect(found.failure).toBeUndefined()
    expect(found.events).toBeGreaterThan(20 * found.minEvents - 1)
    expect(found.minFaults).toBeGreaterThanOrEqual(0)
  })

  it('shrinks within its budget, and never to another check', () => {
    const scenario = plantedScenario('register', 'an answer counted twice')
    const generated = Array.from({ length: 200 }, (_, index) => generatePlan(scenario, index + 1))
    const plan = generated.find((one) => runPlan(scenario, one).violation !== undefined)
    if (plan === undefined) throw new Error('it is not found any more')
    const { violation } = runPlan(scenario, plan)
    if (violation === undefined) throw new Error('two runs of one plan differ')
    const options = { runs: 30, seeds: 5, small: 10 }
    const shrunk = shrink(scenario, plan, violation, options)
    expect(shrunk.violation.check).toBe(violation.check)
    expect(shrunk.runs).toBeLessThanOrEqual(30 + 1 + 30)
    expect(shrink(scenario, plan, violation, options).plan).toEqual(shrunk.plan)
  })

  it('tells which plan it was when something else is thrown', async () => {
    const scenario = {
      ...RELAY,
      checks: () => {
        throw new Error('out of order')
      },
    }
    await expect(explore({ scenario, progress: false })).rejects.toThrow(
      /out of order \(with seed 1; peers 2; /,
    )
  })
})

describe('a module, on several cores', () => {
  const PROGRAM = join(ROOT, 'test', 'explore', 'programs', 'explore.js')

  function run(...args: readonly string[]): Promise<Record<string, unknown>> {
    return new Promise((resolve, reject) => {
      execFile(process.execPath, [PROGRAM, ...args], (error, out, err) => {
        if (error === null) resolve(JSON.parse(out) as Record<string, unknown>)
        else reject(new Error(`${error.message}\n${err}`))
      })
    })
  }

  it('finds the same failure as on one', async () => {
    const [two, one] = await Promise.all([run('mortal', '64', '2'), run('mortal', '64', '1')])
    expect(one['failure']).toMatchObject({
      seed: expect.any(Number),
      replay: expect.stringContaining('crash'),
    })
    expect(two['failure']).toEqual(one['failure'])
  })

  it('counts every seed', async () => {
    const [two, one] = await Promise.all([run('default', '40', '2'), run('default', '40', '1')])
    const { seconds: _, cores, ...counts } = one
    expect([cores, two['cores']]).toEqual([1, 2])
    expect(counts).toMatchObject({ seeds: 40 })
    expect(two).toMatchObject(counts)
  })

  it('says what is wrong with a module', async () => {
    const [nothing, absent, thrower, quitter] = await Promise.all([
      run('nothing', '9', '2'),
      run('absent', '9', '2'),
      run('thrower', '16', '2'),
      run('quitter', '16', '2'),
    ])
    expect(nothing['error']).toMatch(
      /trials\.js has no scenario as an export nothing; it exports default, mortal, nothing, quitter/,
    )
    expect(absent['error']).toMatch(/trials\.js has no scenario as an export absent/)
    expect(thrower['error']).toMatch(/^out of order \(with seed/)
    expect(quitter['error']).toMatch(
      /^a worker thread ended with exit code 3 \(in seeds (1 to 8|9 to 16); to run them in this thread: cores: 1, firstSeed: /,
    )
  })
})
