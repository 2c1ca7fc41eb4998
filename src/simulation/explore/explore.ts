/** `explore`: many seeds, the first that fails, and that made small. */
import { type FoundFailure, failureAt } from './failure.ts'
import { NOTHING_TRIED, type Tried, together, trySeeds } from './try-seeds.ts'
import { cpus } from 'node:os'
import { Crew, scenarioOf } from './crew.ts'
import type { Scenario } from './scenario.ts'
import type { ShrinkOptions } from './shrink-options.ts'

/** What is explored, and how far. */
export interface ExploreOptions {
  /**
   * The scenario, which is run in this thread; or where a module exports it, which is run on all
   * cores. The module's default export counts, or what stands behind a `#`:
   * `new URL('./trials.js#election', import.meta.url)`. It has to be JavaScript where the runtime
   * does not strip types.
   */
  readonly scenario: Scenario | URL
  /** How many seeds at most. Default: 1,000. */
  readonly seeds?: number
  /** Default: 1. */
  readonly firstSeed?: number
  /** On how many cores, for a module. Default: as many as there are. */
  readonly cores?: number
  /** How hard a failure is made smaller. `false`: only as it was found. */
  readonly shrink?: ShrinkOptions | false
  /** Is told how it goes, every few seconds; `false`: nobody. Default: the standard error. */
  readonly progress?: ((line: string) => void) | false
}

/** What came of it. */
export interface Exploration {
  /** How many were run, the failing one included. */
  readonly seeds: number
  /** Trace events, of all seeds. */
  readonly events: number
  readonly faults: number
  /** The fewest trace events that a seed had. */
  readonly eventsLeast: number
  readonly faultsLeast: number
  /** Of real time, without shrinking. */
  readonly seconds: number
  /** The first failure: that of the lowest seed, on however many cores. */
  readonly failure?: FoundFailure
}

const SEEDS_AT_ONCE = 8
const PROGRESS_MS = 5_000

/**
 * Runs a scenario under many seeds, each with faults of its own. It stops at the first failure, and
 * makes that small: fewer faults, nodes and messages, less time.
 *
 * ```ts
 * const { failure } = await explore({ scenario: { peers: 3, protocol, checks, untilMs: 10_000 } })
 * if (failure) throw new Error(`${failure}`)
 * ```
 *
 * @returns what was run; a failure is in it, and not thrown
 * @throws Error for a module that cannot be loaded, or a run that throws something else than what a
 *   check says; it names the plan
 */
export async function explore(options: ExploreOptions): Promise<Exploration> {
  const { seeds = 1_000, firstSeed = 1, cores = cpus().length } = options
  const scenario = await scenarioOf(options.scenario)
  const teller = new Teller(seeds, options.progress)
  const startMs = performance.now()
  const size = Math.min(cores, Math.ceil(seeds / SEEDS_AT_ONCE))
  let tried: Tried
  if (options.scenario instanceof URL && size > 1) {
    const crew = new Crew(options.scenario, size)
    try {
      tried = await crew.try({ firstSeed, seeds, atOnce: SEEDS_AT_ONCE }, (now) => teller.tell(now))
    } finally {
      await crew.dismiss()
    }
  } else {
    tried = NOTHING_TRIED
    while (tried.seeds < seeds && tried.failed === undefined) {
      const atOnce = Math.min(SEEDS_AT_ONCE, seeds - tried.seeds)
      tried = together(tried, trySeeds(scenario, firstSeed + tried.seeds, atOnce))
      teller.tell(tried)
    }
  }
  const seconds = (performance.now() - startMs) / 1_000
  const { failed, ...counts } = tried
  if (failed === undefined) return { ...counts, seconds }
  return { ...counts, seconds, failure: failureAt(scenario, failed, options.shrink) }
}

/** Tells how it goes, not too often. */
class Teller {
  readonly #seeds: number
  readonly #say: (line: string) => void
  readonly #startMs = performance.now()
  #toldMs = this.#startMs

  constructor(seeds: number, progress: ExploreOptions['progress']) {
    this.#seeds = seeds
    const aloud = (line: string): void => void process.stderr.write(`${line}\n`)
    this.#say = progress === false ? () => undefined : (progress ?? aloud)
  }

  tell({ seeds, events, faults }: Tried): void {
    const nowMs = performance.now()
    if (nowMs - this.#toldMs < PROGRESS_MS) return
    this.#toldMs = nowMs
    const perSecond = Math.round((seeds * 1_000) / (nowMs - this.#startMs))
    const of = (all: number): number => Math.round(all / seeds)
    const each = `${of(events)} events and ${of(faults)} faults each`
    this.#say(`explore: ${seeds} of ${this.#seeds} seeds, ${perSecond} a second, ${each}`)
  }
}
