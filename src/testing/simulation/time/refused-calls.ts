/** Refuses functions of Node.js that return real time or random numbers, or read the machine. */
import { syncBuiltinESMExports } from 'node:module'
import type { ClusterError } from '../../../model/cluster-error.ts'
import {
  type Below,
  isBuiltin,
  isHarmless,
  isNode,
  isOwn,
  stackLines,
  userLine,
} from './call-site.ts'
import { nondeterminismError } from './nondeterminism.ts'
import type { Replacements } from './replacements.ts'

/** Functions of one object, and what to use instead. */
interface RefusedCalls {
  readonly name: string
  readonly object: object
  readonly keys: readonly string[]
  readonly instead: string
}

const RANDOM = 'use Math.random() or the random of the process, which follow from the seed'
const CLOCK = 'use performance.now() or Date.now(), which are virtual'
const MACHINE = 'read it before the simulation starts'
const OUTSIDE = 'do it before the simulation starts, or use the storage of the process'
const CHANNEL = 'use a Subject of RxJS, with observeOn(asapScheduler) where it must be asynchronous'
const TIMER = 'use timer() or timeout() of RxJS, or the scheduler of the protocol'

const CRYPTO = `
  randomBytes randomFill randomFillSync randomInt randomUUID randomUUIDv7 pseudoRandomBytes prng rng
  generateKey generateKeySync generateKeyPair generateKeyPairSync generatePrime generatePrimeSync
  getRandomValues pbkdf2 scrypt hkdf argon2`
const PROCESS = `
  hrtime uptime cpuUsage threadCpuUsage resourceUsage memoryUsage availableMemory
  constrainedMemory`
const PERFORMANCE = `
  mark measure timerify eventLoopUtilization toJSON getEntries getEntriesByName getEntriesByType`

/** `getRandomValues` of `node:crypto`, which cannot be replaced, calls that of `webcrypto`. */
const FORWARDING = /at getRandomValues \(node:crypto:/

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

/** The names of all functions that an object has itself. */
function functionsOf(object: object): readonly string[] {
  return Object.entries(Object.getOwnPropertyDescriptors(object)).flatMap(([name, { value }]) =>
    typeof value === 'function' ? [name] : [],
  )
}

let cached: readonly RefusedCalls[] | undefined

/** Returns the refused functions of this version of Node.js. */
function refusedCalls(): readonly RefusedCalls[] {
  return (cached ??= findRefusedCalls())
}

function findRefusedCalls(): readonly RefusedCalls[] {
  const fs = process.getBuiltinModule('node:fs')
  const os = process.getBuiltinModule('node:os')
  const processes = process.getBuiltinModule('node:child_process')
  const threads = process.getBuiltinModule('node:worker_threads')
  const hooks = process.getBuiltinModule('node:perf_hooks')
  const temporal = Reflect.get(globalThis, 'Temporal') as { readonly Now: object } | undefined
  const temporalNow = temporal?.Now ?? {}
  const channels = ['MessageChannel', 'BroadcastChannel']
  const ofObject = (
    name: string,
    object: object,
    keys: readonly string[],
    instead: string,
  ): RefusedCalls => ({ name, object, keys, instead })
  return [
    ofObject('crypto', process.getBuiltinModule('node:crypto'), words(CRYPTO), RANDOM),
    ofObject(
      'crypto',
      Object.getPrototypeOf(globalThis.crypto) as object,
      ['randomUUID', 'getRandomValues'],
      RANDOM,
    ),
    ofObject('process.hrtime', process.hrtime, ['bigint'], CLOCK),
    ofObject('process', process, words(PROCESS), CLOCK),
    ofObject('performance', performance, words(PERFORMANCE), CLOCK),
    ofObject(
      'perf_hooks',
      hooks,
      ['monitorEventLoopDelay', 'eventLoopUtilization', 'timerify'],
      CLOCK,
    ),
    ofObject('Temporal.Now', temporalNow, functionsOf(temporalNow), CLOCK),
    ofObject('AbortSignal', AbortSignal, ['timeout'], TIMER),
    ofObject('', globalThis, channels, CHANNEL),
    ofObject('worker_threads', threads, channels, CHANNEL),
    ofObject('worker_threads', threads, ['Worker'], OUTSIDE),
    ofObject('', globalThis, ['fetch', 'WebSocket', 'EventSource'], OUTSIDE),
    ofObject(
      'fs',
      fs,
      functionsOf(fs).filter((name) => name.endsWith('Sync')),
      OUTSIDE,
    ),
    ofObject('child_process', processes, functionsOf(processes), OUTSIDE),
    ofObject('os', os, functionsOf(os), MACHINE),
  ]
}

/**
 * Makes user code throw where it calls one of the refused functions; Node.js, `console` and this
 * library may still call them. Named imports (`import { randomUUID } from 'node:crypto'`) are
 * covered, references that were taken before (`const { randomUUID } = crypto`) are not.
 *
 * @param report is called before the error is thrown, in case that user code catches it
 */
export function refuseCalls(
  replacements: Replacements,
  report: (error: ClusterError) => void,
): void {
  let checking = false
  const check = (name: string, instead: string, trap: Below): void => {
    // A stack may be rendered by user code, which may call these functions itself.
    if (checking) return
    checking = true
    try {
      const lines = stackLines(trap)
      const caller = lines.find((line) => !isBuiltin(line) && !FORWARDING.test(line))
      if (caller === undefined || isNode(caller) || isOwn(caller) || isHarmless(lines)) return
      const error = nondeterminismError(`${name} was called`, userLine(lines) ?? '', instead)
      report(error)
      throw error
    } finally {
      checking = false
    }
  }
  for (const { name, object, keys, instead } of refusedCalls()) {
    for (const key of keys) {
      const fullName = name === '' ? key : `${name}.${key}`
      replacements.replace(object, key, (current) =>
        typeof current === 'function'
          ? checked(current, (trap) => check(fullName, instead, trap))
          : current,
      )
    }
  }
  syncBuiltinESMExports()
}

/** Returns a function that checks its caller before it does what `original` does. */
function checked(original: object, check: (trap: Below) => void): unknown {
  const handler: ProxyHandler<new (...args: unknown[]) => object> = {
    apply: (target, self, args) => {
      check(handler.apply as Below)
      return Reflect.apply(target as unknown as () => unknown, self, args)
    },
    construct: (target, args, newTarget) => {
      check(handler.construct as Below)
      return Reflect.construct(target, args, newTarget)
    },
  }
  return new Proxy(original as new (...args: unknown[]) => object, handler)
}
