/** Runs a plan in a simulation, up to its end or its first violation. */
import { type Observable, Subject, filter, isObservable, takeUntil } from 'rxjs'
import type { PlanCommand, Plan } from './plan.ts'
import type { Fault } from '../simulation/faults/fault.ts'
import type { Pid } from '../../model/pid.ts'
import type { Protocol, Violation, World } from '../simulation/world.ts'
import type { Scenario } from './scenario.ts'
import type { TraceEvent } from '../../recording/trace-event.ts'
import { SimulationError } from '../simulation/checks/simulation-error.ts'
import { simulate } from '../simulation/simulate.ts'

/** The result of running a plan. */
export interface PlanRun {
  readonly plan: Plan
  readonly violation: Violation | undefined
  /** Empty unless `keepTrace` is set. */
  readonly trace: readonly TraceEvent[]
  readonly events: number
  readonly faults: number
}

/** Options of `runPlan`. */
export interface PlanRunOptions {
  readonly keepTrace?: boolean
  /** Names of outputs that are hidden from the checks; see `outputName`. */
  readonly hiddenOutputs?: ReadonlySet<string>
}

/** Names an output by its process, that process's restarts, and its index there (from 0). */
export function outputName(pid: Pid, restarts: number, index: number): string {
  return `${pid} ${restarts} ${index}`
}

/** Runs a plan to its end, or to the first check that does not hold. */
export function runPlan(scenario: Scenario, plan: Plan, options: PlanRunOptions = {}): PlanRun {
  const { limits } = scenario
  const { delay } = plan
  const conditions = { ...scenario.conditions, ...(delay === undefined ? {} : { delay }) }
  const trace: TraceEvent[] = []
  let events = 0
  let faults = 0
  const commandBus = new CommandBus()
  const body = (world: World): void => {
    world.trace.subscribe((event) => {
      events++
      if (event.type === 'fault') faults++
      if (options.keepTrace === true) trace.push(event)
    })
    let endMs = plan.untilMs
    const extendTo = (atMs: number): void => void (endMs = Math.max(endMs, atMs))
    scenario.checks?.(trackDeadlines(world, extendTo), plan)
    const injector = new FaultInjector(world, commandBus)
    const inTime = ({ atMs }: { readonly atMs: number }): boolean => atMs <= plan.untilMs
    for (const { atMs, fault } of plan.faults.filter(inTime)) {
      world.at(atMs, () => injector.inject(fault))
    }
    for (const command of plan.commands.filter(inTime)) {
      world.at(command.atMs, () => commandBus.send(world, command))
    }
    const { healedMs } = plan
    if (healedMs !== undefined) world.at(healedMs, () => injector.healAll())
    world.run(plan.untilMs)
    // Deadlines of `eventually` may end after the plan: the processes still have to run.
    world.run(Math.max(0, endMs - plan.untilMs))
    commandBus.complete()
  }
  let violation: Violation | undefined
  try {
    simulate(
      {
        seed: plan.seed,
        peers: plan.peers,
        protocol: withCommands(scenario, commandBus, options.hiddenOutputs),
        ...(limits === undefined ? {} : { limits }),
        conditions,
      },
      body,
    )
  } catch (error) {
    if (!(error instanceof SimulationError)) throw error
    violation = error.violation
  }
  return { plan, violation, trace, events, faults }
}

/** Returns the protocol with the plan's commands, and without its hidden outputs. */
function withCommands(
  scenario: Scenario,
  commandBus: CommandBus,
  hiddenOutputs: ReadonlySet<string> | undefined,
): Protocol {
  return (node, local) => {
    const result = scenario.protocol(node, local, commandBus.commandsFor(local.pid))
    if (!isObservable(result)) {
      commandBus.ended.subscribe(() => result?.unsubscribe())
      return result
    }
    const outputs: Observable<unknown> = result
    return outputs.pipe(
      takeUntil(commandBus.ended),
      filter(
        (_, index) => hiddenOutputs?.has(outputName(local.pid, local.restarts, index)) !== true,
      ),
    )
  }
}

