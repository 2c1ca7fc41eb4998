/** Runs the ZeroMQ transport in processes of its own, to see how they end. */
import { execFileSync, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type { ChildProcessByStdio } from 'node:child_process'
import type { Readable } from 'node:stream'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** How a process ended, and what it said. */
export interface Ending {
  readonly code: number | null
  readonly signal: string | null
  readonly said: string
}

/** A process that runs. */
export interface Child {
  readonly process: ChildProcessByStdio<null, Readable, Readable>
  /** The next line that it says. */
  line(): Promise<string>
  readonly ended: Promise<Ending>
}

/** The transport as JavaScript, in a directory of its own. */
export interface Compiled {
  /**
   * Starts a program that finds `transport` in its scope, and `say` for lines of output.
   *
   * @param before a command line to put in front, for a shell
   */
  run(program: string, before?: string): Child
  remove(): void
}

/** Compiles the transport. */
export function compile(): Compiled {
  const directory = mkdtempSync(join(tmpdir(), 'rx-cluster-'))
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
  const source = join(ROOT, 'src/transports/zmq/zmq-transport.ts')
  const places = ['--outDir', directory, '--rootDir', join(ROOT, 'src'), '--types', 'node']
  const types = ['--typeRoots', join(ROOT, 'node_modules/@types'), '--skipLibCheck']
  const kind = ['--module', 'nodenext', '--target', 'es2022', '--rewriteRelativeImportExtensions']
  const options = ['--ignoreConfig', ...places, ...types, ...kind]
  execFileSync(process.execPath, [compiler, source, ...options])
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'), 'junction')
  let programs = 0
  return {
    run: (program, before = '') => {
      const file = join(directory, `program-${programs++}.js`)
      writeFileSync(file, PREAMBLE + program)
      const command = `${before} exec "${process.execPath}" --expose-gc "${file}"`
      return childOf(spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] }))
    },
    remove: () => rmSync(directory, { recursive: true }),
  }
}

const PREAMBLE = `
import { zmqTransport } from './transports/zmq/zmq-transport.js'
const transport = zmqTransport()
const limits = { maxPartBytes: 1024 }
const say = (words) => process.stdout.write(words + '\\n')
const listener = { bound() {}, failed() {}, frame() {}, gone() {}, closed() {} }
const caller = { opened() {}, frame() {}, closed() {} }
`

function childOf(process: Child['process']): Child {
  let said = ''
  const waiting: (() => void)[] = []
  const hear = (data: Buffer): void => {
    said += String(data)
    for (const wake of waiting.splice(0)) wake()
  }
  process.stdout.on('data', hear)
  process.stderr.on('data', hear)
  const ended = new Promise<Ending>((resolve) => {
    process.once('close', (code, signal) => {
      resolve({ code, signal, said })
      for (const wake of waiting.splice(0)) wake()
    })
  })
  let read = 0
  const line = async (): Promise<string> => {
    for (;;) {
      const end = said.indexOf('\n', read)
      if (end >= 0) {
        const found = said.slice(read, end)
        read = end + 1
        return found
      }
      if ((process.exitCode ?? process.signalCode) !== null) throw new Error(`it ended: ${said}`)
      await new Promise<void>((resolve) => void waiting.push(resolve))
    }
  }
  return { process, line, ended }
}
