/** Shrinks a failure: finds a plan with fewer events under which the same check fails. */
import {
  type AnnotatedEvent,
  type CausalHistory,
  annotate,
  causalHistoryOf,
} from './causal-history.ts'
import type { Plan } from './plan.ts'
import { type PlanRun, runPlan } from './run-plan.ts'
import type { Scenario } from './scenario.ts'
import type { Violation } from '../simulation/world.ts'
import { ddmin } from './ddmin.ts'
import { generateSmallPlan } from './generate-plan.ts'
import {
  truncateAtViolation,
  compressTime,
  earlierRounds,
  fewerPeers,
  planEventsOf,
  roundTimes,
  simplifyFaults,
  withPlanEvents,
} from './smaller-plans.ts'
import { renderPlan } from './plan.ts'
import { mutatePlan } from './mutate-plan.ts'
import { seededRandom } from '../../base/seeded-random.ts'

/** How much work is spent on shrinking: more runs take longer, and give a smaller failure. */
export interface ShrinkOptions {
  /** Maximum number of runs. Default: 2,000. */
  readonly runs?: number | undefined
  /** Number of other seeds that are tried with a reduced plan. Default: 40. */
  readonly seeds?: number | undefined
  /** Number of small plans that are generated as other starting points. Default: 200. */
  readonly small?: number | undefined
}

/** A shrunk failure. */
export interface ShrinkResult {
  readonly plan: Plan
  readonly violation: Violation
  readonly run: PlanRun
  readonly history: CausalHistory
  /** Number of runs that it took. */
  readonly runs: number
}

/** Shrinks a plan under which a check fails, always to a violation of the same check. */
export function shrink(
  scenario: Scenario,
  plan: Plan,
  violation: Violation,
  options: ShrinkOptions = {},
): ShrinkResult {
  const shrinker = new Shrinker(scenario, violation.check, options)
  return shrinker.shrink(plan)
}

/** Number of failures that are shrunk: the cheapest start does not always end smallest. */
const STARTS_MAX = 3
/** The search ends after this many steps (plus the cost) without an improvement. */
const IDLE_STEPS_MAX = 300
/** Number of additional runs for polishing, and to find out which outputs matter. */
const POLISH_RUNS_MAX = 500

/** A run that violates the check, and its causal history. */
interface FailingRun {
  readonly run: PlanRun
  readonly violation: Violation
  readonly annotatedEvents: readonly AnnotatedEvent[]
  readonly history: CausalHistory
  /** The whole trace up to the violation. */
  readonly fullHistory: CausalHistory
}

class Shrinker {
  readonly #scenario: Scenario
  readonly #check: string
  readonly #seeds: number
  readonly #smallPlans: number
  readonly #budget: number
  #runsLeft: number
  #runs = 0
  readonly #cache = new Map<string, FailingRun | undefined>()
  /** Patterns of the outputs that the check needs to fail. Undefined: not known yet. */
  #patterns: ReadonlySet<string> | undefined

  constructor(scenario: Scenario, check: string, options: ShrinkOptions) {
    const { runs = 2_000, seeds = 40, small = 200 } = options
    this.#scenario = scenario
    this.#check = check
    this.#smallPlans = small
    this.#seeds = seeds
    this.#budget = runs
    this.#runsLeft = runs
  }

  shrink(plan: Plan): ShrinkResult {
    const original = this.#run(plan)
    if (original === undefined)
      throw new Error('cannot shrink a plan under which the check does not fail')
    this.#patterns = this.#neededPatterns(original)
    const starts = this.#starts(original)
    let budget = this.#runsLeft
    let best: FailingRun | undefined
    for (const [index, start] of starts.entries()) {
      // Each start gets its share of the budget, plus what earlier ones did not use.
      const budgetShare = Math.max(1, Math.floor(budget / (starts.length - index)))
      this.#runsLeft = budgetShare
      const candidate = this.#search(this.#minimize(start))
      if (best === undefined || cost(candidate) < cost(best)) best = candidate
      budget -= budgetShare - this.#runsLeft
    }
    const polished = this.#polish(best as FailingRun)
    // The history of the outputs that the check needs, and of no others.
    const roots = this.#neededOutputs(polished)
    const { run, violation } = polished
    return {
      plan: run.plan,
      violation,
      run,
      history: this.#historyOf(polished, roots),
      runs: this.#runs,
    }
  }

