/** Runs the ZeroMQ transport in child processes, to observe how they end. */
import { execFileSync, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type { ChildProcessByStdio } from 'node:child_process'
import type { Readable } from 'node:stream'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** How a process ended, and its output. */
export interface ProcessResult {
  readonly code: number | null
  readonly signal: string | null
  readonly output: string
}

/** A running process. */
export interface Child {
  readonly process: ChildProcessByStdio<null, Readable, Readable>
  /** The next line of output. */
  nextLine(): Promise<string>
  readonly ended: Promise<ProcessResult>
}

/** The transport compiled to JavaScript, in a directory of its own. */
export interface Compiled {
  /**
   * Starts a program; `PREAMBLE` declares what is in its scope.
   *
   * @param shellPrefix shell commands before the program
   */
  run(program: string, shellPrefix?: string): Child
  remove(): void
}

/** Compiles the transport. */
export function compile(): Compiled {
  const directory = mkdtempSync(join(tmpdir(), 'rx-cluster-'))
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
  const source = join(ROOT, 'src/transports/zmq/zmq-transport.ts')
  const pathOptions = ['--outDir', directory, '--rootDir', join(ROOT, 'src'), '--types', 'node']
  const typeOptions = ['--typeRoots', join(ROOT, 'node_modules/@types'), '--skipLibCheck']
  const moduleOptions = [
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--rewriteRelativeImportExtensions',
  ]
  const options = ['--ignoreConfig', ...pathOptions, ...typeOptions, ...moduleOptions]
  execFileSync(process.execPath, [compiler, source, ...options])
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'), 'junction')
  let programs = 0
  return {
    run: (program, shellPrefix = '') => {
      const file = join(directory, `program-${programs++}.js`)
      writeFileSync(file, PREAMBLE + program)
      const command = `${shellPrefix} exec "${process.execPath}" --expose-gc "${file}"`
      return wrapChild(spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] }))
    },
    remove: () => rmSync(directory, { recursive: true }),
  }
}

const PREAMBLE = `
import { zmqTransport } from './transports/zmq/zmq-transport.js'
const transport = zmqTransport()
const limits = { maxPartBytes: 1024 }
const print = (line) => process.stdout.write(line + '\\n')
const bindingHandler = { bound() {}, failed() {}, frame() {}, disconnected() {}, closed() {} }
const connectionHandler = { opened() {}, frame() {}, closed() {} }
`

function wrapChild(process: Child['process']): Child {
  let output = ''
  const waiters: (() => void)[] = []
  const onData = (data: Buffer): void => {
    output += String(data)
    for (const notify of waiters.splice(0)) notify()
  }
  process.stdout.on('data', onData)
  process.stderr.on('data', onData)
  const ended = new Promise<ProcessResult>((resolve) => {
    process.once('close', (code, signal) => {
      resolve({ code, signal, output })
      for (const notify of waiters.splice(0)) notify()
    })
  })
  let read = 0
  const nextLine = async (): Promise<string> => {
    for (;;) {
      const end = output.indexOf('\n', read)
      if (end >= 0) {
        const line = output.slice(read, end)
        read = end + 1
        return line
      }
      if ((process.exitCode ?? process.signalCode) !== null)
        throw new Error(`the process ended: ${output}`)
      await new Promise<void>((resolve) => void waiters.push(resolve))
    }
  }
  return { process, nextLine, ended }
}
