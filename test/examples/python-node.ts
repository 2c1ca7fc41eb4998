/** Nodes in Python: which Python can run them, and processes that are read line by line. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { once } from 'node:events'

/** Where the example stands. */
export const FOLDER = fileURLToPath(new URL('../../examples/python/', import.meta.url))
/** The first Python that has what the example needs; that of the system may have more. */
export const PYTHON = ['python3', '/usr/bin/python3'].find(
  (python) => spawnSync(python, ['-c', 'import msgpack, zmq']).status === 0,
)
/** What the name of a suite tells where it is left out. */
export const MISSING = PYTHON === undefined ? ' (left out: no python3 with zmq and msgpack)' : ''

/** A line that the program prints. */
export interface Line {
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
export async function endAll(): Promise<void> {
  await Promise.all([...running].map((one) => one.end('SIGKILL')))
}

/** One process: `main.py` with these arguments, or, after `-c`, a program that stands there. */
export class PythonNode {
  readonly child: ChildProcess
  readonly lines: Line[] = []
  /** The code that it ended with, and what it wrote beside its lines. */
  readonly ended: Promise<{ readonly code: number | null; readonly err: string }>
  readonly #waiting = new Set<() => void>()

  constructor(...args: readonly string[]) {
    const all = args[0] === '-c' ? args : [`${FOLDER}main.py`, ...args]
    const env = { ...process.env, PYTHONPATH: FOLDER, PYTHONDONTWRITEBYTECODE: '1' }
    this.child = spawn(PYTHON ?? 'python3', all, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    running.add(this)
    let err = ''
    this.child.stderr?.on('data', (text: Buffer) => (err += text.toString()))
    createInterface({ input: this.child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      this.lines.push(JSON.parse(line) as Line)
      for (const look of this.#waiting) look()
    })
    this.ended = once(this.child, 'close').then(([code]: unknown[]) => {
      running.delete(this)
      for (const look of this.#waiting) look()
      return { code: code as number | null, err }
    })
  }

  /** What is found in the lines, now or as soon as there are enough. */
  async find<T>(look: (lines: readonly Line[]) => T | undefined): Promise<T> {
    const found = new Promise<T>((resolve) => {
      const once = (): void => {
        const value = look(this.lines)
        if (value === undefined) return
        this.#waiting.delete(once)
        resolve(value)
      }
      this.#waiting.add(once)
      once()
    })
    const early = this.ended.then(({ code, err }): T => {
      const value = look(this.lines)
      if (value !== undefined) return value
      throw new Error(`ended with ${code}: ${err}\n${JSON.stringify(this.lines.slice(-9))}`)
    })
    return Promise.race([found, early])
  }

  /** The first line of this event, or the first that is so. */
  async line(event: string, so: (line: Line) => boolean = () => true): Promise<Line> {
    return this.find((lines) => lines.find((line) => line.event === event && so(line)))
  }

  /** The lines of this event, as soon as there are so many. */
  async several(event: string, count: number): Promise<readonly Line[]> {
    return this.find((lines) => {
      const some = lines.filter((line) => line.event === event)
      return some.length >= count ? some : undefined
    })
  }

  /** Where it listens. */
  async endpoint(): Promise<string> {
    const { endpoint = '' } = await this.line('bound')
    return endpoint
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal)
    return (await this.ended).code
  }
}
