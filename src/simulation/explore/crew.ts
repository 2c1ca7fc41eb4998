/** A crew of worker threads that try seeds, and the module that tells them what to try. */
import type { Scenario } from './scenario.ts'
import { NOTHING_TRIED, type Tried, together } from './try-seeds.ts'
import { Worker } from 'node:worker_threads'

/** What a worker is asked for. */
export interface Task {
  readonly firstSeed: number
  readonly seeds: number
}

/** What a crew is asked for: `atOnce` seeds are a task. */
export interface Tasks extends Task {
  readonly atOnce: number
}

/** What a worker answers; `loads`: whether it could load the scenario. */
export type Answer =
  | { readonly tried: Tried }
  | { readonly error: string; readonly cause: unknown; readonly loads: boolean }

const UNKNOWN_EXTENSION = 'ERR_UNKNOWN_FILE_EXTENSION'

/** A worker cannot load what its owner could: it has another loader, or none for TypeScript. */
export class UnloadableError extends Error {}

/**
 * The scenario, wherever it comes from.
 *
 * @throws Error that says what to do, where the module cannot be loaded or exports none; TypeError
 *   for what is neither a scenario nor a URL
 */
export async function scenarioOf(scenario: Scenario | URL): Promise<Scenario> {
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
    throw new Error(unreadable(url, error), { cause: error })
  }
  const found = exported[name]
  if (isScenario(found)) return found
  const names = Object.keys(exported).join(', ') || 'nothing'
  const asked = name === 'default' ? 'a default export' : name
  throw new Error(`${url.href} has no scenario as ${asked}; it exports ${names}`)
}

function isScenario(found: unknown): found is Scenario {
  return typeof found === 'object' && found !== null && 'protocol' in found
}

function unreadable(url: URL, error: unknown): string {
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
export class Crew {
  readonly #workers: readonly Worker[]
  readonly #busy = new Map<Worker, Task & { readonly sinceMs: number }>()

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
  async try({ firstSeed, seeds, atOnce }: Tasks, told: (tried: Tried) => void): Promise<Tried> {
    const endSeed = firstSeed + seeds
    let tried = NOTHING_TRIED
    let nextSeed = firstSeed
    // Tasks are handed out in order: when one has failed, all below it have been handed out.
    const work = async (worker: Worker): Promise<void> => {
      while (nextSeed < endSeed && tried.failed === undefined) {
        const task = { firstSeed: nextSeed, seeds: Math.min(atOnce, endSeed - nextSeed) }
        nextSeed += task.seeds
        this.#busy.set(worker, { ...task, sinceMs: performance.now() })
        // Others count meanwhile.
        const more = await ask(worker, task)
        this.#busy.delete(worker)
        tried = together(tried, more)
        told(tried)
      }
    }
    await Promise.all(this.#workers.map(work))
    return tried
  }

  /** The seeds that somebody has been trying for longer than that. */
  slow(ms: number): readonly string[] {
    const long = [...this.#busy.values()].filter(({ sinceMs }) => performance.now() - sinceMs > ms)
    return long.map(seedsOf)
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
      else {
        const { error, cause, loads } = answer
        reject(loads ? new Error(error, { cause }) : new UnloadableError(error))
      }
    }
    // What takes a thread down with it names no seed.
    const failed = (error: Error): void => {
      settle()
      // This file's neighbour is TypeScript itself, where the sources are tested.
      if (codeOf(error) === UNKNOWN_EXTENSION) return reject(new UnloadableError(error.message))
      const advice = `cores: 1, firstSeed: ${task.firstSeed} runs it in this thread`
      reject(new Error(`${error.message} (in ${seedsOf(task)}; ${advice})`, { cause: error }))
    }
    const gone = (code: number): void => {
      failed(new Error(`a worker thread ended with exit code ${code}`))
    }
    worker.on('message', answered).on('error', failed).on('exit', gone)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage(task)
  })
}

function seedsOf({ firstSeed, seeds }: Task): string {
  return seeds === 1 ? `seed ${firstSeed}` : `seeds ${firstSeed} to ${firstSeed + seeds - 1}`
}
