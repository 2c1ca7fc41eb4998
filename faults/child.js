/** Child processes that answer commands. A child that ends unexpectedly fails the whole run. */
import { fileURLToPath } from 'node:url'
import { fork } from 'node:child_process'
import { once } from 'node:events'

/** The children of this process that have not ended; no other process is ever killed. */
const living = new Set()
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})

/** Kills all children, and waits until they have ended. */
export async function endAll() {
  const ended = [...living].map((child) => once(child, 'exit'))
  for (const child of living) child.kill('SIGKILL')
  await Promise.all(ended)
}

/** Characters of a child's stderr that are kept for the report. */
const STDERR_LENGTH_MAX = 4_000

export class Child {
  name
  /** What the child sent when it was ready. */
  hello
  /** Resolves with the exit code and signal once the child has ended. */
  ended
  #process
  #pending = new Map()
  #lastId = 0
  #expected = false
  #stderr = ''
  #signals = new Map()

  /**
   * @param onUnexpectedEnd called when the child ends without having been asked to
   * @param through a command and its arguments that run the child, such as `nice -n 19`
   */
  constructor(name, file, settings, onUnexpectedEnd, through = []) {
    this.name = name
    const path = fileURLToPath(new URL(file, import.meta.url))
    const stdio = ['ignore', 'ignore', 'pipe', 'ipc']
    const [execPath, ...execArgv] = [...through, process.execPath]
    const options = { serialization: 'advanced', stdio, execPath, execArgv }
    this.#process = fork(path, [JSON.stringify(settings)], options)
    living.add(this.#process)
    this.#process.stderr.on('data', (text) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_LENGTH_MAX)
    })
    this.#process.on('message', (message) => this.#onMessage(message))
    this.hello = this.#answer(0)
    this.hello.catch(() => undefined)
    this.ended = new Promise((resolve) => {
      this.#process.once('exit', () => living.delete(this.#process))
      // `close` follows `exit` when all messages and stderr have arrived.
      this.#process.once('close', (code, signal) => {
        const stderr = this.#stderr === '' ? '' : `:\n${this.#stderr}`
        const error = new Error(`${name} ended with ${signal ?? code}${stderr}`)
        for (const { reject } of this.#pending.values()) reject(error)
        this.#pending.clear()
        if (!this.#expected || (code !== 0 && signal === null)) onUnexpectedEnd(error)
        resolve({ code, signal })
      })
    })
  }

  /** Sends a command. @returns the answer; rejects when the child ends first */
  ask(command, details = {}) {
    const id = ++this.#lastId
    const answer = this.#answer(id)
    // The end of the child is reported elsewhere, too: an unused answer must not be unhandled.
    answer.catch(() => undefined)
    this.#process.send({ id, command, ...details }, (error) => {
      if (error) this.#fail(id, error)
    })
    return answer
  }

  /** Sends a command without an answer. */
  send(command, details = {}) {
    this.#process.send({ command, ...details }, () => undefined)
  }

  /** Resolves when the child next emits this signal by itself. */
  nextSignal(name) {
    return new Promise((resolve) => this.#signals.set(name, resolve))
  }

  /** Asks the child to close its node and end, and waits until it has ended. */
  async close() {
    this.#expected = true
    this.send('close')
    return this.ended
  }

  /** Sends a signal that the child ends by. @returns how it ended */
  async signal(name) {
    this.#expected = true
    this.#process.kill(name)
    return this.ended
  }

  /** Ends the child with SIGKILL. */
  async kill() {
    this.#expected = true
    this.#process.kill('SIGKILL')
    return this.ended
  }

  /** Stops the child with SIGSTOP: it does not run, and its connections stay open. */
  stop() {
    this.#process.kill('SIGSTOP')
  }

  /** Continues a stopped child. */
  resume() {
    this.#process.kill('SIGCONT')
  }

  #answer(id) {
    return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }))
  }

  #onMessage({ id, signal, answer, failure }) {
    if (signal !== undefined) {
      this.#signals.get(signal)?.(answer)
      this.#signals.delete(signal)
    } else if (failure === undefined) {
      this.#pending.get(id)?.resolve(answer)
      this.#pending.delete(id)
    } else this.#fail(id, new Error(`${this.name}: ${failure}`))
  }

  #fail(id, error) {
    this.#pending.get(id)?.reject(error)
    this.#pending.delete(id)
  }
}
