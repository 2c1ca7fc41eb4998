/** RxJS's internal providers of time, which its own TestScheduler replaces, too. */
import { asyncScheduler } from 'rxjs'
import { ClusterError } from '../../../model/cluster-error.ts'
import { createRequire } from 'node:module'

/** Whatever asks a provider asks its delegate first, if it has one. */
export interface Provider {
  delegate: unknown
}

const NAMES = [
  'animationFrameProvider',
  'dateTimestampProvider',
  'immediateProvider',
  'intervalProvider',
  'performanceTimestampProvider',
  'timeoutProvider',
] as const

/** By name, each. */
export type Providers = Readonly<Record<(typeof NAMES)[number], Provider>>

// They are not a part of RxJS's API, so one that is missing must not be in the way of an import.
const loadRx = createRequire(import.meta.url)

/**
 * Finds the providers.
 *
 * @param load loads a module of RxJS; it throws where there is none
 * @throws ClusterError `RXJS_UNSUPPORTED` where this version of RxJS lacks some, or where they are
 *   not those of the RxJS that is imported as `rxjs`
 */
export function rxProviders(load: (path: string) => unknown = loadRx): Providers {
  const found = NAMES.map((name) => [name, find(load, name)] as const)
  const missing = found.filter(([, provider]) => provider === undefined).map(([name]) => name)
  if (missing.length > 0) {
    const names = missing.join(', ')
    throw unsupported(`this version has no ${names}`, 'install rxjs 7.8 (npm install rxjs@^7.8.2)')
  }
  const providers = Object.fromEntries(found) as unknown as Providers
  if (!isFollowedByRxjs(providers.dateTimestampProvider)) {
    const help = 'run npm dedupe, and let no bundler take rxjs into what it makes'
    throw unsupported('rxjs and rxjs/internal are two copies', help)
  }
  return providers
}

function find(load: (path: string) => unknown, name: string): Provider | undefined {
  try {
    const module = load(`rxjs/internal/scheduler/${name}`) as Record<string, unknown>
    const provider = module[name]
    const isProvider = typeof provider === 'object' && provider !== null && 'delegate' in provider
    return isProvider ? (provider as Provider) : undefined
  } catch {
    return undefined
  }
}

/** Tells whether RxJS's schedulers follow it. */
function isFollowedByRxjs(dates: Provider): boolean {
  const { delegate } = dates
  dates.delegate = { now: () => -1 }
  try {
    return asyncScheduler.now() === -1
  } finally {
    dates.delegate = delegate
  }
}

function unsupported(what: string, help: string): ClusterError {
  const message = `simulated time cannot reach RxJS, since ${what}: ${help}`
  return new ClusterError('RXJS_UNSUPPORTED', message)
}
