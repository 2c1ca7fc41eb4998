/** Nodes in Python: which Python can run them, and processes that are read line by line. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { once } from 'node:events'

/** Where the example stands. */
export const PYTHON_DIR = fileURLToPath(new URL('../../examples/python/', import.meta.url))
/** The first Python that has what the example needs; that of the system may have more. */
export const PYTHON = ['python3', '/usr/bin/python3'].find(
  (python) => spawnSync(python, ['-c', 'import msgpack, zmq']).status === 0,
)
/** What the name of a suite tells where it is left out. */
export const SKIP_NOTE = PYTHON === undefined ? ' (left out: no python3 with zmq and msgpack)' : ''

/** A line that the program prints. */
export interface OutputLine {
  readonly event: string
  readonly pid?: number
  readonly endpoint?: string
  readonly msgId?: number
  readonly re?: number
  readonly msg?: unknown
  readonly reason?: string
  readonly outcome?: string
  readonly detail?: string
  readonly state?: string
}

const running = new Set<PythonNode>()

/** Ends whatever still runs, each by its id. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((one) => one.stop('SIGKILL')))
}

/** One process: `main.py` with these arguments, or, after `-c`, a program that stands there. */
export class PythonNode {
  readonly child: ChildProcess
  readonly lines: OutputLine[] = []
  /** The code that it ended with, and what it wrote beside its lines. */
  readonly exited: Promise<{ readonly code: number | null; readonly err: string }>
  readonly #waiters = new Set<() => void>()

  constructor(...args: readonly string[]) {
    const argv = args[0] === '-c' ? args : [`${PYTHON_DIR}main.py`, ...args]
    const env = { ...process.env, PYTHONPATH: PYTHON_DIR, PYTHONDONTWRITEBYTECODE: '1' }
    this.child = spawn(PYTHON ?? 'python3', argv, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    running.add(this)
    let err = ''
    this.child.stderr?.on('data', (text: Buffer) => (err += text.toString()))
    createInterface({ input: this.child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      this.lines.push(JSON.parse(line) as OutputLine)
      for (const check of this.#waiters) check()
    })
    this.exited = once(this.child, 'close').then(([code]: unknown[]) => {
      running.delete(this)
      for (const check of this.#waiters) check()
      return { code: code as number | null, err }
    })
  }

  /** What is found in the lines, now or as soon as there are enough. */
  async find<T>(select: (lines: readonly OutputLine[]) => T | undefined): Promise<T> {
    const found = new Promise<T>((resolve) => {
      const check = (): void => {
        const value = select(this.lines)
        if (value === undefined) return
        this.#waiters.delete(check)
        resolve(value)
      }
      this.#waiters.add(check)
      check()
    })
    const onExit = this.exited.then(({ code, err }): T => {
      const value = select(this.lines)
      if (value !== undefined) return value
      throw new Error(`ended with ${code}: ${err}\n${JSON.stringify(this.lines.slice(-9))}`)
    })
    return Promise.race([found, onExit])
  }

  /** The first line of this event, or the first that is so. */
  async line(
    event: string,
    matches: (line: OutputLine) => boolean = () => true,
  ): Promise<OutputLine> {
    return this.find((lines) => lines.find((line) => line.event === event && matches(line)))
  }

  /** The lines of this event, as soon as there are so many. */
  async linesOf(event: string, count: number): Promise<readonly OutputLine[]> {
    return this.find((lines) => {
      const matching = lines.filter((line) => line.event === event)
      return matching.length >= count ? matching : undefined
    })
  }

  /** Where it listens. */
  async endpoint(): Promise<string> {
    const { endpoint = '' } = await this.line('bound')
    return endpoint
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal)
    return (await this.exited).code
  }
}
