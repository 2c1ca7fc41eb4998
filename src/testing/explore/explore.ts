/** `explore`: runs a scenario under many seeds, and shrinks the first failure. */
import { type ExploreFailure, failureAt } from './failure.ts'
import { NO_RESULTS, type SeedResults, mergeResults, trySeeds } from './try-seeds.ts'
import { cpus } from 'node:os'
import {
  A_FUNCTION,
  type Rule,
  anyOf,
  checkOptions,
  integerFrom,
  oneOf,
} from '../../model/check-arguments.ts'
import { A_SEED } from '../simulation/check-options.ts'
import { checkScenario } from './check-scenario.ts'
import { isRecord } from '../../config/strict-object.ts'
import { libraryModule } from '../library-folder.ts'
import { WorkerPool, type ChunkedSeedRange, ScenarioLoadError } from './worker-pool.ts'
import { loadScenario } from './load-scenario.ts'
import type { Scenario } from './scenario.ts'
import type { ShrinkOptions } from './shrink.ts'

/** What `explore` runs. */
export interface ExploreOptions {
  /**
   * A scenario runs in this thread. The URL of a module that exports one runs on all cores.
   *
   * The URL names the default export, or another one after `#`:
   * `new URL('./trials.js#election', import.meta.url)`. Worker threads import the module. If they
   * cannot (Node 20 does not run TypeScript), this thread runs it, and `progress` says why.
   */
  readonly scenario: Scenario | URL
  /** Maximum number of seeds: 1, 2, … Default: 1,000. */
  readonly seeds?: number | undefined
  /** The seeds are `firstSeed`, `firstSeed + 1`, … Default: 1. */
  readonly firstSeed?: number | undefined
  /** Maximum number of worker threads for a module: 1, 2, … Default: the number of cores. */
  readonly cores?: number | undefined
  /** How much work is spent on shrinking. `false`: the failure is returned as found. */
  readonly shrink?: ShrinkOptions | false | undefined
  /** Receives a line of progress every five seconds. Default: written to stderr. `false`: none. */
  readonly progress?: (((line: string) => void) | false) | undefined
}

/** The result of `explore`. */
export interface Exploration {
  /** Number of seeds that were run, including the failing one. */
  readonly seeds: number
  /** Trace events of all seeds. */
  readonly events: number
  readonly faults: number
  /** Smallest number of trace events of a seed. */
  readonly minEvents: number
  readonly minFaults: number
  /** Number of threads. */
  readonly cores: number
  /** Elapsed real time, without shrinking. */
  readonly seconds: number
  /** The failure of the lowest seed that fails, whatever the number of cores. */
  readonly failure?: ExploreFailure | undefined
}

const COUNT = integerFrom({ min: 1 })
const NUMBER_OR_0 = integerFrom({ min: 0 })
const A_SCENARIO: Rule = {
  expected:
    'a scenario with a protocol, or the URL of a module that exports one ' +
    "(new URL('./trials.js', import.meta.url))",
  accepts: (value) => value instanceof URL || isRecord(value),
}
const OPTION_RULES: Readonly<Record<string, Rule>> = {
  seeds: COUNT,
  firstSeed: A_SEED,
  cores: COUNT,
  shrink: { expected: 'options, or false', accepts: (value) => value === false || isRecord(value) },
  progress: anyOf(oneOf(false), A_FUNCTION),
}
const SHRINK_RULES: Readonly<Record<string, Rule>> = {
  runs: NUMBER_OR_0,
  seeds: NUMBER_OR_0,
  small: NUMBER_OR_0,
}

const CHUNK_SIZE = 8
const PROGRESS_MS = 5_000
/** A chunk of seeds that takes longer may contain an endless loop. */
const SLOW_RANGE_MS = 30_000

/**
 * Runs a scenario under many seeds, each with its own faults. Stops at the first failure, and
 * shrinks it: fewer faults, nodes and messages, and less time.
 *
 * ```ts
 * const { failure } = await explore({ scenario: { peers: 3, protocol, checks, untilMs: 10_000 } })
 * if (failure) throw new Error(`${failure}`)
 * ```
 *
 * A seed of five nodes and 30 s takes about 40 ms of a core. Shrinking takes a few seconds, bounded
 * by `shrink.runs`. This thread yields between seeds, but not while shrinking.
 *
 * A protocol that schedules work without end at one moment of virtual time fails with an error. One
 * that loops within a single event blocks its thread; `progress` then names the seeds.
 *
 * @returns the counts, and the failure, which is not thrown
 * @throws ClusterError `INVALID_ARGUMENT` for an option, or a member of the scenario, that is
 *   unknown or out of range, and for a module that cannot be imported; `CHECK_FAILED` for a run
 *   that throws anything but a violation, with its moment, seed and plan, and for a thread that
 *   dies, with its seeds
 */
export async function explore(options: ExploreOptions): Promise<Exploration> {
  checkOptions('explore', options, { required: { scenario: A_SCENARIO }, optional: OPTION_RULES })
  const { seeds = 1_000, firstSeed = 1, cores = cpus().length } = options
  if (isRecord(options.shrink))
    checkOptions('explore: shrink', options.shrink, { optional: SHRINK_RULES })
  const scenario = await loadScenario(options.scenario)
  checkScenario('explore', scenario)
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
  reporter.log(`explore: seed ${failedSeed} fails; shrinking it`)
  return { ...summary, failure: failureAt(scenario, failedSeed, options.shrink) }
}

/** Returns undefined if workers cannot import the module, although this thread could. */
async function runInWorkers(
  scenario: URL,
  range: ChunkedSeedRange,
  workers: number,
  reporter: ProgressReporter,
): Promise<SeedResults | undefined> {
  const worker = libraryModule('testing/explore/explore-worker')
  if (worker === undefined) {
    reporter.log('explore: runs on one core, since rx-cluster is bundled: mark it as external')
    return undefined
  }
  const pool = new WorkerPool(worker, scenario, workers)
  let results = NO_RESULTS
  const interval = setInterval(() => {
    const slow = pool.slowRanges(SLOW_RANGE_MS)
    if (slow.length > 0)
      reporter.log(`explore: still running ${slow.join(', ')}: is there an endless loop?`)
    else reporter.update(results)
  }, PROGRESS_MS)
  try {
    return await pool.run(range, (latest) => (results = latest))
  } catch (error) {
    if (!(error instanceof ScenarioLoadError)) throw error
    reporter.log(
      `explore: runs on one core, since worker threads cannot import it: ${error.message}`,
    )
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
    // Yield between chunks: a test runner pings its threads.
    await new Promise((resolve) => setImmediate(resolve))
  }
  return results
}

/** Reports progress, at most every `PROGRESS_MS`. */
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
    this.log(`explore: ${seeds} of ${this.#seeds} seeds, ${perSecond} per second, ${each}`)
  }
}