/** Returns the world, and reports the deadline of each `eventually`. */
function trackDeadlines(world: World, onDeadline: (atMs: number) => void): World {
  return new Proxy(world, {
    get: (target, key) => {
      if (key === 'eventually') {
        return (name: string, withinMs: number, holds: (world: World) => boolean): void => {
          onDeadline(target.nowMs + withinMs)
          target.eventually(name, withinMs, holds)
        }
      }
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

/**
 * Delivers commands to processes. A paused process gets its commands when it resumes; those of a
 * dead process are dropped.
 */
class CommandBus {
  /** Emits at the end of the plan, to unsubscribe the protocols. */
  readonly ended = new Subject<void>()
  readonly #subjects = new Map<Pid, Subject<PlanCommand>>()
  readonly #queued = new Map<Pid, PlanCommand[]>()

  commandsFor(pid: Pid): Observable<PlanCommand> {
    const subject = new Subject<PlanCommand>()
    this.#subjects.set(pid, subject)
    return subject
  }

  send(world: World, command: PlanCommand): void {
    const { pid } = command
    const queued = this.#queued.get(pid)
    if (queued !== undefined) queued.push(command)
    else if (pid <= world.pids.length && world.alive(pid)) {
      world.as(pid, () => this.#subjects.get(pid)?.next(command))
    }
  }

  complete(): void {
    this.ended.next()
  }

  isPaused(pid: Pid): boolean {
    return this.#queued.has(pid)
  }

  pause(pid: Pid): void {
    this.#queued.set(pid, [])
  }

  resume(world: World, pid: Pid): void {
    const queued = this.#queued.get(pid) ?? []
    this.#queued.delete(pid)
    for (const command of queued) this.send(world, command)
  }
}

/** Skips faults that make no sense in the current state: any subset of a plan must run. */
class FaultInjector {
  readonly #world: World
  readonly #commandBus: CommandBus
  readonly #skewed = new Set<Pid>()
  #networkFaulty = false

  constructor(world: World, commandBus: CommandBus) {
    this.#world = world
    this.#commandBus = commandBus
  }

  inject(fault: Fault): void {
    const world = this.#world
    const commandBus = this.#commandBus
    switch (fault.type) {
      case 'crash':
        if (!world.alive(fault.pid)) return
        world.inject(fault)
        // Drops the commands that were queued during the pause.
        if (commandBus.isPaused(fault.pid)) commandBus.resume(world, fault.pid)
        return
      case 'restart':
        if (!world.alive(fault.pid)) world.inject(fault)
        return
      case 'pause':
        if (!world.alive(fault.pid) || commandBus.isPaused(fault.pid)) return
        world.inject(fault)
        commandBus.pause(fault.pid)
        return
      case 'resume':
        if (!commandBus.isPaused(fault.pid)) return
        world.inject(fault)
        commandBus.resume(world, fault.pid)
        return
      case 'skew':
        if (!world.alive(fault.pid)) return
        if (fault.rate === 1) this.#skewed.delete(fault.pid)
        else this.#skewed.add(fault.pid)
        world.inject(fault)
        return
      case 'heal':
        if (this.#networkFaulty) world.inject(fault)
        this.#networkFaulty = false
        return
      default:
        this.#networkFaulty ||= fault.type !== 'reset'
        world.inject(fault)
    }
  }

  /** Heals the network, resumes and restarts all processes, and resets their clocks. */
  healAll(): void {
    this.inject({ type: 'heal' })
    for (const pid of this.#world.pids) {
      this.inject({ type: 'resume', pid })
      this.inject({ type: 'restart', pid })
      if (this.#skewed.has(pid)) this.inject({ type: 'skew', pid, rate: 1, offsetMs: 0 })
    }
  }
}
