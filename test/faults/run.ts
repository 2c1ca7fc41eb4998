/** Starts `npm run faults`. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { once } from 'node:events'

const RUN = fileURLToPath(new URL('../../faults/run.js', import.meta.url))

export interface FaultRun {
  readonly child: ChildProcess
  readonly ended: Promise<{ code: number | null; out: string; err: string }>
}

/** Shorter than the timeout of a test: a run must not outlive it. */
const LIMIT_SECONDS = '50'

/** @param detached in a process group of its own */
export function start(args: readonly string[], detached = false): FaultRun {
  const child = spawn(process.execPath, [RUN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached,
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (text: Buffer) => (out += text.toString()))
  child.stderr.on('data', (text: Buffer) => (err += text.toString()))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, err }))
  return { child, ended }
}

/** Runs a scenario. @returns its result */
export async function runFaults(...args: string[]): Promise<Record<string, unknown>> {
  const limit = args.includes('--limit') ? [] : ['--limit', LIMIT_SECONDS]
  const { code, out, err } = await start([...args, ...limit, '--json']).ended
  const result = JSON.parse(out.trim().split('\n').at(-1) ?? '') as Record<string, unknown>
  if (code !== (result['ok'] === true ? 0 : 1))
    throw new Error(`exit code ${code}:\n${out}\n${err}`)
  return result
}

/** @returns whether a process of the process group of a detached run is alive */
export function isAlive({ child }: FaultRun): boolean {
  try {
    return process.kill(-(child.pid as number), 0)
  } catch {
    return false
  }
}
