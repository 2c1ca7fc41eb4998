/** A crew of worker threads that try seeds, and the module that tells them what to try. */
import type { Scenario } from './scenario.ts'
import { NO_RESULTS, type SeedResults, mergeResults } from './try-seeds.ts'
import { Worker } from 'node:worker_threads'

/** What a worker is asked for. */
export interface SeedRange {
  readonly firstSeed: number
  readonly seeds: number
}

/** What a crew is asked for: `atOnce` seeds are a task. */
export interface ChunkedSeedRange extends SeedRange {
  readonly chunkSize: number
}

/** What a worker answers; `loads`: whether it could load the scenario. */
export type WorkerReply =
  | { readonly results: SeedResults }
  | { readonly error: string; readonly cause: unknown; readonly scenarioLoaded: boolean }

const UNKNOWN_EXTENSION = 'ERR_UNKNOWN_FILE_EXTENSION'

/** A worker cannot load what its owner could: it has another loader, or none for TypeScript. */
export class ScenarioLoadError extends Error {}

/**
 * The scenario, wherever it comes from.
 *
 * @throws Error that says what to do, where the module cannot be loaded or exports none; TypeError
 *   for what is neither a scenario nor a URL
 */
export async function loadScenario(scenario: Scenario | URL): Promise<Scenario> {
  if (!(scenario instanceof URL)) {
    if (isScenario(scenario)) return scenario
    const given = typeof scenario === 'string' ? JSON.stringify(scenario) : typeof scenario
    throw new TypeError(
      'explore needs a scenario with a protocol, or the URL of a module that exports one: ' +
        `new URL('./trials.js', import.meta.url), and was given ${given}`,
    )
  }
  const url = new URL(scenario)
  const name = decodeURIComponent(url.hash.slice(1)) || 'default'
  url.hash = ''
  let exported: Readonly<Record<string, unknown>>
  try {
    exported = (await import(url.href)) as Readonly<Record<string, unknown>>
  } catch (error) {
    throw new Error(loadErrorMessage(url, error), { cause: error })
  }
  const candidate = exported[name]
  if (isScenario(candidate)) return candidate
  const names = Object.keys(exported).join(', ') || 'nothing'
  const exportName = name === 'default' ? 'a default export' : name
  throw new Error(`${url.href} has no scenario as ${exportName}; it exports ${names}`)
}

function isScenario(candidate: unknown): candidate is Scenario {
  return typeof candidate === 'object' && candidate !== null && 'protocol' in candidate
}

function loadErrorMessage(url: URL, error: unknown): string {
  if (codeOf(error) === UNKNOWN_EXTENSION) {
    return (
      `${url.href} is TypeScript, and Node ${process.versions.node} strips no types: pass the ` +
      'scenario itself, which runs on one core, or a module that is compiled, or use Node 22.18'
    )
  }
  return `${url.href} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | undefined)?.code
}

/** Threads that run seeds of one scenario. */
export class WorkerPool {
  readonly #workers: readonly Worker[]
  readonly #running = new Map<Worker, SeedRange & { readonly startedMs: number }>()

  constructor(scenario: URL, size: number) {
    // Beside this file, in the source as in what is compiled.
    const file = new URL(`./explore-worker${/\.\w+$/.exec(import.meta.url)?.[0]}`, import.meta.url)
    const options = { workerData: scenario.href }
    this.#workers = Array.from({ length: size }, () => new Worker(file, options))
  }

  /**
   * Tries seeds in their order, some at once, until one fails.
   *
   * @returns what came of all; the failed seed is the lowest that fails
   */
  async run(
    { firstSeed, seeds, chunkSize }: ChunkedSeedRange,
    onProgress: (results: SeedResults) => void,
  ): Promise<SeedResults> {
    const endSeed = firstSeed + seeds
    let results = NO_RESULTS
    let nextSeed = firstSeed
    // Tasks are handed out in order: when one has failed, all below it have been handed out.
    const runChunks = async (worker: Worker): Promise<void> => {
      while (nextSeed < endSeed && results.failedSeed === undefined) {
        const range = { firstSeed: nextSeed, seeds: Math.min(chunkSize, endSeed - nextSeed) }
        nextSeed += range.seeds
        this.#running.set(worker, { ...range, startedMs: performance.now() })
        // Others count meanwhile.
        const chunkResults = await runOnWorker(worker, range)
        this.#running.delete(worker)
        results = mergeResults(results, chunkResults)
        onProgress(results)
      }
    }
    await Promise.all(this.#workers.map(runChunks))
    return results
  }

  /** The seeds that somebody has been trying for longer than that. */
  slowRanges(ms: number): readonly string[] {
    const slow = [...this.#running.values()].filter(
      ({ startedMs }) => performance.now() - startedMs > ms,
    )
    return slow.map(formatSeeds)
  }

  async terminate(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }
}

function runOnWorker(worker: Worker, range: SeedRange): Promise<SeedResults> {
  return new Promise((resolve, reject) => {
    const removeListeners = (): void => {
      worker.off('message', onReply).off('error', onError).off('exit', onExit)
    }
    const onReply = (reply: WorkerReply): void => {
      removeListeners()
      if ('results' in reply) resolve(reply.results)
      else {
        const { error, cause, scenarioLoaded } = reply
        reject(scenarioLoaded ? new Error(error, { cause }) : new ScenarioLoadError(error))
      }
    }
    // What takes a thread down with it names no seed.
    const onError = (error: Error): void => {
      removeListeners()
      // This file's neighbour is TypeScript itself, where the sources are tested.
      if (codeOf(error) === UNKNOWN_EXTENSION) return reject(new ScenarioLoadError(error.message))
      const advice = `cores: 1, firstSeed: ${range.firstSeed} runs it in this thread`
      reject(new Error(`${error.message} (in ${formatSeeds(range)}; ${advice})`, { cause: error }))
    }
    const onExit = (code: number): void => {
      onError(new Error(`a worker thread ended with exit code ${code}`))
    }
    worker.on('message', onReply).on('error', onError).on('exit', onExit)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage(range)
  })
}

function formatSeeds({ firstSeed, seeds }: SeedRange): string {
  return seeds === 1 ? `seed ${firstSeed}` : `seeds ${firstSeed} to ${firstSeed + seeds - 1}`
}
