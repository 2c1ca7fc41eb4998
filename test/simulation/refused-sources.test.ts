/** Sources of time and randomness: each is virtual, or refused by name on every run. */
import { describe, expect, it, vi } from 'vitest'
import {
  getRandomValues,
  randomBytes,
  randomFillSync,
  randomInt,
  randomUUID,
  scrypt,
  webcrypto,
} from 'node:crypto'
import childProcess, { execSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { get } from 'node:http'
import { lookup } from 'node:dns'
import { readFile } from 'node:fs/promises'
import { MessageChannel as Channel, Worker } from 'node:worker_threads'
import hooks, { monitorEventLoopDelay } from 'node:perf_hooks'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import fs from 'node:fs'
import os, { cpus } from 'node:os'
import crypto from 'node:crypto'
import { timer } from 'rxjs'
import { map } from 'rxjs/operators'
import type { ClusterError } from '../../src/model/cluster-error.ts'
import type { World } from '../../src/testing/simulation/world.ts'
import { simulate } from '../../src/testing/simulation/simulate.ts'

// Taken before any simulation runs.
const { timeout } = AbortSignal
const {
  setTimeout: capturedTimeout,
  MessageChannel: CapturedChannel,
  Date: CapturedDate,
} = globalThis

/** Returns the names of the functions of a module, without its classes. */
const functionsIn = (module: object): readonly string[] =>
  Object.entries(module).flatMap(([name, value]) =>
    typeof value === 'function' && /^[a-z]/.test(name) ? [name] : [],
  )
const wordsOf = (text: string): readonly string[] => text.trim().split(/\s+/)
const DOCUMENTED_CRYPTO = wordsOf(`
  randomUUID randomBytes randomInt randomFill randomFillSync generateKey
  generateKeySync generateKeyPair generateKeyPairSync generatePrime generatePrimeSync pbkdf2 scrypt
  hkdf`)
const DOCUMENTED_PROCESS = wordsOf(`
  hrtime uptime cpuUsage resourceUsage memoryUsage availableMemory`)
const DOCUMENTED_PERFORMANCE = wordsOf(`
  mark measure timerify eventLoopUtilization getEntries getEntriesByName getEntriesByType`)

const runOn = (world: World): void => world.run(20)

/** Returns what a simulation throws whose process does `use` at 10 ms. */
function refusal(use: () => unknown): ClusterError | undefined {
  try {
    simulate({ peers: 1, protocol: () => timer(10).pipe(map(use)) }, runOn)
    return undefined
  } catch (error) {
    return error as ClusterError
  }
}

/** Returns what `read` returns within a simulation. */
function inSimulation<T>(read: () => T): T {
  return simulate({ peers: 1 }, () => read())
}

describe('a simulation refuses on every run', () => {
  const here = /refused-sources\.test\.ts:\d+:\d+/
  it.each<[string, () => unknown]>([
    ['crypto.randomUUID', () => randomUUID()],
    ['crypto.randomUUID', () => crypto.randomUUID()],
    ['crypto.randomUUID', () => globalThis.crypto.randomUUID()],
    ['crypto.randomUUID', () => [0].map(() => randomUUID())],
    ['crypto.randomBytes', () => randomBytes(8)],
    ['crypto.randomInt', () => randomInt(5)],
    ['crypto.randomFillSync', () => randomFillSync(new Uint8Array(4))],
    ['crypto.getRandomValues', () => getRandomValues(new Uint8Array(4))],
    ['crypto.getRandomValues', () => webcrypto.getRandomValues(new Uint8Array(4))],
    ['crypto.getRandomValues', () => globalThis.crypto.getRandomValues(new Uint8Array(4))],
    ['process.hrtime', () => process.hrtime()],
    ['process.hrtime.bigint', () => process.hrtime.bigint()],
    ['process.uptime', () => process.uptime()],
    ['process.cpuUsage', () => process.cpuUsage()],
    ['process.memoryUsage', () => process.memoryUsage()],
    ['performance.mark', () => performance.mark('a')],
    ['performance.measure', () => performance.measure('a')],
    ['perf_hooks.monitorEventLoopDelay', () => monitorEventLoopDelay()],
    ['AbortSignal.timeout', () => AbortSignal.timeout(5)],
    ['AbortSignal.timeout', () => timeout.call(AbortSignal, 5)],
    ['MessageChannel', () => new MessageChannel()],
    ['MessageChannel', () => new Channel()],
    ['a MessageChannel', () => new CapturedChannel()],
    ['BroadcastChannel', () => new BroadcastChannel('a')],
    ['setTimeout', () => capturedTimeout(() => undefined, 1)],
    ['fetch', () => fetch('http://127.0.0.1:1')],
    ['a Promise', () => sleep(1)],
    ['fs.readFileSync', () => readFileSync('/dev/null')],
    ['fs.readFileSync', () => fs.readFileSync('/dev/null')],
    ['fs.writeFileSync', () => writeFileSync('/dev/null', '')],
    ['fs.existsSync', () => existsSync('/dev/null')],
    ['fs.statSync', () => statSync('/dev/null')],
    ['child_process.execSync', () => execSync('true')],
    ['child_process.spawnSync', () => spawnSync('true')],
    ['os.cpus', () => cpus()],
    ['os.hostname', () => os.hostname()],
    ['os.uptime', () => os.uptime()],
  ])('%s', (name, use) => {
    for (let run = 1; run <= 3; run++) {
      const error = refusal(use)
      expect(error?.code).toBe('NONDETERMINISTIC')
      expect(error?.message).toContain(name)
      expect(error?.message).toContain('; a simulation cannot replay that: ')
      expect(error?.message).toMatch(here)
    }
  })

  /** Every function of the list in docs/simulation.md, whatever its arguments. */
  const documented: readonly (readonly [string, object, readonly string[]])[] = [
    ['crypto', crypto, DOCUMENTED_CRYPTO],
    ['process', process, DOCUMENTED_PROCESS],
    ['performance', performance, DOCUMENTED_PERFORMANCE],
    ['perf_hooks', hooks, ['monitorEventLoopDelay', 'eventLoopUtilization']],
    ['os', os, functionsIn(os)],
    ['fs', fs, functionsIn(fs).filter((name) => name.endsWith('Sync'))],
    ['child_process', childProcess, functionsIn(childProcess)],
  ]
  it.each(documented)('every function of %s', (module, object, names) => {
    const existing = names.filter((name) => name in object)
    expect(existing.length).toBeGreaterThan(0)
    for (const name of existing) {
      const error = refusal(() => (Reflect.get(object, name) as () => unknown).call(object))
      expect(`${name}: ${error?.message}`).toContain(`${name}: ${module}.${name} was called at`)
    }
  })

  it.each<[string, () => unknown]>([
    ['setInterval', () => setInterval(() => undefined, 1)],
    ['setImmediate', () => setImmediate(() => undefined)],
    ['queueMicrotask', () => queueMicrotask(() => undefined)],
    ['nextTick', () => process.nextTick(() => undefined)],
    ['a Promise', () => void Promise.resolve().then(() => undefined)],
    ['a Promise', async () => undefined],
    ['a Promise', () => readFile('/dev/null')],
    ['I/O', () => fs.readFile('/dev/null', () => undefined)],
    ['I/O', () => lookup('localhost', () => undefined)],
    ['I/O', () => get('http://127.0.0.1:1').on('error', () => undefined)],
    ['I/O', () => connect(1, '127.0.0.1').on('error', () => undefined)],
    ['worker_threads.Worker', () => new Worker('', { eval: true })],
    ['crypto', () => scrypt('a', 'b', 8, () => undefined)],
  ])('what is asynchronous: %s', (name, use) => {
    for (let run = 1; run <= 3; run++) {
      const error = refusal(use)
      expect(error?.code).toBe('NONDETERMINISTIC')
      expect(error?.message).toContain(name)
    }
  })

  it('and where the code under test catches the error', () => {
    const caught = (): void => {
      try {
        randomUUID()
      } catch {
        // As a library would that falls back to something else.
      }
    }
    expect(refusal(caught)?.message).toContain('crypto.randomUUID was called')
  })
})

describe('virtual in a simulation', () => {
  const startMs = Date.UTC(2020, 0, 1)
  it('are dates, of a constructor that was taken before too', () => {
    expect(inSimulation(() => [Date.now(), new Date().getTime(), CapturedDate.now()])).toEqual([
      startMs,
      startMs,
      startMs,
    ])
  })

  it('are the clock of performance and its origin', () => {
    const [origin, now] = inSimulation(() => [performance.timeOrigin, performance.now()])
    expect([origin, now]).toEqual([startMs, 0])
  })

  it('are date formats without a date', () => {
    const format = new Intl.DateTimeFormat('en', { timeZone: 'UTC', year: 'numeric' })
    const read = (): unknown => {
      const year = format.formatToParts().find(({ type }) => type === 'year')?.value
      return [format.format(), year, format.format(0)]
    }
    expect(inSimulation(read)).toEqual(['2020', '2020', '1970'])
    expect(format.format()).not.toBe('2020')
  })
})

describe('a simulation allows', () => {
  it('Node to use what it refuses: the console, require, structuredClone', () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    const use = (): unknown => {
      console.log('hello')
      console.time('a')
      console.timeEnd('a')
      createRequire(import.meta.url)('../../package.json')
      return structuredClone({ a: 1 })
    }
    expect(refusal(use)).toBeUndefined()
    write.mockRestore()
  })
})

describe('afterwards', () => {
  const objects: readonly object[] = [
    globalThis,
    fs,
    os,
    crypto,
    process,
    process.hrtime,
    performance,
    Object.getPrototypeOf(globalThis.crypto) as object,
    Intl.DateTimeFormat.prototype,
    AbortSignal,
    Date,
    Math,
  ]
  const descriptors = (): unknown => objects.map((one) => Object.getOwnPropertyDescriptors(one))
  const named = (): unknown => [readFileSync, randomUUID, cpus, monitorEventLoopDelay]

  it.each<[string, () => unknown]>([
    ['a run', () => simulate({ peers: 1 }, runOn)],
    ['a refusal', () => refusal(() => randomUUID())],
    [
      'an error of the body',
      () => {
        expect(() =>
          simulate({ peers: 1 }, () => {
            throw new Error('mine')
          }),
        ).toThrow('mine')
      },
    ],
  ])('everything is as before: after %s', (_, use) => {
    const before = [descriptors(), named()]
    use()
    expect([descriptors(), named()]).toEqual(before)
    expect(randomUUID()).toHaveLength(36)
  })
})
