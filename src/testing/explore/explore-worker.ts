/** The program of a worker thread: runs the seeds that the main thread sends. */
import type { WorkerReply, SeedRange } from './worker-pool.ts'
import { parentPort, workerData } from 'node:worker_threads'
import { ClusterError } from '../../model/cluster-error.ts'
import type { Scenario } from './scenario.ts'
import { loadScenario } from './load-scenario.ts'
import { trySeeds } from './try-seeds.ts'

let loading: Promise<Scenario> | undefined

async function runSeeds({ firstSeed, seeds }: SeedRange): Promise<WorkerReply> {
  let scenarioLoaded = false
  try {
    // Loaded at the first request, so that a reply can carry the error.
    loading ??= loadScenario(new URL(String(workerData)))
    const scenario = await loading
    scenarioLoaded = true
    return { results: trySeeds(scenario, firstSeed, seeds) }
  } catch (error) {
    const code = error instanceof ClusterError ? error.code : 'CHECK_FAILED'
    const { message, cause } = error instanceof Error ? error : new Error(String(error))
    // postMessage can clone errors, but not every other value that may be thrown.
    const cloneable = cause instanceof Error ? cause : undefined
    return { error: message, code, cause: cloneable, scenarioLoaded }
  }
}

parentPort?.on('message', (range: SeedRange) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  void runSeeds(range).then((reply) => parentPort?.postMessage(reply))
})
