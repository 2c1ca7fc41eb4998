/** Child processes that take orders: asked one thing, they answer it, or they have ended and everybody hears of it. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** All that this process started and that have not ended; nobody else is ever ended. */
const living = new Set()
process.on('exit', () => {
  for (const one of living) one.kill('SIGKILL')
})

/** Ends them all, and waits until they have ended. */
export async function endAll() {
  const ended = [...living].map((one) => once(one, 'exit'))
  for (const one of living) one.kill('SIGKILL')
  await Promise.all(ended)
}

/** How much of what a child says on stderr is kept for the report. */
const WORDS_MAX = 4_000

export class Child {
  name
  /** What it said when it was ready. */
  hello
  /** Resolves once it has ended, with how. */
  ended
  #process
  #questions = new Map()
  #lastId = 0
  #expected = false
  #words = ''
  #hears = new Map()

  /** @param unexpected told when it ends without having been asked to */
  constructor(name, file, settings, unexpected) {
    this.name = name
    const path = fileURLToPath(new URL(file, import.meta.url))
    this.#process = fork(path, [JSON.stringify(settings)], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    living.add(this.#process)
    this.#process.stderr.on('data', (text) => {
      this.#words = (this.#words + text).slice(-WORDS_MAX)
    })
    this.#process.on('message', (answer) => this.#answered(answer))
    this.hello = this.#answer(0)
    this.hello.catch(() => undefined)
    this.ended = new Promise((resolve) => {
      this.#process.once('exit', () => living.delete(this.#process))
      // By then all it had to say has come.
      this.#process.once('close', (code, signal) => {
        const error = new Error(`${name} ended with ${signal ?? code}${this.#words === '' ? '' : `:\n${this.#words}`}`)
        for (const { reject } of this.#questions.values()) reject(error)
        this.#questions.clear()
        if (!this.#expected || (code !== 0 && signal === null)) unexpected(error)
        resolve({ code, signal })
      })
    })
  }

  /** Gives an order. @returns what it answers; rejects when it ends before, of which others hear too: it may be left alone */
  ask(order, details = {}) {
    const id = ++this.#lastId
    const answer = this.#answer(id)
    answer.catch(() => undefined)
    this.#process.send({ id, order, ...details }, (error) => {
      if (error) this.#fail(id, error)
    })
    return answer
  }

  /** Gives an order that is not answered. */
  tell(order, details = {}) {
    this.#process.send({ order, ...details }, () => undefined)
  }

  /** The next time it says this word by itself. */
  hear(word) {
    return new Promise((resolve) => this.#hears.set(word, resolve))
  }

  /** Asks it to end by itself, and waits until it has. */
  async close() {
    this.#expected = true
    this.tell('close')
    return this.ended
  }

  /** Ends it at once. */
  async kill() {
    this.#expected = true
    this.#process.kill('SIGKILL')
    return this.ended
  }

  /** SIGSTOP: it stands still, and its connections stay. */
  freeze() {
    this.#process.kill('SIGSTOP')
  }

  thaw() {
    this.#process.kill('SIGCONT')
  }

  #answer(id) {
    return new Promise((resolve, reject) => this.#questions.set(id, { resolve, reject }))
  }

  #answered({ id, word, answer, failure }) {
    if (word !== undefined) {
      this.#hears.get(word)?.(answer)
      this.#hears.delete(word)
    } else if (failure === undefined) {
      this.#questions.get(id)?.resolve(answer)
      this.#questions.delete(id)
    } else this.#fail(id, new Error(`${this.name}: ${failure}`))
  }

  #fail(id, error) {
    this.#questions.get(id)?.reject(error)
    this.#questions.delete(id)
  }
}
