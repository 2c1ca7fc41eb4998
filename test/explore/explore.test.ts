/** Exploring: plans and their text, chaos, shrinking, drawings, and worker threads. */
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
import type { Incarnation } from '../../src/model/envelope.ts'
import { renderFailure } from '../../src/testing/explore/render-failure.ts'
import type { Scenario } from '../../src/testing/explore/scenario.ts'
import { ROOT } from '../guards/sources.ts'
import { SimulationError } from '../../src/testing/simulation/checks/simulation-error.ts'
import { CHAOS_KINDS } from '../../src/testing/explore/chaos-options.ts'
import { chaos } from '../../src/testing/explore/chaos.ts'
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

/** A small failure needs few runs. */
const FEW_RUNS = { runs: 400 }

/** Node 1 sends the value of each command to node 2, which outputs it. */
const RELAY: Scenario = {
  peers: 2,
  untilMs: 1_000,
  recoveryMs: 200,
  faults: { everyMs: 200, durationMs: 100 },
  commands: (random) =>
    [1, 2, 3, 4].map((value) => ({
      atMs: Math.floor(random() * 800),
      pid: 1,
      name: 'send',
      args: { value },
    })),
  protocol: (node, _, commands) => {
    commands.subscribe(({ args }) => node.outbox.next({ pid: 2, msg: args }))
    return node.inbox.pipe(map(({ msg }) => msg))
  },
  checks: (world) =>
    world.check('3 is never output', (trace) =>
      trace.pipe(
        outputs<{ value: number }>(),
        filter(({ value }) => value.value === 3),
        map(({ pid }) => `node ${pid} outputs 3`),
      ),
    ),
}

