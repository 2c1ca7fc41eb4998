/** `explore`: many seeds, the first that fails, and that made small. */
import { type ExploreFailure, failureAt } from './failure.ts'
import { NO_RESULTS, type SeedResults, mergeResults, trySeeds } from './try-seeds.ts'
import { cpus } from 'node:os'
import { WorkerPool, type ChunkedSeedRange, ScenarioLoadError } from './worker-pool.ts'
import { loadScenario } from './load-scenario.ts'
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
  readonly minEvents: number
  readonly minFaults: number
  /** On how many cores. */
  readonly cores: number
  /** Of real time, without shrinking. */
  readonly seconds: number
  /** The first failure: that of the lowest seed, on however many cores. */
  readonly failure?: ExploreFailure
}

const CHUNK_SIZE = 8
const PROGRESS_MS = 5_000
/** Whoever tries some seeds for so long may never come to an end. */
const SLOW_RANGE_MS = 30_000

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
  requireInteger('seeds', seeds, 1)
  requireInteger('cores', cores, 1)
  requireInteger('firstSeed', firstSeed, Number.MIN_SAFE_INTEGER)
  const scenario = await loadScenario(options.scenario)
  const reporter = new ProgressReporter(seeds, options.progress)
  const startMs = performance.now()
  const range = { firstSeed, seeds, chunkSize: CHUNK_SIZE }
  const workers = Math.min(cores, Math.ceil(seeds / CHUNK_SIZE))
  const workerResults =
    options.scenario instanceof URL && workers > 1
      ? await runInWorkers(options.scenario, range, workers, reporter)
      : undefined
  const results = workerResults ?? (await runInThisThread(scenario, range, reporter))
  const seconds = (performance.now() - startMs) / 1_000
  const { failedSeed, ...counts } = results
  const summary = { ...counts, cores: workerResults === undefined ? 1 : workers, seconds }
  if (failedSeed === undefined) return summary
  reporter.log(`explore: seed ${failedSeed} fails, and is made smaller`)
  return { ...summary, failure: failureAt(scenario, failedSeed, options.shrink) }
}

/** On several cores; undefined where workers cannot load the module, as this thread could. */
async function runInWorkers(
  scenario: URL,
  range: ChunkedSeedRange,
  workers: number,
  reporter: ProgressReporter,
): Promise<SeedResults | undefined> {
  const pool = new WorkerPool(scenario, workers)
  let results = NO_RESULTS
  const interval = setInterval(() => {
    const slow = pool.slowRanges(SLOW_RANGE_MS)
    if (slow.length > 0) reporter.log(`explore: still at ${slow.join(', ')}: does it never end?`)
    else reporter.update(results)
  }, PROGRESS_MS)
  try {
    return await pool.run(range, (latest) => (results = latest))
  } catch (error) {
    if (!(error instanceof ScenarioLoadError)) throw error
    reporter.log(`explore: on one core, since worker threads cannot load it: ${error.message}`)
    return undefined
  } finally {
    clearInterval(interval)
    await pool.terminate()
  }
}

async function runInThisThread(
  scenario: Scenario,
  { firstSeed, seeds, chunkSize }: ChunkedSeedRange,
  reporter: ProgressReporter,
): Promise<SeedResults> {
  let results = NO_RESULTS
  while (results.seeds < seeds && results.failedSeed === undefined) {
    const count = Math.min(chunkSize, seeds - results.seeds)
    results = mergeResults(results, trySeeds(scenario, firstSeed + results.seeds, count))
    reporter.update(results)
    // Others have their turn: test runners want to hear from their threads.
    await new Promise((resolve) => setImmediate(resolve))
  }
  return results
}

function requireInteger(name: string, value: number, min: number): void {
  if (Number.isSafeInteger(value) && value >= min) return
  const from = min === 1 ? ' from 1 on' : ''
  throw new RangeError(`explore: ${name} is a whole number${from}, and was given as ${value}`)
}

/** Tells how it goes, not too often. */
class ProgressReporter {
  readonly #seeds: number
  readonly log: (line: string) => void
  readonly #startMs = performance.now()
  #lastUpdateMs = this.#startMs

  constructor(seeds: number, progress: ExploreOptions['progress']) {
    this.#seeds = seeds
    const toStderr = (line: string): void => void process.stderr.write(`${line}\n`)
    this.log = progress === false ? () => undefined : (progress ?? toStderr)
  }

  update({ seeds, events, faults }: SeedResults): void {
    const nowMs = performance.now()
    if (seeds === 0 || nowMs - this.#lastUpdateMs < PROGRESS_MS) return
    this.#lastUpdateMs = nowMs
    const perSecond = Math.round((seeds * 1_000) / (nowMs - this.#startMs))
    const average = (all: number): number => Math.round(all / seeds)
    const each = `${average(events)} events and ${average(faults)} faults each`
    this.log(`explore: ${seeds} of ${this.#seeds} seeds, ${perSecond} a second, ${each}`)
  }
}
