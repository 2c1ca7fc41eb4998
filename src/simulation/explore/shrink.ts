/** Shrinks a failure: the same check fails, in a run that is easier to read. */
import { type Annotated, type Cone, annotate, coneOf } from './cone.ts'
import type { Plan } from './plan.ts'
import { type Run, runPlan } from './run-plan.ts'
import type { Scenario } from './scenario.ts'
import type { ShrinkOptions } from './shrink-options.ts'
import type { Violation } from '../world.ts'
import { ddmin } from './ddmin.ts'
import { drawSmall } from './draw-plan.ts'
import { cut, earlier, fewerPeers, itemsOf, rounded, simpler, withItems } from './smaller-plans.ts'
import { renderPlan } from './plan.ts'
import { mutant } from './mutants.ts'
import { seededChance } from '../../core/chance.ts'

/** A failure, as small as it was made. */
export interface Shrunk {
  readonly plan: Plan
  readonly violation: Violation
  readonly run: Run
  readonly cone: Cone
  /** How many runs it took. */
  readonly runs: number
}

/** @param plan a plan under which a check fails */
export function shrink(
  scenario: Scenario,
  plan: Plan,
  violation: Violation,
  options: ShrinkOptions = {},
): Shrunk {
  const shrinker = new Shrinker(scenario, violation.check, options)
  return shrinker.shrink(plan)
}

/** So many failures are shrunk: the lightest is not always the one that becomes the smallest. */
const STARTS = 3
/** After so many steps that made nothing lighter there are no more; for what is heavy, more. */
const PATIENCE = 300
/** To find out what a failure is about there are so many runs more. */
const FINISH_RUNS = 500

/** A run that fails, and what it depends on. */
interface Failing {
  readonly run: Run
  readonly violation: Violation
  readonly annotated: readonly Annotated[]
  readonly cone: Cone
  /** Everything that happened, whether it matters or not. */
  readonly whole: Cone
}

class Shrinker {
  readonly #scenario: Scenario
  readonly #check: string
  readonly #seeds: number
  readonly #small: number
  readonly #budget: number
  #left: number
  #runs = 0
  readonly #known = new Map<string, Failing | undefined>()
  /** What the check looks at, as far as that is known: outputs of these shapes. */
  #shapes: ReadonlySet<string> | undefined

  constructor(scenario: Scenario, check: string, options: ShrinkOptions) {
    const { runs = 2_000, seeds = 40, small = 200 } = options
    this.#scenario = scenario
    this.#check = check
    this.#small = small
    this.#seeds = seeds
    this.#budget = runs
    this.#left = runs
  }

  shrink(plan: Plan): Shrunk {
    const first = this.#run(plan)
    if (first === undefined) throw new Error('what is to be shrunk does not fail: is it the plan?')
    this.#shapes = this.#neededShapes(first)
    const starts = this.#starts(first)
    let budget = this.#left
    let best: Failing | undefined
    for (const [index, start] of starts.entries()) {
      // Each has its share, and what those before it had no use for.
      const share = Math.max(1, Math.floor(budget / (starts.length - index)))
      this.#left = share
      const light = this.#wander(this.#carve(start))
      if (best === undefined || weightOf(light) < weightOf(best)) best = light
      budget -= share - this.#left
    }
    const last = this.#tidy(best as Failing)
    // What the violation is about, and nothing that it is not about.
    const roots = this.#witnesses(last)
    const { run, violation } = last
    return { plan: run.plan, violation, run, cone: this.#coneOf(last, roots), runs: this.#runs }
  }

  /** What is left when what can be left out of one failure is left out. */
  #carve(start: Failing): Failing {
    let best = this.#fewerItems(start)
    for (let again = true; again && this.#left > 0;) {
      const before = best
      best = this.#fewerPeers(best)
      best = this.#first(best, earlier)
      best = this.#otherSeed(best)
      best = this.#fewerItems(best)
      best = this.#first(best, simpler)
      again = weightOf(best) < weightOf(before)
    }
    return best
  }

