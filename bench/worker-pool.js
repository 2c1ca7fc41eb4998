/**
 * The child processes of a benchmark. Each answers the commands that it is sent.
 *
 * No worker outlives the run: all end with `terminate`, with the process that started them, and
 * when they lose their connection to it. No call waits without limit: when a worker makes no
 * progress for too long, the call fails with the progress so far.
 */
import { fork } from 'node:child_process'
import { readdirSync } from 'node:fs'

/** A call fails after this long without an answer and without progress. */
const STALL_TIMEOUT_MS = 60_000

const PROGRESS_INTERVAL_MS = 1_000

/** @returns milliseconds on a clock that all processes of this machine share */
export function nowMs() {
  return Number(process.hrtime.bigint()) / 1e6
}

/** The processes of one run. */
export class WorkerPool {
  #workers = []
  #stallTimeoutMs
  #killAll = () => this.#workers.forEach(({ child }) => child.kill('SIGKILL'))

  constructor({ stallTimeoutMs = STALL_TIMEOUT_MS } = {}) {
    this.#stallTimeoutMs = stallTimeoutMs
    process.once('exit', this.#killAll)
  }

  /** Starts a process with a file that calls `serve`. */
  start(file, { args = [], execArgv = [] } = {}) {
    const name = `worker ${this.#workers.length + 1}`
    const worker = new Worker(name, fork(file, args, { execArgv }), this.#stallTimeoutMs)
    this.#workers.push(worker)
    return worker
  }

  /** Sends all workers the same command, at the same time. */
  callAll(command, value) {
    return Promise.all(this.#workers.map((worker) => worker.call(command, value)))
  }

  /** The number of file descriptors of all workers; null on a system without /proc. */
  descriptors() {
    try {
      return this.#workers.reduce(
        (sum, { child }) => sum + readdirSync(`/proc/${child.pid}/fd`).length,
        0,
      )
    } catch {
      return null
    }
  }

  /** Ends all workers. */
  terminate() {
    this.#killAll()
    process.off('exit', this.#killAll)
  }
}

/** One process, seen from the one that started it. */
class Worker {
  progress = 'none yet'
  #stallTimeoutMs
  #pending = new Map()
  #lastId = 0
  #ended
  #progressedMs = nowMs()

  constructor(name, child, stallTimeoutMs) {
    this.name = name
    this.child = child
    this.#stallTimeoutMs = stallTimeoutMs
    child.on('message', (message) => this.#onMessage(message))
    child.on('error', (error) => this.#failAll(error.message))
    child.on('exit', (code, signal) => this.#failAll(`ended with ${signal ?? code}`))
  }

  /** @returns the answer; rejects when the worker ends first, or makes no progress for too long */
  call(command, value) {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(new Error(this.#ended))
        return
      }
      const id = ++this.#lastId
      this.#progressedMs = nowMs()
      const watchdog = setInterval(() => {
        const stalledMs = nowMs() - this.#progressedMs
        if (stalledMs < this.#stallTimeoutMs) return
        const seconds = Math.round(stalledMs / 1000)
        const progress = JSON.stringify(this.progress)
        const text = `${this.name}, ${command}: no progress for ${seconds} s; so far: ${progress}`
        settle(reject, new Error(text))
      }, 250)
      const settle = (resolveOrReject, result) => {
        clearInterval(watchdog)
        this.#pending.delete(id)
        resolveOrReject(result)
      }
      this.#pending.set(id, {
        answered: (answer) => settle(resolve, answer),
        failed: (error) => settle(reject, error),
      })
      this.child.send({ id, command, value })
    })
  }

  #onMessage({ id, answer, error, progress }) {
    if (id === undefined) {
      if (JSON.stringify(progress) !== JSON.stringify(this.progress)) this.#progressedMs = nowMs()
      this.progress = progress
    } else if (error === undefined) this.#pending.get(id)?.answered(answer)
    else this.#pending.get(id)?.failed(new Error(`${this.name}: ${error}`))
  }

  #failAll(reason) {
    this.#ended = `${this.name} ${reason}`
    for (const { failed } of this.#pending.values()) failed(new Error(this.#ended))
  }
}

/**
 * The worker's side: answers commands until the parent disconnects.
 *
 * @param handlers by command: takes the value, returns the answer or a promise of it
 * @param progress any value; while it changes, the parent keeps waiting for the answer
 */
export function serve(handlers, progress = () => null) {
  process.on('disconnect', () => process.exit(1))
  process.on('message', async ({ id, command, value }) => {
    try {
      process.send({ id, answer: await handlers[command](value) })
    } catch (error) {
      process.send({ id, error: error.stack })
    }
  })
  setInterval(() => process.send({ progress: progress() }), PROGRESS_INTERVAL_MS)
}
