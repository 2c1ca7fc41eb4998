/**
 * One run of the demo: real processes from one config, all of them broadcasting, watched from
 * outside.
 */
import type { Order, Report } from './demo-words.ts'
import { type ChildProcess, fork } from 'node:child_process'
import { CommandFailure } from './failure.ts'
import { ClusterError } from '../model/cluster-error.ts'
import { DemoTally } from './demo-tally.ts'
import type { Row } from './demo-board.ts'
import { fileURLToPath } from 'node:url'
import { wallClockMs } from './demo-words.ts'

/** Without any progress for so long the demo gives up. */
const STALL_MS = 30_000

/** How a run came out. */
export interface Outcome {
  readonly peers: number
  readonly sent: number
  readonly delivered: number
  readonly dead: number
  readonly lost: number
  readonly duplicated: number
  readonly seconds: number
  readonly perSecond: number
}

interface Worker {
  readonly pid: number
  readonly child: ChildProcess
  state: Row['state']
  broadcasts: number
  sent: number
  dead: number
  stderr: string
}

function gone(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}

/** Runs one demo. */
export class DemoRun {
  readonly #peers: number
  readonly #messages: number
  readonly #say: (line: string) => void
  readonly #workers: Worker[] = []
  readonly #tally: DemoTally
  readonly #outcome: Promise<Outcome>
  #resolve: (outcome: Outcome) => void = () => undefined
  #reject: (error: unknown) => void = () => undefined
  #stall: NodeJS.Timeout | undefined
  #startMs = 0
  #lastMs = 0
  #stopping = false
  #killed = false

  constructor(peers: number, messages: number, say: (line: string) => void) {
    this.#peers = peers
    this.#messages = messages
    this.#say = say
    this.#tally = new DemoTally(peers, messages)
    this.#outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** @param config the path of a config that names the pids from 1 on */
  run(config: string): Promise<Outcome> {
    for (let pid = 1; pid <= this.#peers; pid++) this.#start(config, pid)
    this.#progress()
    return this.#outcome.finally(() => this.kill())
  }

  /** Ends the workers that are left, and resolves when they are gone. */
  async kill(): Promise<void> {
    clearTimeout(this.#stall)
    this.#killed = true
    await Promise.all(this.#workers.map(({ child }) => gone(child)))
  }

  rows(): Row[] {
    const expected = (this.#peers - 1) * this.#messages
    return this.#workers.map(({ pid, state, broadcasts }) => {
      const received = this.#tally.receivedBy(pid)
      return { pid, state, sent: broadcasts, received, expected }
    })
  }

  #start(config: string, pid: number): void {
    const program = fileURLToPath(new URL('./demo-worker.js', import.meta.url))
    const child = fork(program, [config, String(pid)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    const worker: Worker = {
      pid,
      child,
      state: 'starting',
      broadcasts: 0,
      sent: 0,
      dead: 0,
      stderr: '',
    }
    this.#workers.push(worker)
    child.stderr?.on('data', (text: Buffer) => (worker.stderr += text.toString()))
    child.on('message', (report: Report) => this.#hear(worker, report))
    child.on('error', (error) => this.#reject(error))
    child.on('exit', (code, signal) => this.#ended(worker, code, signal))
  }

  #hear(worker: Worker, report: Report): void {
    // What was still in the pipe of a worker that was killed would set the timer again.
    if (this.#killed) return
    this.#progress()
    switch (report.type) {
      case 'ready':
        worker.state = 'ready'
        this.#say(`node ${worker.pid} is ready, process ${worker.child.pid}`)
        if (this.#workers.every(({ state }) => state === 'ready')) this.#go()
        return
      case 'sent':
        worker.broadcasts = report.count
        return
      case 'seen':
        this.#tally.add(worker.pid, report.runs)
        this.#lastMs = Math.max(this.#lastMs, report.atMs)
        if (this.#tally.delivered === this.#tally.expected) this.#stop()
        return
      case 'done':
        worker.state = 'done'
        worker.sent = report.sent
        worker.dead = report.dead
        return
      case 'failed': {
        const { code, message } = report
        const text = `node ${worker.pid} could not start: ${message}`
        this.#reject(
          code === 'ADDRESS_IN_USE' ? new ClusterError(code, text) : new CommandFailure(text),
        )
      }
    }
  }

  #go(): void {
    this.#startMs = wallClockMs()
    this.#lastMs = this.#startMs
    for (const worker of this.#workers) {
      worker.state = 'sending'
      this.#order(worker, { type: 'go', messages: this.#messages })
    }
  }

  /** Everything has been seen, or nothing more will be. */
  #stop(): void {
    if (this.#stopping) return
    this.#stopping = true
    for (const worker of this.#workers) this.#order(worker, { type: 'stop' })
  }

  /** A worker that has just died cannot take it: how it died is told by its `exit`. */
  #order(worker: Worker, order: Order): void {
    if (worker.child.connected) worker.child.send(order, () => undefined)
  }

  #ended(worker: Worker, code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#killed) return
    if (worker.state !== 'done') {
      const how = signal === null ? `with exit code ${code}` : `by ${signal}`
      this.#reject(
        new CommandFailure(`node ${worker.pid} ended ${how}\n${worker.stderr}`.trimEnd()),
      )
    } else if (
      this.#workers.every(({ state, child }) => state === 'done' && child.exitCode !== null)
    ) {
      this.#resolve(this.#sum())
    }
  }

  /**
   * A cluster that stands still has lost something: it is asked what it knows, and then the result
   * tells.
   */
  #progress(): void {
    clearTimeout(this.#stall)
    this.#stall = setTimeout(() => {
      if (this.#startMs === 0 || this.#stopping) {
        this.#reject(
          new CommandFailure(`nothing has happened for ${STALL_MS / 1000} s: ${this.#states()}`),
        )
      } else {
        this.#say(`nothing has arrived for ${STALL_MS / 1000} s: giving up`)
        this.#stop()
        this.#progress()
      }
    }, STALL_MS)
  }

  #states(): string {
    return this.#workers.map(({ pid, state }) => `${pid} is ${state}`).join(', ')
  }

  #sum(): Outcome {
    const { delivered, lost, duplicated, invented } = this.#tally
    if (invented > 0) this.#say(`${invented} messages arrived that nobody sent`)
    const seconds = (this.#lastMs - this.#startMs) / 1000
    return {
      peers: this.#peers,
      sent: this.#workers.reduce((sum, worker) => sum + worker.sent, 0),
      delivered,
      dead: this.#workers.reduce((sum, worker) => sum + worker.dead, 0),
      lost,
      duplicated: duplicated + invented,
      seconds: Math.round(seconds * 1000) / 1000,
      perSecond: Math.round(delivered / Math.max(seconds, 0.001)),
    }
  }
}
