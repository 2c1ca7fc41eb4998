/** Runs Python nodes as processes, and reads their lines. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { once } from 'node:events'

/** The folder of the example. */
export const PYTHON_DIR = fileURLToPath(new URL('../../examples/python/', import.meta.url))
/** The first Python with the packages of the example; the system Python may have them. */
export const PYTHON = ['python3', '/usr/bin/python3'].find(
  (python) => spawnSync(python, ['-c', 'import msgpack, zmq']).status === 0,
)
/** A suffix for the name of a skipped suite. */
export const SKIP_NOTE = PYTHON === undefined ? ' (skipped: no python3 with zmq and msgpack)' : ''

/** A line that the program prints, as an object. */
export interface OutputLine {
  readonly event: string
  readonly pid?: number
  readonly endpoint?: string
  readonly msgId?: number
  readonly re?: number
  readonly msg?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly error?: { readonly code: string; readonly message: string }
  readonly reason?: string
  readonly outcome?: string
  readonly detail?: string
  readonly state?: string
}

const running = new Set<PythonNode>()

/** Kills all running nodes. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((one) => one.stop('SIGKILL')))
}

/** One process: `main.py` with these arguments, or after `-c` the program of the next argument. */
export class PythonNode {
  readonly child: ChildProcess
  readonly lines: OutputLine[] = []
  /** The exit code and the output on stderr. */
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

  /** Resolves to the first defined result of `select`, which is called after each line. */
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

  /** Resolves to the first line of this event that matches. */
  async line(
    event: string,
    matches: (line: OutputLine) => boolean = () => true,
  ): Promise<OutputLine> {
    return this.find((lines) => lines.find((line) => line.event === event && matches(line)))
  }

  /** Resolves to the lines of this event once there are `count`. */
  async linesOf(event: string, count: number): Promise<readonly OutputLine[]> {
    return this.find((lines) => {
      const matching = lines.filter((line) => line.event === event)
      return matching.length >= count ? matching : undefined
    })
  }

  /** Resolves to the endpoint that it listens at. */
  async endpoint(): Promise<string> {
    const { endpoint = '' } = await this.line('bound')
    return endpoint
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal)
    return (await this.exited).code
  }
}
