/** A crew of worker threads that try seeds, and the module that tells them what to try. */
import type { Scenario } from './scenario.ts'
import { NOTHING_TRIED, type Tried, together } from './try-seeds.ts'
import { Worker } from 'node:worker_threads'

/** What a worker is asked for. */
export interface Task {
  readonly firstSeed: number
  readonly seeds: number
}

/** What a worker answers. */
export type Answer = { readonly tried: Tried } | { readonly error: string }

/**
 * The scenario, wherever it comes from.
 *
 * @throws Error that says what to do, where the module cannot be loaded or exports none
 */
export async function scenarioOf(scenario: Scenario | URL): Promise<Scenario> {
  if (!(scenario instanceof URL)) return scenario
  const url = new URL(scenario)
  const name = decodeURIComponent(url.hash.slice(1)) || 'default'
  url.hash = ''
  let exported: Readonly<Record<string, unknown>>
  try {
    exported = (await import(url.href)) as Readonly<Record<string, unknown>>
  } catch (error) {
    throw new Error(unreadable(url, error), { cause: error })
  }
  const found = exported[name]
  if (typeof found === 'object' && found !== null && 'protocol' in found) return found as Scenario
  const names = Object.keys(exported).join(', ') || 'nothing'
  const asked = name === 'default' ? 'a default export' : name
  throw new Error(`${url.href} has no scenario as ${asked}; it exports ${names}`)
}

function unreadable(url: URL, error: unknown): string {
  const code = (error as { readonly code?: unknown } | undefined)?.code
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') {
    const advice = 'compile it, or pass the scenario itself'
    return `${url.href} is TypeScript, and this Node strips no types: ${advice}`
  }
  return `${url.href} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`
}

/** Threads that run seeds of one scenario. */
export class Crew {
  readonly #workers: readonly Worker[]

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
  async try(
    { firstSeed, seeds, atOnce }: Task & { readonly atOnce: number },
    told: (tried: Tried) => void,
  ): Promise<Tried> {
    const endSeed = firstSeed + seeds
    let tried = NOTHING_TRIED
    let nextSeed = firstSeed
    // Tasks are handed out in order: when one has failed, all below it have been handed out.
    const work = async (worker: Worker): Promise<void> => {
      while (nextSeed < endSeed && tried.failed === undefined) {
        const task = { firstSeed: nextSeed, seeds: Math.min(atOnce, endSeed - nextSeed) }
        nextSeed += task.seeds
        // Others count meanwhile.
        const more = await ask(worker, task)
        tried = together(tried, more)
        told(tried)
      }
    }
    await Promise.all(this.#workers.map(work))
    return tried
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }
}

function ask(worker: Worker, task: Task): Promise<Tried> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      worker.off('message', answered).off('error', failed).off('exit', gone)
    }
    const answered = (answer: Answer): void => {
      settle()
      if ('tried' in answer) resolve(answer.tried)
      else reject(new Error(answer.error))
    }
    const failed = (error: Error): void => {
      settle()
      reject(error)
    }
    const gone = (code: number): void => failed(new Error(`a worker ended with ${code}`))
    worker.on('message', answered).on('error', failed).on('exit', gone)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage(task)
  })
}
