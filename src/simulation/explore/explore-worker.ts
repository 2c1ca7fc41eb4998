/** A thread of `explore`: it tries the seeds that it is told. */
import type { Answer, Task } from './crew.ts'
import { parentPort, workerData } from 'node:worker_threads'
import { scenarioOf } from './crew.ts'
import { trySeeds } from './try-seeds.ts'

const scenario = scenarioOf(new URL(String(workerData)))

parentPort?.on('message', ({ firstSeed, seeds }: Task) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  const answer = (one: Answer): void => parentPort?.postMessage(one)
  scenario
    .then((found) => answer({ tried: trySeeds(found, firstSeed, seeds) }))
    .catch((error: unknown) => {
      answer({ error: error instanceof Error ? error.message : String(error) })
    })
})
