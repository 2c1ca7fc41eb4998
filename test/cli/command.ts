/** Runs the built program `rx-cluster` in a process of its own. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { once } from 'node:events'
import { tmpdir } from 'node:os'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export interface CommandResult {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs a command to its end, with empty input. */
export async function command(...args: string[]): Promise<CommandResult> {
  const running = new RunningCommand(...args)
  running.child.stdin.end()
  return running.ended
}

/** A running command, with its input and its output. */
export class RunningCommand {
  readonly child: ChildProcessWithoutNullStreams
  readonly ended: Promise<CommandResult>
  readonly lines: string[] = []
  readonly #waiting = new Set<() => void>()
  #err = ''

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, [MAIN, ...args], { stdio: 'pipe' })
    this.child.stderr.on('data', (text: Buffer) => (this.#err += text.toString()))
    const out = createInterface({ input: this.child.stdout })
    out.on('line', (line) => {
      this.lines.push(line)
      for (const check of this.#waiting) check()
    })
    const closed = Promise.all([
      once(this.child, 'exit'),
      once(out, 'close'),
      once(this.child, 'close'),
    ])
    this.ended = closed.then(([[code]]) => ({
      code: code as number | null,
      out: this.lines.join('\n'),
      err: this.#err,
    }))
  }

  writeLine(line: string): void {
    this.child.stdin.write(`${line}\n`)
  }

  /** Waits for the first line that matches; earlier lines count. */
  async line(matches: (line: string) => boolean): Promise<string> {
    const firstMatch = new Promise<string>((resolve) => {
      const check = (): void => {
        const line = this.lines.find(matches)
        if (line === undefined) return
        this.#waiting.delete(check)
        resolve(line)
      }
      this.#waiting.add(check)
      check()
    })
    const earlyEnd = this.ended.then(({ code, out, err }) => {
      const line = this.lines.find(matches)
      if (line !== undefined) return line
      throw new Error(`exited with ${code} before a line matched:\n${out}\n${err}`)
    })
    return Promise.race([firstMatch, earlyEnd])
  }
}

/** Creates a temporary directory with files. */
export async function directory(
  files: Record<string, string | object> = {},
): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'rx-cluster-cli-'))
  for (const [name, content] of Object.entries(files)) {
    await writeFile(
      join(path, name),
      typeof content === 'string' ? content : JSON.stringify(content),
    )
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** Returns a config of nodes with ipc sockets in a directory. */
export function ipcConfig(path: string, count: number): object {
  const pids = Array.from({ length: count }, (_, index) => index + 1)
  return {
    cluster: 'cli',
    peers: pids.map((pid) => ({ pid, endpoint: `ipc://${path}/node-${pid}` })),
  }
}
