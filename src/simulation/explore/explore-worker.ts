/** A thread of `explore`: it tries the seeds that it is told. */
import type { Answer, Task } from './crew.ts'
import { parentPort, workerData } from 'node:worker_threads'
import type { Scenario } from './scenario.ts'
import { scenarioOf } from './crew.ts'
import { trySeeds } from './try-seeds.ts'

let loading: Promise<Scenario> | undefined

async function answerTo({ firstSeed, seeds }: Task): Promise<Answer> {
  let loads = false
  try {
    // When it is asked, so that what goes wrong has somebody to be told to.
    loading ??= scenarioOf(new URL(String(workerData)))
    const scenario = await loading
    loads = true
    return { tried: trySeeds(scenario, firstSeed, seeds) }
  } catch (error) {
    if (!(error instanceof Error)) return { error: String(error), cause: undefined, loads }
    const { message, cause } = error
    // Errors can be sent, and not all that others throw.
    return { error: message, cause: cause instanceof Error ? cause : undefined, loads }
  }
}

parentPort?.on('message', (task: Task) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  void answerTo(task).then((answer) => parentPort?.postMessage(answer))
})
