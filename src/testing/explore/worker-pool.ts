/** Worker threads that run the seeds of one scenario. */
import { NO_RESULTS, type SeedResults, mergeResults } from './try-seeds.ts'
import { ClusterError, type ErrorCode } from '../../model/cluster-error.ts'
import { Worker } from 'node:worker_threads'
import { isUnknownExtension } from './load-scenario.ts'

/** The seeds `firstSeed` to `firstSeed + seeds - 1`. */
export interface SeedRange {
  readonly firstSeed: number
  readonly seeds: number
}

/** Seeds that are handed out in chunks of `chunkSize`. */
export interface ChunkedSeedRange extends SeedRange {
  readonly chunkSize: number
}

/** The answer of a worker to a `SeedRange`. */
export type WorkerReply =
  | { readonly results: SeedResults }
  | {
      readonly error: string
      readonly code: ErrorCode
      readonly cause: unknown
      /** Whether the scenario was loaded before the error. */
      readonly scenarioLoaded: boolean
    }

/** A worker cannot import a module that the main thread could: the loaders differ. */
export class ScenarioLoadError extends Error {}

/** Threads that run seeds of one scenario. */
export class WorkerPool {
  readonly #workers: readonly Worker[]
  readonly #running = new Map<Worker, SeedRange & { readonly startedMs: number }>()

  /** @param file the module of a worker */
  constructor(file: URL, scenario: URL, size: number) {
    const options = { workerData: scenario.href }
    this.#workers = Array.from({ length: size }, () => new Worker(file, options))
  }

  /**
   * Runs seeds in ascending chunks on all threads until one fails.
   *
   * @returns the results of all seeds that were run; `failedSeed` is the lowest that fails
   */
  async run(
    { firstSeed, seeds, chunkSize }: ChunkedSeedRange,
    onProgress: (results: SeedResults) => void,
  ): Promise<SeedResults> {
    const endSeed = firstSeed + seeds
    let results = NO_RESULTS
    let nextSeed = firstSeed
    // Chunks are handed out in ascending order: if one fails, all lower seeds are running or done.
    const runChunks = async (worker: Worker): Promise<void> => {
      while (nextSeed < endSeed && results.failedSeed === undefined) {
        const range = { firstSeed: nextSeed, seeds: Math.min(chunkSize, endSeed - nextSeed) }
        nextSeed += range.seeds
        this.#running.set(worker, { ...range, startedMs: performance.now() })
        // `results` is read after the await: other workers change it meanwhile.
        const chunkResults = await runOnWorker(worker, range)
        this.#running.delete(worker)
        results = mergeResults(results, chunkResults)
        onProgress(results)
      }
    }
    await Promise.all(this.#workers.map(runChunks))
    return results
  }

  /** Returns the seeds that have been running for more than `ms` milliseconds, as text. */
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
        const { error, code, cause, scenarioLoaded } = reply
        const failed = new ClusterError(code, error, { cause })
        reject(scenarioLoaded ? failed : new ScenarioLoadError(error))
      }
    }
    const onError = (error: Error): void => {
      removeListeners()
      // When the sources are tested, explore-worker.ts itself may be unreadable to the worker.
      if (isUnknownExtension(error)) return reject(new ScenarioLoadError(error.message))
      // The error of a thread that dies does not name its seed.
      const advice = `to run them in this thread: cores: 1, firstSeed: ${range.firstSeed}`
      const message = `${error.message} (in ${formatSeeds(range)}; ${advice})`
      reject(new ClusterError('CHECK_FAILED', message, { cause: error }))
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