  /** Applies each reduction until none helps. */
  #minimize(start: FailingRun): FailingRun {
    let best = this.#fewerEvents(start)
    for (let improved = true; improved && this.#runsLeft > 0;) {
      const previous = best
      best = this.#fewerPeers(best)
      best = this.#improve(best, compressTime)
      best = this.#improve(best, (plan, { trace }) => earlierRounds(plan, trace))
      best = this.#otherSeed(best)
      best = this.#fewerEvents(best)
      best = this.#improve(best, simplifyFaults)
      improved = cost(best) < cost(previous)
    }
    return best
  }

  /** Random search: accepts every mutation that does not cost more. */
  #search(start: FailingRun): FailingRun {
    const random = seededRandom(start.run.plan.seed)
    const minPeers = this.#scenario.minPeers ?? 2
    let best = start
    for (let steps = 0; this.#runsLeft > 0 && steps < IDLE_STEPS_MAX + cost(best); steps++) {
      const failing = this.#run(mutatePlan(random, best.run.plan, minPeers))
      if (failing === undefined || cost(failing) > cost(best)) continue
      if (cost(failing) < cost(best)) steps = 0
      best = failing
    }
    return best
  }

  /** Removes what is left to remove, then rounds the times. */
  #polish(best: FailingRun): FailingRun {
    this.#runsLeft += Math.min(POLISH_RUNS_MAX, this.#budget)
    return this.#improve(this.#improve(this.#fewerEvents(best), compressTime), roundTimes)
  }

  /** Runs a plan. Returns undefined if the check does not fail, or the budget is spent. */
  #run(plan: Plan, hidden?: ReadonlySet<string>): FailingRun | undefined {
    const key = hidden === undefined ? renderPlan(plan) : undefined
    if (key !== undefined && this.#cache.has(key)) return this.#cache.get(key)
    if (this.#runsLeft <= 0) return undefined
    this.#runsLeft--
    this.#runs++
    const run = this.#tryRun(plan, hidden)
    const violation = run?.violation
    let failing: FailingRun | undefined
    if (run !== undefined && violation?.check === this.#check) {
      const annotatedEvents = annotate(run.trace)
      const patterns = this.#patterns
      const isRoot = ({ pattern }: AnnotatedEvent): boolean =>
        pattern !== undefined && patterns?.has(pattern) !== false
      const history = causalHistoryOf(annotatedEvents, isRoot)
      const fullHistory = causalHistoryOf(annotatedEvents, () => false)
      failing = {
        run: { ...run, plan: truncateAtViolation(plan, violation) },
        violation,
        annotatedEvents,
        history,
        fullHistory,
      }
    }
    if (key !== undefined) this.#cache.set(key, failing)
    return failing
  }

  /** Returns undefined if the run throws: a check may, for a smaller plan or hidden outputs. */
  #tryRun(plan: Plan, hidden: ReadonlySet<string> | undefined): PlanRun | undefined {
    try {
      return runPlan(this.#scenario, plan, {
        keepTrace: true,
        ...(hidden === undefined ? {} : { hiddenOutputs: hidden }),
      })
    } catch {
      return undefined
    }
  }

  /** Returns the cheapest failures to start from: small plans often fail as they are generated. */
  #starts(original: FailingRun): readonly FailingRun[] {
    const starts = [original]
    for (let seed = 1; seed <= this.#smallPlans; seed++) {
      const failing = this.#run(generateSmallPlan(this.#scenario, seed))
      if (failing !== undefined) starts.push(failing)
    }
    return starts.toSorted((a, b) => cost(a) - cost(b)).slice(0, STARTS_MAX)
  }

  #fewerEvents(best: FailingRun): FailingRun {
    const { plan } = best.run
    let smallest = best
    ddmin(planEventsOf(plan), (subset) => {
      const failing = this.#run(withPlanEvents(plan, subset))
      if (failing !== undefined) smallest = failing
      return failing !== undefined
    })
    return smallest
  }

  #fewerPeers(best: FailingRun): FailingRun {
    const { peers } = best.run.plan
    if (peers <= (this.#scenario.minPeers ?? 2)) return best
    for (const plan of fewerPeers(best.run.plan)) {
      const failing = this.#run(plan)
      if (failing !== undefined) return this.#fewerPeers(this.#fewerEvents(failing))
    }
    return best
  }

  /** Takes the first candidate that does not cost more, and repeats with its candidates. */
  #improve(best: FailingRun, candidates: (plan: Plan, run: PlanRun) => Iterable<Plan>): FailingRun {
    for (const plan of candidates(best.run.plan, best.run)) {
      if (this.#runsLeft <= 0) return best
      const failing = this.#run(plan)
      if (failing !== undefined && cost(failing) <= cost(best)) {
        return this.#improve(failing, candidates)
      }
    }
    return best
  }

  #otherSeed(best: FailingRun): FailingRun {
    let cheapest = best
    for (let seed = 1; seed <= this.#seeds; seed++) {
      const failing = this.#run({ ...best.run.plan, seed })
      if (failing !== undefined && cost(failing) < cost(cheapest)) cheapest = failing
    }
    return cheapest
  }

  /** Returns the patterns of outputs that the check needs to fail; none if it misses outputs. */
  #neededPatterns({ run, annotatedEvents }: FailingRun): ReadonlySet<string> {
    const patterns = [...new Set(annotatedEvents.flatMap(({ pattern }) => pattern ?? []))]
    const needed = ddmin(patterns, (subset) => {
      const visible = new Set(subset)
      const hidden = annotatedEvents.flatMap(({ outputName, pattern = '' }) =>
        outputName === undefined || visible.has(pattern) ? [] : [outputName],
      )
      return this.#run(run.plan, new Set(hidden)) !== undefined
    })
    return new Set(needed)
  }

  /** Returns the outputs that the check needs to fail; none if it misses outputs. */
  #neededOutputs(best: FailingRun): ReadonlySet<string> {
    const outputNames = best.annotatedEvents.flatMap(({ outputName }) =>
      outputName === undefined ? [] : [outputName],
    )
    const needed = ddmin(outputNames, (subset) => {
      const visible = new Set(subset)
      const hidden = new Set(outputNames.filter((name) => !visible.has(name)))
      return this.#run(best.run.plan, hidden) !== undefined
    })
    return new Set(needed)
  }

  #historyOf({ annotatedEvents }: FailingRun, roots: ReadonlySet<string>): CausalHistory {
    const isRoot = ({ outputName }: AnnotatedEvent): boolean =>
      outputName !== undefined && roots.has(outputName)
    return causalHistoryOf(annotatedEvents, isRoot)
  }
}

/** How much a reader has to read. Faults and commands weigh more than their consequences. */
function cost({ run, history, fullHistory }: FailingRun): number {
  const { faults, commands, delay } = run.plan
  const interventions = faults.length + commands.length + Number(delay !== undefined)
  // The number of moments is the width of the drawing.
  const moments = new Set(history.events.map(({ atMs }) => Math.floor(atMs))).size
  return (
    2 * interventions +
    history.sends +
    history.timers +
    (fullHistory.sends + fullHistory.timers + moments) / 4
  )
}
