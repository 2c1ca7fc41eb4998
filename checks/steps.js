/** Steps of a check: progress on stderr, a temporary folder that is removed, and a summary. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'

/** Lines of output that a failed step shows. */
const OUTPUT_LINES_MAX = 40

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }

/** Thrown by a step that fails; the message is shown without a stack. */
export class StepFailure extends Error {}

/**
 * Runs the steps of a check, prints `NAME: N passed, N failed`, and sets the exit code.
 *
 * @param work gets `step(title, run)`, which continues after a failure and returns the result or
 *   undefined; `execute`, which runs a program; `start`, which returns its process; and the path of
 *   a temporary folder
 * @param keep whether the temporary folder stays
 */
export async function runCheck(name, { keep }, work) {
  const directory = mkdtempSync(join(tmpdir(), 'rx-cluster-check-'))
  const children = new Set()
  const clean = () => {
    for (const child of children) child.kill('SIGKILL')
    if (!keep) rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
  }
  process.once('exit', clean)
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.once(signal, () => process.exit(code))
  }
  const counts = { passed: 0, failed: 0 }
  const step = async (title, run) => {
    const startMs = performance.now()
    process.stderr.write(`  ${title} …\n`)
    try {
      const result = await run()
      counts.passed++
      process.stderr.write(`  ok    ${title} (${seconds(startMs)} s)\n`)
      return result
    } catch (error) {
      counts.failed++
      const text = error instanceof StepFailure ? error.message : error.stack
      process.stderr.write(`  FAIL  ${title} (${seconds(startMs)} s)\n${indent(text)}\n`)
      return undefined
    }
  }
  const execute = (...args) => executeIn(children, ...args)
  const start = (...args) => startIn(children, ...args)
  const startMs = performance.now()
  await work({ step, execute, start, directory })
  if (keep) console.error(`  kept ${directory}`)
  console.log(`${name}: ${counts.passed} passed, ${counts.failed} failed (${seconds(startMs)} s)`)
  process.exit(counts.failed === 0 ? 0 : 1)
}

/** Starts a program, which ends with the check. @returns the process, with pipes but for stderr */
function startIn(children, command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  children.add(child)
  child.once('close', () => children.delete(child))
  // Writing to a program that has ended.
  child.stdin.on('error', () => {})
  return child
}

/** Runs a program. @returns its stdout; throws StepFailure with its output when it fails */
function executeIn(children, command, args, { cwd, env = {}, timeoutMs = 300_000 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    })
    children.add(child)
    let [out, all] = ['', '']
    child.stdout.on('data', (text) => {
      out += text
      all += text
    })
    child.stderr.on('data', (text) => (all += text))
    child.on('error', (error) => reject(new StepFailure(`${command}: ${error.message}`)))
    child.on('close', (code, signal) => {
      children.delete(child)
      if (code === 0) return resolve(out)
      const tail = all.trimEnd().split('\n').slice(-OUTPUT_LINES_MAX).join('\n')
      const call = [command, ...args].join(' ')
      reject(new StepFailure(`${call}\nended with ${signal ?? code}:\n${tail}`))
    })
  })
}

/** Prints the help text for `--help`, and an error with the help text for wrong arguments. */
export function parseOrExit(parse, help) {
  let parsed
  try {
    parsed = parse()
  } catch (error) {
    console.error(`${error.message}\n\n${help}`)
    process.exit(2)
  }
  if (parsed.values.help) {
    console.log(help)
    process.exit(0)
  }
  return parsed.values
}

function seconds(startMs) {
  return ((performance.now() - startMs) / 1_000).toFixed(1)
}

function indent(text) {
  return text.replace(/^/gm, '        ')
}
