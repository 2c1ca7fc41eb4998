/** `explore`: many seeds, the first that fails, and that made small. */
import { type FoundFailure, failureAt } from './failure.ts'
import { NOTHING_TRIED, type Tried, together, trySeeds } from './try-seeds.ts'
import { cpus } from 'node:os'
import { Crew, type Tasks, UnloadableError, scenarioOf } from './crew.ts'
import type { Scenario } from './scenario.ts'
import type { ShrinkOptions } from './shrink-options.ts'

/** What is explored, and how far. */
export interface ExploreOptions {
  /**
   * The scenario, which is run in this thread; or where a module exports it, which is run on all
   * cores. The module's default export counts, or what stands behind a `#`:
   * `new URL('./trials.js#election', import.meta.url)`. Worker threads load it: where they cannot,
   * as TypeScript in Node 20, it is run in this thread, and `progress` is told why.
   */
  readonly scenario: Scenario | URL
  /** How many seeds at most: 1, 2, … Default: 1,000. */
  readonly seeds?: number
  /** Any whole number. Default: 1. */
  readonly firstSeed?: number
  /** On how many cores at most, for a module: 1, 2, … Default: as many as there are. */
  readonly cores?: number
  /** How hard a failure is made smaller. `false`: only as it was found. */
  readonly shrink?: ShrinkOptions | false
  /** Is told how it goes, every five seconds; `false`: nobody. Default: the standard error. */
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
  /** On how many cores. */
  readonly cores: number
  /** Of real time, without shrinking. */
  readonly seconds: number
  /** The first failure: that of the lowest seed, on however many cores. */
  readonly failure?: FoundFailure
}

const SEEDS_AT_ONCE = 8
const PROGRESS_MS = 5_000
/** Whoever tries some seeds for so long may never come to an end. */
const SLOW_MS = 30_000

/**
 * Runs a scenario under many seeds, each with faults of its own. It stops at the first failure, and
 * makes that small: fewer faults, nodes and messages, less time.
 *
 * ```ts
 * const { failure } = await explore({ scenario: { peers: 3, protocol, checks, untilMs: 10_000 } })
 * if (failure) throw new Error(`${failure}`)
 * ```
 *
 * A seed of five nodes and 30 s takes some 40 ms of a core, and shrinking what was found a few
 * seconds of one: `shrink.runs` bounds it. This thread does other work between seeds, and none
 * while a failure is made smaller. A protocol that never comes to rest at one moment ends in an
 * error; one that loops within a single event holds its thread for ever, and `progress` is told
 * which seeds they are.
 *
 * @returns what was run; a failure is in it, and not thrown
 * @throws Error for a module that cannot be loaded, a thread that dies, or a run that throws
 *   something else than what a check says; it names the plan, or the seeds. RangeError for a number
 *   that is out of its range; TypeError for a scenario that is none
 */
export async function explore(options: ExploreOptions): Promise<Exploration> {
  const { seeds = 1_000, firstSeed = 1, cores = cpus().length } = options
  demandWhole('seeds', seeds, 1)
  demandWhole('cores', cores, 1)
  demandWhole('firstSeed', firstSeed, Number.MIN_SAFE_INTEGER)
  const scenario = await scenarioOf(options.scenario)
  const teller = new Teller(seeds, options.progress)
  const startMs = performance.now()
  const task = { firstSeed, seeds, atOnce: SEEDS_AT_ONCE }
  const size = Math.min(cores, Math.ceil(seeds / SEEDS_AT_ONCE))
  const shared =
    options.scenario instanceof URL && size > 1
      ? await tryTogether(options.scenario, task, size, teller)
      : undefined
  const tried = shared ?? (await tryHere(scenario, task, teller))
  const seconds = (performance.now() - startMs) / 1_000
  const { failed, ...counts } = tried
  const counted = { ...counts, cores: shared === undefined ? 1 : size, seconds }
  if (failed === undefined) return counted
  teller.say(`explore: seed ${failed} fails, and is made smaller`)
  return { ...counted, failure: failureAt(scenario, failed, options.shrink) }
}

/** On several cores; undefined where workers cannot load the module, as this thread could. */
async function tryTogether(
  scenario: URL,
  task: Tasks,
  size: number,
  teller: Teller,
): Promise<Tried | undefined> {
  const crew = new Crew(scenario, size)
  let tried = NOTHING_TRIED
  const ticking = setInterval(() => {
    const slow = crew.slow(SLOW_MS)
    if (slow.length > 0) teller.say(`explore: still at ${slow.join(', ')}: does it never end?`)
    else teller.tell(tried)
  }, PROGRESS_MS)
  try {
    return await crew.try(task, (now) => (tried = now))
  } catch (error) {
    if (!(error instanceof UnloadableError)) throw error
    teller.say(`explore: on one core, since worker threads cannot load it: ${error.message}`)
    return undefined
  } finally {
    clearInterval(ticking)
    await crew.dismiss()
  }
}

async function tryHere(
  scenario: Scenario,
  { firstSeed, seeds, atOnce }: Tasks,
  teller: Teller,
): Promise<Tried> {
  let tried = NOTHING_TRIED
  while (tried.seeds < seeds && tried.failed === undefined) {
    const many = Math.min(atOnce, seeds - tried.seeds)
    tried = together(tried, trySeeds(scenario, firstSeed + tried.seeds, many))
    teller.tell(tried)
    // Others have their turn: test runners want to hear from their threads.
    await new Promise((resolve) => setImmediate(resolve))
  }
  return tried
}

function demandWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return
  const from = least === 1 ? ' from 1 on' : ''
  throw new RangeError(`explore: ${name} is a whole number${from}, and was given as ${value}`)
}

/** Tells how it goes, not too often. */
class Teller {
  readonly #seeds: number
  readonly say: (line: string) => void
  readonly #startMs = performance.now()
  #toldMs = this.#startMs

  constructor(seeds: number, progress: ExploreOptions['progress']) {
    this.#seeds = seeds
    const aloud = (line: string): void => void process.stderr.write(`${line}\n`)
    this.say = progress === false ? () => undefined : (progress ?? aloud)
  }

  tell({ seeds, events, faults }: Tried): void {
    const nowMs = performance.now()
    if (seeds === 0 || nowMs - this.#toldMs < PROGRESS_MS) return
    this.#toldMs = nowMs
    const perSecond = Math.round((seeds * 1_000) / (nowMs - this.#startMs))
    const of = (all: number): number => Math.round(all / seeds)
    const each = `${of(events)} events and ${of(faults)} faults each`
    this.say(`explore: ${seeds} of ${this.#seeds} seeds, ${perSecond} a second, ${each}`)
  }
}