describe('a plan', () => {
  const SCENARIOS = [
    plantedScenario('election'),
    plantedScenario('lock'),
    { ...RELAY, faults: { kinds: CHAOS_KINDS } },
  ]

  it('is the same after rendering and parsing', () => {
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

  it('carries the characters of its own grammar', () => {
    const plan = {
      ...generateSmallPlan(RELAY, 1),
      commands: [{ atMs: 0.5, pid: 1, name: 'send', args: { text: `a; 'b' "c" \\ \n until 3` } }],
    }
    expect(parsePlan(renderPlan(plan))).toEqual(plan)
  })

  it.each([
    ['seed 1; peers 2', 'the plan has no "until"'],
    ['seed 1; peers 2; until 9; nonsense', 'unknown part of a plan: "nonsense"'],
    ['seed 1; peers 2; until 9; 4 explode 2', 'explode'],
    ['seed 1; peers 2; until 9; 4 command 1 send {', 'invalid JSON in "4 command 1 send {"'],
  ])('%s is invalid: %s', (line, message) => {
    expect(() => parsePlan(line)).toThrow(message)
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

  it('is in the order of time, and ends in time', () => {
    for (const faults of generated) {
      const moments = faults.map(({ atMs }) => atMs)
      expect(moments).toEqual(moments.toSorted((a, b) => a - b))
      expect(moments.at(-1)).toBeLessThanOrEqual(20_000)
    }
  })

  it('ends every fault that lasts', () => {
    const ends: Partial<Record<Fault['type'], Fault['type']>> = {
      crash: 'restart',
      pause: 'resume',
      cut: 'restore',
    }
    for (const faults of generated) {
      for (const [begin, end] of Object.entries(ends)) {
        const count = (type: string): number =>
          faults.filter(({ fault }) => fault.type === type).length
        // A process that dies while it is paused need not be resumed.
        if (begin === 'pause') expect(count(end)).toBeGreaterThanOrEqual(count(begin))
        else expect(count(end)).toBe(count(begin))
      }
    }
  })

  it('has every kind of fault, over many seeds', () => {
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

describe('a mutated plan', () => {
  const random = seededRandom(1)
  const generated = Array.from({ length: 20 }, (_, seed) =>
    generatePlan(plantedScenario('lock'), seed),
  )
  const pairs = generated.flatMap((plan) =>
    Array.from({ length: 50 }, () => [plan, mutatePlan(random, plan, 3)] as const),
  )

  it('never has more events, and keeps the time to recover', () => {
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

  it('differs in its seed, its times, its size', () => {
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

describe('a truncated plan', () => {
  const line =
    'seed 1; peers 2; until 900; healed 500; 100 crash 2; 300 restart 2; 700 command 1 send 3'
  const violation = (atMs: number): Violation => ({ check: 'it', detail: '', atMs })
  const text = (atMs: number): string =>
    renderPlan(truncateAtViolation(parsePlan(line), violation(atMs)))

  it('ends with its violation, if it was not healed before', () => {
    expect(text(250.5)).toBe('seed 1; peers 2; until 251; 100 crash 2')
    expect(text(300)).toBe('seed 1; peers 2; until 300; 100 crash 2; 300 restart 2')
  })

  it('keeps the time to recover, if it was healed before', () => {
    const healed = 'seed 1; peers 2; until 900; healed 500; 100 crash 2; 300 restart 2'
    expect(text(500)).toBe(healed)
    expect(text(600)).toBe(healed)
    expect(text(900)).toBe(`${healed}; 700 command 1 send 3`)
  })
})

describe('the causal history of a violation', () => {
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
  const end = outputEvent(100, 2, 'wrong')
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

  it('contains what happened before, across messages, and all faults', () => {
    const history = causalHistoryOf(annotate(trace), ({ event }) => event === end)
    expect(history.events).toEqual([delivered, delivery, tick, fault, end])
    expect(history).toMatchObject({ faults: 1, sends: 1, timers: 1 })
  })

  it('contains lost messages, but not those in flight or to other nodes', () => {
    const more = [...trace.slice(0, -2), ...messageEvents(90, 1, 2, 6), inFlight, end]
    const history = causalHistoryOf(annotate(more), ({ event }) => event === end)
    expect(history.events).toContain(lost)
    expect(history.events).toContain(otherDelivery)
    expect(history.events).not.toContain(late)
    expect(history.events).not.toContain(inFlight)
    expect(history).toMatchObject({ faults: 1, sends: 4, timers: 1 })
  })

  it('is the whole trace without a root event', () => {
    const history = causalHistoryOf(annotate(trace), () => false)
    expect(history.events).toEqual(trace)
    expect(history).toMatchObject({ faults: 1, sends: 5, timers: 2 })
  })
})

describe('a drawing', () => {
  it('shows headers and error replies', () => {
    const ID = '00000000000000ab' as Incarnation
    const headers = { trace: '1' }
    const stamp = { atMs: 1, type: 'sent', pid: 1, to: 2, msgId: 7 } as const
    const error = { code: 'FULL', message: '' }
    const events: readonly TraceEvent[] = [
      { ...stamp, headers, msg: 'hi' },
      { ...stamp, msg: 'hi' },
      { ...stamp, re: 5, error, msg: undefined },
      { atMs: 2, type: 'received', pid: 2, from: 1, incarnation: ID, msgId: 7, headers, msg: 'hi' },
    ]
    const plan = { seed: 1, peers: 2, untilMs: 9, faults: [], commands: [] }
    const history = { events, faults: 0, sends: 0, timers: 0 }
    const lines = renderFailure(plan, { check: 'c', detail: 'd', atMs: 3 }, history).split('\n')
    expect(lines.filter((line) => / = |node 2/.test(line))).toEqual([
      'node 2  --    a-',
      'a = 1 to 2: "hi" with {"trace":"1"}',
      'b = 1 to 2: "hi"',
      'c = 1 to 2: error {"code":"FULL","message":""}',
      '# = d',
    ])
  })

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
      { ...at(3.5), type: 'output', pid: 2, value: { got: 1n } } as const,
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
      'b = output {"got":{"$bigint":"1"}}',
      'c = 2 to 1: "lost"',
      'd = partition 1,2|3',
      'e = crash 2',
      'f = fails: no more',
      '* = a timer fires',
      '# = too loud',
    ])
  })

  it('shows the end of a long failure, and the beginning of a long message', () => {
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

  it('distinguishes equal msgIds of two incarnations', () => {
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
  it('keeps just the needed items, at any position', () => {
    const list = Array.from({ length: 40 }, (_, index) => index)
    for (const needed of [[], [0], [39], [3, 4], [0, 39], [1, 13, 14, 30]]) {
      const fails = (part: readonly number[]): boolean => needed.every((one) => part.includes(one))
      expect(ddmin(list, fails)).toEqual(needed)
    }
  })

  it('keeps no item that can be removed, even if items depend on each other', () => {
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
      '3 is never output: node 2 outputs 3',
      `seed 1, shrunk from ${found} events to 2: 0 faults, 1 command, 1 send, 0 timers`,
      '',
      // b and c are in one millisecond: node 2 outputs what it receives.
      expect.stringMatching(/^network - .*-   #$/),
      expect.stringMatching(/^node 1  \(ab\) .*-   -$/),
      expect.stringMatching(/^node 2  - .*\(bc\)-$/),
      'a = command send {"value":3}',
      'b = 1 to 2: {"value":3}',
      'c = output {"value":3}',
      '# = node 2 outputs 3',
      '',
      `replay('seed ${seed}; peers 2; until ${untilMs}; 0 command 1 send {"value":3}', scenario)`,
    ])
    const line = /'(.*)'/.exec(failure?.replay ?? '')?.[1] ?? ''
    expect(() => replay(line, RELAY)).toThrow(SimulationError)
    const { checks: _, ...healthy } = RELAY
    expect(replay(line, healthy).violation).toBeUndefined()
  })

  it('shows a failure as found, if shrinking is off', async () => {
    const { failure } = await explore({ scenario: RELAY, shrink: false, progress: false })
    expect(failure?.runs).toBe(0)
    expect(failure?.shrunk).toEqual(failure?.found)
    expect(failure?.whole).toEqual(failure?.found)
    expect(failure?.plan.seed).toBe(failure?.seed)
    expect(`${failure}`).toContain(`seed ${failure?.seed}, as found: `)
    expect(() => replay(/'(.*)'/.exec(failure?.replay ?? '')?.[1] ?? '', RELAY)).toThrow(
      '3 is never output',
    )
  })

  it('never shrinks to another check, even if that one fails in a smaller plan', async () => {
    const expectOutput = (world: World): void => {
      let hasOutput = false
      world.trace.subscribe(({ type }) => (hasOutput ||= type === 'output'))
      world.eventually('a node has an output', 800, () => hasOutput)
    }
    const checks = (world: World, plan: Plan): void => {
      RELAY.checks?.(world, plan)
      expectOutput(world)
    }
    const scenario = { ...RELAY, faults: false, checks } as const
    const { failure } = await explore({ scenario, shrink: FEW_RUNS, progress: false })
    expect(failure?.violation.check).toBe('3 is never output')
    expect(failure?.plan.commands.map(({ args }) => args)).toEqual([{ value: 3 }])
    const nothing = runPlan(scenario, { ...generatePlan(scenario, 1), commands: [] })
    expect(nothing.violation?.check).toBe('a node has an output')
  })

  it('keeps no event and no node that can be removed', async () => {
    const conditions = { delay: { kind: 'fixed', ms: 1 } } as const
    const planted = plantedScenario('register', 'a commit by a majority of the reachable nodes')
    const scenario = { ...planted, conditions }
    const { failure } = await explore({ scenario, shrink: FEW_RUNS, progress: false })
    const { plan, violation } = failure ?? {}
    if (plan === undefined) throw new Error('the planted bug was not found')
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

  it('rejects invalid options', async () => {
    const given = (options: object): Promise<unknown> =>
      explore({ scenario: RELAY, progress: false, ...options })
    await expect(given({ seeds: 0 })).rejects.toThrow('seeds: expected an integer of at least 1')
    await expect(given({ cores: 1.5 })).rejects.toThrow('cores: expected an integer of at least 1')
    await expect(given({ firstSeed: NaN })).rejects.toThrow('firstSeed: expected an integer')
    await expect(given({ scenario: './trials.js' })).rejects.toThrow(
      `new URL('./trials.js', import.meta.url)), got "./trials.js"`,
    )
  })

  it('runs in this thread, and reports it, if worker threads cannot import the module', async () => {
    const scenario = new URL('planted/five-nodes.ts', import.meta.url)
    const lines: string[] = []
    const progress = (line: string): void => void lines.push(line)
    const { seeds, cores } = await explore({ scenario, seeds: 16, cores: 2, progress })
    expect(seeds).toBe(16)
    // From Node 22.18 on, workers can import TypeScript.
    const isFallback = cores === 1
    const reason = expect.stringMatching(
      /^explore: runs on one core, since worker threads cannot import it: /,
    )
    // A slow machine reports its progress, too.
    const reasons = lines.filter((line) => !line.includes(' of 16 seeds'))
    expect(reasons).toEqual(isFallback ? [reason] : [])
  })

  it('yields to other tasks between seeds', async () => {
    let ticks = 0
    const ticker = setInterval(() => ticks++, 0)
    await explore({ scenario: { ...RELAY, checks: () => undefined }, seeds: 64, progress: false })
    clearInterval(ticker)
    expect(ticks).toBeGreaterThan(2)
  })

  it('starts at firstSeed, and runs all seeds if none fails', async () => {
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

  it('shrinks within its budget, and always the same way', () => {
    const scenario = plantedScenario('register', 'a reply counted twice')
    const generated = Array.from({ length: 200 }, (_, index) => generatePlan(scenario, index + 1))
    const plan = generated.find((one) => runPlan(scenario, one).violation !== undefined)
    if (plan === undefined) throw new Error('the planted bug was not found')
    const { violation } = runPlan(scenario, plan)
    if (violation === undefined) throw new Error('two runs of one plan differ')
    const options = { runs: 30, seeds: 5, small: 10 }
    const shrunk = shrink(scenario, plan, violation, options)
    expect(shrunk.violation.check).toBe(violation.check)
    expect(shrunk.runs).toBeLessThanOrEqual(30 + 1 + 30)
    expect(shrink(scenario, plan, violation, options).plan).toEqual(shrunk.plan)
  })

  it('names the plan if anything but a violation is thrown', async () => {
    const scenario = {
      ...RELAY,
      checks: () => {
        throw new Error('out of order')
      },
    }
    await expect(explore({ scenario, progress: false })).rejects.toThrow(
      /out of order \(at 0 ms, seed 1\) \(with seed 1; peers 2; /,
    )
  })
})

describe('a module on several cores', () => {
  const PROGRAM = join(ROOT, 'test', 'explore', 'programs', 'explore.js')

  function run(...args: readonly string[]): Promise<Record<string, unknown>> {
    return new Promise((resolve, reject) => {
      execFile(process.execPath, [PROGRAM, ...args], (error, out, err) => {
        if (error === null) resolve(JSON.parse(out) as Record<string, unknown>)
        else reject(new Error(`${error.message}\n${err}`))
      })
    })
  }

  it('finds the same failure as on one core', async () => {
    const [two, one] = await Promise.all([run('crashing', '64', '2'), run('crashing', '64', '1')])
    expect(one['failure']).toMatchObject({
      seed: expect.any(Number),
      replay: expect.stringContaining('crash'),
    })
    expect(two['failure']).toEqual(one['failure'])
  })

  it('counts every seed once', async () => {
    const [two, one] = await Promise.all([run('default', '40', '2'), run('default', '40', '1')])
    const { seconds: _, cores, ...counts } = one
    expect([cores, two['cores']]).toEqual([1, 2])
    expect(counts).toMatchObject({ seeds: 40 })
    expect(two).toMatchObject(counts)
  })

  it('reports what is wrong with a module', async () => {
    const [nothing, absent, throwing, exiting] = await Promise.all([
      run('nothing', '9', '2'),
      run('absent', '9', '2'),
      run('throwing', '16', '2'),
      run('exiting', '16', '2'),
    ])
    expect(nothing['error']).toMatch(
      /trials\.js has no scenario as an export nothing; it exports crashing, default, exiting, nothing/,
    )
    expect(absent['error']).toMatch(/trials\.js has no scenario as an export absent/)
    expect(throwing['error']).toMatch(/^out of order \(at 0 ms, seed \d+\) \(with seed/)
    expect(exiting['error']).toMatch(
      /^a worker thread ended with exit code 3 \(in seeds (1 to 8|9 to 16); to run them in this thread: cores: 1, firstSeed: /,
    )
  })
})
