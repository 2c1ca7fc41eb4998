/** Runs a plan: one simulation, and what came of it. */
import { type Observable, Subject, filter, isObservable, takeUntil } from 'rxjs'
import type { PlanCommand, Plan } from './plan.ts'
import type { Fault } from '../fault.ts'
import type { Pid } from '../../model/pid.ts'
import type { Protocol, Violation, World } from '../world.ts'
import type { Scenario } from './scenario.ts'
import type { TraceEvent } from '../../model/trace-event.ts'
import { SimulationError } from '../simulation-error.ts'
import { simulate } from '../simulate.ts'

/** What came of a plan. */
export interface Run {
  readonly plan: Plan
  readonly violation: Violation | undefined
  /** Empty unless it was asked for. */
  readonly trace: readonly TraceEvent[]
  readonly events: number
  readonly faults: number
}

/** What else is wanted of a run. */
export interface RunOptions {
  readonly keepTrace?: boolean
  /** Outputs that no check gets to see, as `outputName` names them. */
  readonly muted?: ReadonlySet<string>
}

/** Names an output: the so many-th of one life of a process, counted from 0. */
export function outputName(pid: Pid, life: number, index: number): string {
  return `${pid} ${life} ${index}`
}

/** Runs a plan, to its end or to the first check that does not hold. */
export function runPlan(scenario: Scenario, plan: Plan, options: RunOptions = {}): Run {
  const { limits, conditions } = scenario
  const trace: TraceEvent[] = []
  let events = 0
  let faults = 0
  const told = new Told()
  const body = (world: World): void => {
    world.trace.subscribe((event) => {
      events++
      if (event.type === 'fault') faults++
      if (options.keepTrace === true) trace.push(event)
    })
    let endMs = plan.untilMs
    const late = (atMs: number): void => void (endMs = Math.max(endMs, atMs))
    scenario.checks?.(watched(world, late), plan)
    const trouble = new Trouble(world, told)
    const inTime = ({ atMs }: { readonly atMs: number }): boolean => atMs <= plan.untilMs
    for (const { atMs, fault } of plan.faults.filter(inTime)) {
      world.at(atMs, () => trouble.begin(fault))
    }
    for (const command of plan.commands.filter(inTime)) {
      world.at(command.atMs, () => told.tell(world, command))
    }
    const { healedMs } = plan
    if (healedMs !== undefined) world.at(healedMs, () => trouble.end())
    world.run(plan.untilMs)
    // What is still hoped for needs processes that run.
    world.run(Math.max(0, endMs - plan.untilMs))
    told.end()
  }
  let violation: Violation | undefined
  try {
    simulate(
      {
        seed: plan.seed,
        peers: plan.peers,
        protocol: toldProtocol(scenario, told, options.muted),
        ...(limits === undefined ? {} : { limits }),
        ...(conditions === undefined ? {} : { conditions }),
      },
      body,
    )
  } catch (error) {
    if (!(error instanceof SimulationError)) throw error
    violation = error.violation
  }
  return { plan, violation, trace, events, faults }
}

/** The protocol, with the plan's commands; without what is muted. */
function toldProtocol(
  scenario: Scenario,
  told: Told,
  muted: ReadonlySet<string> | undefined,
): Protocol {
  return (node, local) => {
    const said = scenario.protocol(node, local, told.listen(local.pid))
    if (!isObservable(said)) {
      told.ended.subscribe(() => said?.unsubscribe())
      return said
    }
    const outputs: Observable<unknown> = said
    return outputs.pipe(
      takeUntil(told.ended),
      filter((_, index) => muted?.has(outputName(local.pid, local.life, index)) !== true),
    )
  }
}

/** A world that tells until when something may come to be. */
function watched(world: World, tell: (atMs: number) => void): World {
  return new Proxy(world, {
    get: (target, key) => {
      if (key === 'eventually') {
        return (name: string, withinMs: number, holds: (world: World) => boolean): void => {
          tell(target.nowMs + withinMs)
          target.eventually(name, withinMs, holds)
        }
      }
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

/** Who is told what. A paused process hears it when it is resumed, a dead one never. */
class Told {
  /** The plan is done: nobody runs a protocol any more. */
  readonly ended = new Subject<void>()
  readonly #ears = new Map<Pid, Subject<PlanCommand>>()
  readonly #waiting = new Map<Pid, PlanCommand[]>()

  listen(pid: Pid): Observable<PlanCommand> {
    const ear = new Subject<PlanCommand>()
    this.#ears.set(pid, ear)
    return ear
  }

  tell(world: World, command: PlanCommand): void {
    const { pid } = command
    const waiting = this.#waiting.get(pid)
    if (waiting !== undefined) waiting.push(command)
    else if (pid <= world.pids.length && world.alive(pid)) {
      world.as(pid, () => this.#ears.get(pid)?.next(command))
    }
  }

  end(): void {
    this.ended.next()
  }

  paused(pid: Pid): boolean {
    return this.#waiting.has(pid)
  }

  pause(pid: Pid): void {
    this.#waiting.set(pid, [])
  }

  resume(world: World, pid: Pid): void {
    const waiting = this.#waiting.get(pid) ?? []
    this.#waiting.delete(pid)
    for (const command of waiting) this.tell(world, command)
  }
}

/** Faults that make sense as things are: a part of a plan is a plan, too. */
class Trouble {
  readonly #world: World
  readonly #told: Told
  readonly #skewed = new Set<Pid>()
  #network = false

  constructor(world: World, told: Told) {
    this.#world = world
    this.#told = told
  }

  begin(fault: Fault): void {
    const world = this.#world
    const told = this.#told
    switch (fault.type) {
      case 'crash':
        if (!world.alive(fault.pid)) return
        world.inject(fault)
        // Of what it was told while it was paused it knows nothing.
        if (told.paused(fault.pid)) told.resume(world, fault.pid)
        return
      case 'restart':
        if (!world.alive(fault.pid)) world.inject(fault)
        return
      case 'pause':
        if (!world.alive(fault.pid) || told.paused(fault.pid)) return
        world.inject(fault)
        told.pause(fault.pid)
        return
      case 'resume':
        if (!told.paused(fault.pid)) return
        world.inject(fault)
        told.resume(world, fault.pid)
        return
      case 'skew':
        if (fault.rate === 1) this.#skewed.delete(fault.pid)
        else this.#skewed.add(fault.pid)
        world.inject(fault)
        return
      case 'heal':
        if (this.#network) world.inject(fault)
        this.#network = false
        return
      default:
        this.#network ||= fault.type !== 'reset'
        world.inject(fault)
    }
  }

  /** All is well again. */
  end(): void {
    this.begin({ type: 'heal' })
    for (const pid of this.#world.pids) {
      this.begin({ type: 'resume', pid })
      this.begin({ type: 'restart', pid })
      if (this.#skewed.has(pid)) this.begin({ type: 'skew', pid, rate: 1, offsetMs: 0 })
    }
  }
}
