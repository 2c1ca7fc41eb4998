/** Loads RxJS's internal time providers, the same ones that its TestScheduler replaces. */
import { asyncScheduler } from 'rxjs'
import { ClusterError } from '../../../model/cluster-error.ts'
import { MODULE_URL } from '../../library-folder.ts'
import { createRequire } from 'node:module'

/** A provider forwards calls to its delegate, if it has one. */
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

/** The providers by name. */
export type Providers = Readonly<Record<(typeof NAMES)[number], Provider>>

/**
 * Loads a module of RxJS. The providers are not part of its API: they are loaded late, so that a
 * missing one breaks no import.
 */
function loadRx(path: string): unknown {
  return createRequire(MODULE_URL ?? `${process.cwd()}/`)(path)
}

/**
 * Loads the providers.
 *
 * @param load loads a module of RxJS, and throws if it does not exist
 * @throws ClusterError `RXJS_UNSUPPORTED` if this version of RxJS lacks a provider, or if the
 *   modules `rxjs` and `rxjs/internal` are different copies
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
    const help = 'run npm dedupe, and keep rxjs out of bundles'
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

/** Returns whether the schedulers of the imported RxJS use this provider. */
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
  const message = `cannot simulate the time of RxJS: ${what}; ${help}`
  return new ClusterError('RXJS_UNSUPPORTED', message)
}
