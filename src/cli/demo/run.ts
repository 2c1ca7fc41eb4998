/** One run of the demo: starts the workers, collects their reports, and computes the result. */
import type { ParentMessage, WorkerMessage } from './ipc.ts'
import { type ChildProcess, fork } from 'node:child_process'
import { CommandError } from '../errors.ts'
import { ClusterError } from '../../model/cluster-error.ts'
import { DeliveryCount } from './delivery-count.ts'
import type { PeerProgress } from './progress.ts'
import { fileURLToPath } from 'node:url'
import { wallClockMs } from './ipc.ts'

/** The demo gives up after this time without progress. */
const STALL_MS = 30_000

/** The result of a run. */
export interface DemoResult {
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
  state: PeerProgress['state']
  broadcasts: number
  sent: number
  dead: number
  stderr: string
}

function killWorker(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}

/** Runs the demo once. */
export class DemoRun {
  readonly #peers: number
  readonly #messages: number
  readonly #log: (line: string) => void
  readonly #workers: Worker[] = []
  readonly #deliveryCount: DeliveryCount
  readonly #result: Promise<DemoResult>
  #resolve: (result: DemoResult) => void = () => undefined
  #reject: (error: unknown) => void = () => undefined
  #stallTimer: NodeJS.Timeout | undefined
  #startMs = 0
  #lastReceivedMs = 0
  #stopping = false
  #killed = false

  constructor(peers: number, messages: number, log: (line: string) => void) {
    this.#peers = peers
    this.#messages = messages
    this.#log = log
    this.#deliveryCount = new DeliveryCount(peers, messages)
    this.#result = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** @param config path of a config with the pids 1 to `peers` */
  run(config: string): Promise<DemoResult> {
    for (let pid = 1; pid <= this.#peers; pid++) this.#start(config, pid)
    this.#restartStallTimer()
    return this.#result.finally(() => this.kill())
  }

  /** Kills the remaining workers, and resolves when they have exited. */
  async kill(): Promise<void> {
    clearTimeout(this.#stallTimer)
    this.#killed = true
    await Promise.all(this.#workers.map(({ child }) => killWorker(child)))
  }

  rows(): PeerProgress[] {
    const expected = (this.#peers - 1) * this.#messages
    return this.#workers.map(({ pid, state, broadcasts }) => {
      const received = this.#deliveryCount.receivedBy(pid)
      return { pid, state, sent: broadcasts, received, expected }
    })
  }

  #start(config: string, pid: number): void {
    const program = fileURLToPath(new URL('./worker.js', import.meta.url))
    const child = fork(program, [config, String(pid)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // The keys of another cluster are none of the demo.
      env: { ...process.env, RX_CLUSTER_KEY_FILE: '', RX_CLUSTER_SECRET_FILE: '' },
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
    child.on('message', (workerMessage: WorkerMessage) => this.#onMessage(worker, workerMessage))
    child.on('error', (error) => this.#reject(error))
    child.on('exit', (code, signal) => this.#onExit(worker, code, signal))
  }

  #onMessage(worker: Worker, workerMessage: WorkerMessage): void {
    // Messages of a killed worker may still be in its pipe: they must not restart the timer.
    if (this.#killed) return
    this.#restartStallTimer()
    switch (workerMessage.type) {
      case 'open':
        worker.state = 'connecting'
        return
      case 'ready':
        worker.state = 'ready'
        this.#log(`node ${worker.pid} is ready (process ${worker.child.pid})`)
        if (this.#workers.every(({ state }) => state === 'ready')) this.#startSending()
        return
      case 'sent':
        worker.broadcasts = workerMessage.count
        return
      case 'received':
        this.#deliveryCount.add(worker.pid, workerMessage.ranges)
        this.#lastReceivedMs = Math.max(this.#lastReceivedMs, workerMessage.atMs)
        if (this.#deliveryCount.delivered === this.#deliveryCount.expected) this.#stop()
        return
      case 'done':
        worker.state = 'done'
        worker.sent = workerMessage.sent
        worker.dead = workerMessage.dead
        return
      case 'failed': {
        const { code, message } = workerMessage
        const text = `node ${worker.pid} could not start: ${message}`
        this.#reject(
          code === 'ADDRESS_IN_USE' ? new ClusterError(code, text) : new CommandError(text),
        )
      }
    }
  }

  #startSending(): void {
    this.#startMs = wallClockMs()
    this.#lastReceivedMs = this.#startMs
    for (const worker of this.#workers) {
      worker.state = 'sending'
      this.#send(worker, { type: 'start', messages: this.#messages })
    }
  }

  /** Stops the workers: they report what is left, and exit. */
  #stop(): void {
    if (this.#stopping) return
    this.#stopping = true
    for (const worker of this.#workers) this.#send(worker, { type: 'stop' })
  }

  /** Errors are ignored: if the worker has died, `#onExit` reports it. */
  #send(worker: Worker, message: ParentMessage): void {
    if (worker.child.connected) worker.child.send(message, () => undefined)
  }

  #onExit(worker: Worker, code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#killed) return
    if (worker.state !== 'done') {
      const how = signal === null ? `with exit code ${code}` : `by ${signal}`
      this.#reject(new CommandError(`node ${worker.pid} ended ${how}\n${worker.stderr}`.trimEnd()))
    } else if (
      this.#workers.every(({ state, child }) => state === 'done' && child.exitCode !== null)
    ) {
      this.#resolve(this.#createResult())
    }
  }

  /**
   * Detects a stall. While messages are in flight, a stall means that some were lost: the workers
   * are stopped, and the result counts them. Before and after that, it is an error.
   */
  #restartStallTimer(): void {
    clearTimeout(this.#stallTimer)
    this.#stallTimer = setTimeout(() => {
      if (this.#startMs === 0 || this.#stopping) {
        this.#reject(
          new CommandError(`no progress for ${STALL_MS / 1000} s (${this.#describeStates()})`),
        )
      } else {
        this.#log(`no message has arrived for ${STALL_MS / 1000} s: stopping`)
        this.#stop()
        this.#restartStallTimer()
      }
    }, STALL_MS)
  }

  #describeStates(): string {
    const states = new Set(this.#workers.map(({ state }) => state))
    const describe = (state: PeerProgress['state']): string => {
      const pids = this.#workers.filter((worker) => worker.state === state).map(({ pid }) => pid)
      return `${state}: ${pids.join(', ')}`
    }
    return [...states].map(describe).join('; ')
  }

  #createResult(): DemoResult {
    const { delivered, lost, duplicated, invented } = this.#deliveryCount
    if (invented > 0) this.#log(`${invented} messages arrived that no node sent`)
    const seconds = (this.#lastReceivedMs - this.#startMs) / 1000
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
