/** A thread of `explore`: it tries the seeds that it is told. */
import type { WorkerReply, SeedRange } from './worker-pool.ts'
import { parentPort, workerData } from 'node:worker_threads'
import type { Scenario } from './scenario.ts'
import { loadScenario } from './worker-pool.ts'
import { trySeeds } from './try-seeds.ts'

let loading: Promise<Scenario> | undefined

async function runSeeds({ firstSeed, seeds }: SeedRange): Promise<WorkerReply> {
  let scenarioLoaded = false
  try {
    // When it is asked, so that what goes wrong has somebody to be told to.
    loading ??= loadScenario(new URL(String(workerData)))
    const scenario = await loading
    scenarioLoaded = true
    return { results: trySeeds(scenario, firstSeed, seeds) }
  } catch (error) {
    if (!(error instanceof Error)) return { error: String(error), cause: undefined, scenarioLoaded }
    const { message, cause } = error
    // Errors can be sent, and not all that others throw.
    return { error: message, cause: cause instanceof Error ? cause : undefined, scenarioLoaded }
  }
}

parentPort?.on('message', (range: SeedRange) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  void runSeeds(range).then((reply) => parentPort?.postMessage(reply))
})
