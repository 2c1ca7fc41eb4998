/** Shrinks a failure: the same check fails, in a run that is easier to read. */
import {
  type AnnotatedEvent,
  type CausalHistory,
  annotate,
  causalHistoryOf,
} from './causal-history.ts'
import type { Plan } from './plan.ts'
import { type PlanRun, runPlan } from './run-plan.ts'
import type { Scenario } from './scenario.ts'
import type { ShrinkOptions } from './shrink-options.ts'
import type { Violation } from '../simulation/world.ts'
import { ddmin } from './ddmin.ts'
import { generateSmallPlan } from './generate-plan.ts'
import {
  truncateAtViolation,
  compressTime,
  fewerPeers,
  planEventsOf,
  roundTimes,
  simplifyFaults,
  withPlanEvents,
} from './smaller-plans.ts'
import { renderPlan } from './plan.ts'
import { mutatePlan } from './mutate-plan.ts'
import { seededRandom } from '../../base/seeded-random.ts'

/** A failure, as small as it was made. */
export interface ShrinkResult {
  readonly plan: Plan
  readonly violation: Violation
  readonly run: PlanRun
  readonly history: CausalHistory
  /** How many runs it took. */
  readonly runs: number
}

/** @param plan a plan under which a check fails */
export function shrink(
  scenario: Scenario,
  plan: Plan,
  violation: Violation,
  options: ShrinkOptions = {},
): ShrinkResult {
  const shrinker = new Shrinker(scenario, violation.check, options)
  return shrinker.shrink(plan)
}

/** So many failures are shrunk: the lightest is not always the one that becomes the smallest. */
const STARTS_MAX = 3
/** After so many steps that made nothing lighter there are no more; for what is heavy, more. */
const IDLE_STEPS_MAX = 300
/** To find out what a failure is about there are so many runs more. */
const POLISH_RUNS_MAX = 500

/** A run that fails, and what it depends on. */
interface FailingRun {
  readonly run: PlanRun
  readonly violation: Violation
  readonly annotatedEvents: readonly AnnotatedEvent[]
  readonly history: CausalHistory
  /** Everything that happened, whether it matters or not. */
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
  /** What the check looks at, as far as that is known: outputs of these shapes. */
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
      throw new Error('what is to be shrunk does not fail: is it the plan?')
    this.#patterns = this.#neededPatterns(original)
    const starts = this.#starts(original)
    let budget = this.#runsLeft
    let best: FailingRun | undefined
    for (const [index, start] of starts.entries()) {
      // Each has its share, and what those before it had no use for.
      const budgetShare = Math.max(1, Math.floor(budget / (starts.length - index)))
      this.#runsLeft = budgetShare
      const candidate = this.#search(this.#minimize(start))
      if (best === undefined || cost(candidate) < cost(best)) best = candidate
      budget -= budgetShare - this.#runsLeft
    }
    const polished = this.#polish(best as FailingRun)
    // What the violation is about, and nothing that it is not about.
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

  /** What is left when what can be left out of one failure is left out. */
  #minimize(start: FailingRun): FailingRun {
    let best = this.#fewerEvents(start)
    for (let improved = true; improved && this.#runsLeft > 0;) {
      const previous = best
      best = this.#fewerPeers(best)
      best = this.#improve(best, compressTime)
      best = this.#otherSeed(best)
      best = this.#fewerEvents(best)
      best = this.#improve(best, simplifyFaults)
      improved = cost(best) < cost(previous)
    }
    return best
  }

  /** Steps to what is no heavier, wherever that leads. */
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

  /** Rounder moments, when it is as light as it gets. */
  #polish(best: FailingRun): FailingRun {
    this.#runsLeft += Math.min(POLISH_RUNS_MAX, this.#budget)
    return this.#improve(this.#improve(this.#fewerEvents(best), compressTime), roundTimes)
  }

  /** Runs a plan; undefined where that check does not fail, or there is no budget left. */
  #run(plan: Plan, hidden?: ReadonlySet<string>): FailingRun | undefined {
    const key = hidden === undefined ? renderPlan(plan) : undefined
    if (key !== undefined && this.#cache.has(key)) return this.#cache.get(key)
    if (this.#runsLeft <= 0) return undefined
    this.#runsLeft--
    this.#runs++
    const run = runPlan(this.#scenario, plan, {
      keepTrace: true,
      ...(hidden === undefined ? {} : { hiddenOutputs: hidden }),
    })
    const { violation } = run
    let failing: FailingRun | undefined
    if (violation !== undefined && violation.check === this.#check) {
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

  /** A small failure that is drawn is sooner there than one that is carved out of a large one. */
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

  /** The first that is no worse, again and again. */
  #improve(best: FailingRun, candidates: (plan: Plan) => Iterable<Plan>): FailingRun {
    for (const plan of candidates(best.run.plan)) {
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

  /** What the outputs look like that the check needs to see; none where it is about silence. */
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

  /** The outputs that the check needs to see in order to fail; none where it is about silence. */
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

/** What there is to read: what is done to the cluster counts more than what it does then. */
function cost({ run, history, fullHistory }: FailingRun): number {
  const interventions = run.plan.faults.length + run.plan.commands.length
  // A drawing is as wide as there are moments in it.
  const moments = new Set(history.events.map(({ atMs }) => Math.floor(atMs))).size
  return (
    2 * interventions +
    history.sends +
    history.timers +
    (fullHistory.sends + fullHistory.timers + moments) / 4
  )
}
