/** Strays: Promises and timers of Node, which virtual time knows nothing of. */
import { ClusterError } from '../model/cluster-error.ts'
import { createHook } from 'node:async_hooks'
import { fileURLToPath } from 'node:url'

interface Stray {
  readonly what: string
  /** The function of Node that began it; whoever stands behind it is to blame. */
  readonly door?: RegExp
}

/** By the name that Node gives to what is begun. */
const STRAYS: Readonly<Record<string, Stray>> = {
  PROMISE: { what: 'a Promise was made' },
  Timeout: { what: 'setTimeout or setInterval was called', door: /at set(Timeout|Interval) / },
  Immediate: { what: 'setImmediate was called', door: /at setImmediate / },
  TickObject: { what: 'process.nextTick was called', door: /nextTick / },
  Microtask: { what: 'queueMicrotask was called', door: /at queueMicrotask / },
}

const FRAMES_MAX = 40

/** Where this library lies: it may do what those who use it may not. */
const OWN = new URL('../', import.meta.url).href

/**
 * Watches what is begun from now on.
 *
 * What Node does for itself, and what `console` does, is no stray; what RxJS does is done by
 * whoever called it.
 *
 * @param tell is told of each; it must not throw
 * @returns stops watching
 */
export function watchStrays(tell: (error: ClusterError) => void): () => void {
  const hook = createHook({
    init: (_id, type) => {
      const stray = STRAYS[type]
      if (stray === undefined) return
      const where = culprit(stray.door)
      if (where !== undefined) tell(strayError(stray.what, where))
    },
  })
  hook.enable()
  return () => void hook.disable()
}

function strayError(what: string, where: string): ClusterError {
  const help = 'use timer() of RxJS, or the scheduler that the protocol is given'
  const message = `${what} ${where}, which no simulation can replay: ${help}`
  return new ClusterError('NONDETERMINISTIC', message)
}

/** Who did it; undefined where it is nobody's fault. */
function culprit(door: RegExp | undefined): string | undefined {
  const lines = stack()
  if (lines.some((line) => line.includes('node:internal/console'))) return undefined
  // Node itself goes through its own doors all the time.
  if (door !== undefined && isNode(lines[lines.findIndex((line) => door.test(line)) + 1])) return
  const innermost = lines.find((line) => !isNode(line))
  if (innermost === undefined || isOwn(innermost)) return undefined
  return lines.find((line) => !isNode(line) && !line.includes('/rxjs/'))?.trim()
}

/** Without the hook itself. */
function stack(): readonly string[] {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = FRAMES_MAX
  const lines = (new Error('here').stack ?? '').split('\n').slice(1)
  Error.stackTraceLimit = stackTraceLimit
  return lines.slice(lines.findLastIndex((line) => line.includes('async_hooks')) + 1)
}

function isOwn(line: string): boolean {
  return line.includes(OWN) || line.includes(fileURLToPath(OWN))
}

function isNode(line = ''): boolean {
  return line.includes('(node:') || line.includes('at node:') || line.includes('<anonymous>)')
}
