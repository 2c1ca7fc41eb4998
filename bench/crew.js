/**
 * A crew: the child processes of a comparison, each of which does what it is asked and answers.
 *
 * None outlives the run: they end with `dismiss`, with the process that hired them, and when they lose touch with it. Nobody is
 * waited for without end: when nothing moves for too long, the error tells how far everybody has come.
 */
import { fork } from 'node:child_process'
import { readdirSync } from 'node:fs'

/** Nothing has to come from a crew for so long before it is given up, in milliseconds. */
const PATIENCE_MS = 60_000

/** How often a worker tells how far it is, in milliseconds. */
const PROGRESS_EVERY_MS = 1_000

/** Milliseconds on a clock that all processes of this machine share. */
export function nowMs() {
  return Number(process.hrtime.bigint()) / 1e6
}

/** The processes of one run. */
export class Crew {
  #workers = []
  #patienceMs
  #killAll = () => this.#workers.forEach(({ child }) => child.kill('SIGKILL'))

  constructor({ patienceMs = PATIENCE_MS } = {}) {
    this.#patienceMs = patienceMs
    process.once('exit', this.#killAll)
  }

  /** Starts one more process with a file that calls `serve`. */
  hire(file, { args = [], execArgv = [] } = {}) {
    const worker = new Worker(`worker ${this.#workers.length + 1}`, fork(file, args, { execArgv }), this.#patienceMs)
    this.#workers.push(worker)
    return worker
  }

  /** Asks all of them the same, at the same time. */
  ask(order, value) {
    return Promise.all(this.#workers.map((worker) => worker.ask(order, value)))
  }

  /** The file descriptors of all of them together; null where the system does not tell. */
  descriptors() {
    try {
      return this.#workers.reduce((sum, { child }) => sum + readdirSync(`/proc/${child.pid}/fd`).length, 0)
    } catch {
      return null
    }
  }

  /** What they have told of their progress, one line for each. */
  progress() {
    return this.#workers.map(({ name, progress }) => `${name}: ${JSON.stringify(progress)}`)
  }

  /** Ends them all. */
  dismiss() {
    this.#killAll()
    process.off('exit', this.#killAll)
  }
}

/** One process, seen from the one that hired it. */
class Worker {
  progress = 'nothing yet'
  #patienceMs
  #waiting = new Map()
  #asked = 0
  #gone
  #movedMs = nowMs()

  constructor(name, child, patienceMs) {
    this.name = name
    this.child = child
    this.#patienceMs = patienceMs
    child.on('message', (message) => this.#hear(message))
    child.on('error', (error) => this.#fail(error.message))
    child.on('exit', (code, signal) => this.#fail(`ended with ${signal ?? code}`))
  }

  /** @returns what it answers; rejects when it ends before, or when it gets no further for too long */
  ask(order, value) {
    return new Promise((resolve, reject) => {
      if (this.#gone !== undefined) {
        reject(new Error(this.#gone))
        return
      }
      const id = ++this.#asked
      this.#movedMs = nowMs()
      const watch = setInterval(() => {
        const stillMs = nowMs() - this.#movedMs
        if (stillMs < this.#patienceMs) return
        const progress = JSON.stringify(this.progress)
        settle(reject, new Error(`${this.name}, ${order}: nothing moves for ${Math.round(stillMs / 1000)} s; so far: ${progress}`))
      }, 250)
      const settle = (how, what) => {
        clearInterval(watch)
        this.#waiting.delete(id)
        how(what)
      }
      this.#waiting.set(id, { answered: (answer) => settle(resolve, answer), failed: (error) => settle(reject, error) })
      this.child.send({ id, order, value })
    })
  }

  #hear({ id, answer, error, progress }) {
    if (id === undefined) {
      if (JSON.stringify(progress) !== JSON.stringify(this.progress)) this.#movedMs = nowMs()
      this.progress = progress
    } else if (error === undefined) this.#waiting.get(id)?.answered(answer)
    else this.#waiting.get(id)?.failed(new Error(`${this.name}: ${error}`))
  }

  #fail(why) {
    this.#gone = `${this.name} ${why}`
    for (const { failed } of this.#waiting.values()) failed(new Error(this.#gone))
  }
}

/**
 * What a worker does: answers orders until it is dismissed.
 *
 * @param handlers by the name of the order: takes its value, returns the answer or a promise of it
 * @param progress how far it is; an order that it takes long to answer is given up when this does not change
 */
export function serve(handlers, progress = () => null) {
  process.on('disconnect', () => process.exit(1))
  process.on('message', async ({ id, order, value }) => {
    try {
      process.send({ id, answer: await handlers[order](value) })
    } catch (error) {
      process.send({ id, error: error.stack })
    }
  })
  setInterval(() => process.send({ progress: progress() }), PROGRESS_EVERY_MS)
}
