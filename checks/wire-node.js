/** A node of a build as a process, which prints JSON lines; `wire-program.js` is its program. */
import { StepFailure } from './steps.js'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('wire-program.js', import.meta.url))
const ANY_PORT = 'tcp://127.0.0.1:0'
/** How long a step waits for a line, on a busy machine too. */
const LINE_TIMEOUT_MS = 60_000

/** The process. `call` is given what a line of its input has. */
export class WireNode {
  lines = []
  #child
  #name
  #waiting = new Set()
  #closed

  constructor(start, directory, pid, bind = ANY_PORT) {
    this.#name = `node ${pid} of ${directory}`
    this.#child = start(process.execPath, [PROGRAM, directory, pid, bind])
    this.#closed = new Promise((done) => this.#child.once('close', done))
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.lines.push(JSON.parse(line))
      for (const check of this.#waiting) check()
    })
  }

  call(methods) {
    this.#child.stdin.write(`${JSON.stringify(methods)}\n`)
  }

  async endpoint() {
    return (await this.line(({ type }) => type === 'listens')).endpoint
  }

  /** Resolves to the first line that matches. */
  async line(matches) {
    const fail = (why) => {
      const lines = this.lines.slice(-20).map((one) => JSON.stringify(one))
      throw new StepFailure([`${this.#name} ${why}:`, matches.toString(), ...lines].join('\n'))
    }
    let check
    const found = new Promise((done) => {
      check = () => {
        const line = this.lines.find(matches)
        if (line !== undefined) done(line)
      }
      this.#waiting.add(check)
      check()
    })
    let timer
    const late = new Promise((done) => {
      timer = setTimeout(done, LINE_TIMEOUT_MS, 'has not printed')
    })
    const ended = this.#closed.then(() => 'has ended without')
    try {
      const result = await Promise.race([found, late, ended])
      return typeof result === 'string' ? fail(result) : result
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(check)
    }
  }

  async close() {
    this.#child.stdin.end()
    await this.#closed
  }
}