  /** Steps to what is no heavier, wherever that leads. */
  #wander(start: Failing): Failing {
    const chance = seededChance(start.run.plan.seed)
    const least = this.#scenario.peersLeast ?? 2
    let best = start
    for (let steps = 0; this.#left > 0 && steps < PATIENCE + weightOf(best); steps++) {
      const failing = this.#run(mutant(chance, best.run.plan, least))
      if (failing === undefined || weightOf(failing) > weightOf(best)) continue
      if (weightOf(failing) < weightOf(best)) steps = 0
      best = failing
    }
    return best
  }

  /** Rounder moments, when it is as light as it gets. */
  #tidy(best: Failing): Failing {
    this.#left += Math.min(FINISH_RUNS, this.#budget)
    return this.#first(this.#first(this.#fewerItems(best), earlier), rounded)
  }

  /** Runs a plan; undefined where that check does not fail, or there is no budget left. */
  #run(plan: Plan, muted?: ReadonlySet<string>): Failing | undefined {
    const key = muted === undefined ? renderPlan(plan) : undefined
    if (key !== undefined && this.#known.has(key)) return this.#known.get(key)
    if (this.#left <= 0) return undefined
    this.#left--
    this.#runs++
    const run = runPlan(this.#scenario, plan, {
      keepTrace: true,
      ...(muted === undefined ? {} : { muted }),
    })
    const { violation } = run
    let failing: Failing | undefined
    if (violation !== undefined && violation.check === this.#check) {
      const annotated = annotate(run.trace)
      const shapes = this.#shapes
      const isRoot = ({ shape }: Annotated): boolean =>
        shape !== undefined && shapes?.has(shape) !== false
      const cone = coneOf(annotated, isRoot)
      const whole = coneOf(annotated, () => false)
      failing = { run: { ...run, plan: cut(plan, violation) }, violation, annotated, cone, whole }
    }
    if (key !== undefined) this.#known.set(key, failing)
    return failing
  }

  /** A small failure that is drawn is sooner there than one that is carved out of a large one. */
  #starts(first: Failing): readonly Failing[] {
    const starts = [first]
    for (let seed = 1; seed <= this.#small; seed++) {
      const failing = this.#run(drawSmall(this.#scenario, seed))
      if (failing !== undefined) starts.push(failing)
    }
    return starts.toSorted((a, b) => weightOf(a) - weightOf(b)).slice(0, STARTS)
  }

  #fewerItems(best: Failing): Failing {
    const { plan } = best.run
    let smallest = best
    ddmin(itemsOf(plan), (part) => {
      const failing = this.#run(withItems(plan, part))
      if (failing !== undefined) smallest = failing
      return failing !== undefined
    })
    return smallest
  }

  #fewerPeers(best: Failing): Failing {
    const { peers } = best.run.plan
    if (peers <= (this.#scenario.peersLeast ?? 2)) return best
    for (const plan of fewerPeers(best.run.plan)) {
      const failing = this.#run(plan)
      if (failing !== undefined) return this.#fewerPeers(this.#fewerItems(failing))
    }
    return best
  }

  /** The first that is no worse, again and again. */
  #first(best: Failing, candidates: (plan: Plan) => Iterable<Plan>): Failing {
    for (const plan of candidates(best.run.plan)) {
      if (this.#left <= 0) return best
      const failing = this.#run(plan)
      if (failing !== undefined && weightOf(failing) <= weightOf(best)) {
        return this.#first(failing, candidates)
      }
    }
    return best
  }

  #otherSeed(best: Failing): Failing {
    let lightest = best
    for (let seed = 1; seed <= this.#seeds; seed++) {
      const failing = this.#run({ ...best.run.plan, seed })
      if (failing !== undefined && weightOf(failing) < weightOf(lightest)) lightest = failing
    }
    return lightest
  }

  /** What the outputs look like that the check needs to see; none where it is about silence. */
  #neededShapes({ run, annotated }: Failing): ReadonlySet<string> {
    const shapes = [...new Set(annotated.flatMap(({ shape }) => shape ?? []))]
    const needed = ddmin(shapes, (part) => {
      const shown = new Set(part)
      const muted = annotated.flatMap(({ output, shape = '' }) =>
        output === undefined || shown.has(shape) ? [] : [output],
      )
      return this.#run(run.plan, new Set(muted)) !== undefined
    })
    return new Set(needed)
  }

  /** The outputs that the check needs to see in order to fail; none where it is about silence. */
  #witnesses(best: Failing): ReadonlySet<string> {
    const names = best.annotated.flatMap(({ output }) => (output === undefined ? [] : [output]))
    const needed = ddmin(names, (part) => {
      const shown = new Set(part)
      const muted = new Set(names.filter((name) => !shown.has(name)))
      return this.#run(best.run.plan, muted) !== undefined
    })
    return new Set(needed)
  }

  #coneOf({ annotated }: Failing, roots: ReadonlySet<string>): Cone {
    const isRoot = ({ output }: Annotated): boolean => output !== undefined && roots.has(output)
    return coneOf(annotated, isRoot)
  }
}

/** What there is to read: what is done to the cluster counts more than what it does then. */
function weightOf({ run, cone, whole }: Failing): number {
  const done = run.plan.faults.length + run.plan.commands.length
  // A drawing is as wide as there are moments in it.
  const moments = new Set(cone.events.map(({ atMs }) => Math.floor(atMs))).size
  return 2 * done + cone.sends + cone.timers + (whole.sends + whole.timers + moments) / 4
}
