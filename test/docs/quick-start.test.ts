/**
 * Runs the README's quick start as a reader does: its file in a project of its own, its commands in
 * processes of their own, over TCP. The package is the built one, as `npm pack` packs it.
 */
import { spawn } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, it } from 'vitest'
import { absolute } from './documents.ts'
import { fencesOf } from './fences.ts'

const read = (path: string): string => readFileSync(absolute(path), 'utf8')
const [, section = ''] = read('README.md').split('## Quick start')
const fences = fencesOf(section.split('\n## ')[0] ?? '')
const program = fences.find(({ info }) => info === 'js')?.body ?? ''
const commands = fences
  .filter(({ info }) => info === 'sh')
  .flatMap(({ body }) => body.split('\n'))
  .filter((line) => line.startsWith('node '))

const project = mkdtempSync(join(tmpdir(), 'rx-cluster-quick-start-'))
const running: Process[] = []
afterEach(() => {
  for (const process of running.splice(0)) process.kill()
})
afterAll(() => rmSync(project, { recursive: true, force: true }))

// The ports are those of the README: another program may have them for a moment.
const options = { timeout: 60_000, retry: 2 }

it('two processes exchange beats, and end on SIGINT', options, async () => {
  createProject()
  expect(commands).toEqual(['node hello.mjs 1', 'node hello.mjs 2'])
  const [one, two] = commands.map((command) => new Process(command)) as [Process, Process]
  await Promise.all([one.prints('link 2 up'), two.prints('link 1 up')])
  await Promise.all([one.prints('from 2 { beat: 1 }'), two.prints('from 1 { beat: 1 }')])
  expect(await one.interrupt()).toBe(0)
  await two.prints('link 1 down ')
  expect(await two.interrupt()).toBe(0)
})

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
}

/** An empty project with `hello.mjs`; its packages are those that `npm i` would install. */
function createProject(): void {
  const modules = join(project, 'node_modules')
  rmSync(modules, { recursive: true, force: true })
  mkdirSync(join(modules, 'rx-cluster'), { recursive: true })
  for (const path of ['dist', 'package.json']) {
    cpSync(absolute(path), join(modules, 'rx-cluster', path), { recursive: true })
  }
  const manifest = JSON.parse(read('package.json')) as Manifest
  const names = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  for (const name of names) {
    mkdirSync(join(modules, name, '..'), { recursive: true })
    symlinkSync(absolute(`node_modules/${name}`), join(modules, name), 'junction')
  }
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'hello' }))
  writeFileSync(join(project, 'hello.mjs'), program)
}

/** One command of the README. */
class Process {
  readonly #child
  #output = ''
  readonly #ended: Promise<number | null>

  constructor(command: string) {
    const [, ...args] = command.split(' ')
    this.#child = spawn(process.execPath, args, { cwd: project })
    this.#child.stdout.on('data', (text: Buffer) => (this.#output += text.toString()))
    this.#child.stderr.on('data', (text: Buffer) => (this.#output += text.toString()))
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', (code) => resolve(code))
    })
    running.push(this)
  }

  async prints(line: string): Promise<void> {
    await expect.poll(() => this.#output, { timeout: 20_000, interval: 50 }).toContain(line)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  interrupt(): Promise<number | null> {
    this.#child.kill('SIGINT')
    return this.#ended
  }
}
