/** Strays: Promises, timers and I/O of Node, which virtual time knows nothing of. */
import { ClusterError } from '../../../model/cluster-error.ts'
import { createHook } from 'node:async_hooks'
import { fileURLToPath } from 'node:url'

interface NondeterminismSource {
  readonly what: (name: string) => string
  /** The function of Node that began it; whoever stands behind it is to blame. */
  readonly entryPoint?: RegExp
  readonly instead: string
}

const PROMISE: NondeterminismSource = {
  what: () => 'a Promise was made',
  instead: 'subscribe to an Observable where you would await',
}
const TIMER: NondeterminismSource = {
  what: (name) => `${name} was called`,
  entryPoint: /[ .](setTimeout|setInterval) /,
  instead: 'use timer() or interval() of RxJS, or the scheduler that the protocol is given',
}
const MICROTASK: NondeterminismSource = {
  what: (name) => `${name} was called`,
  entryPoint: /[ .](setImmediate|nextTick|queueMicrotask) /,
  instead: 'use asapScheduler of RxJS, or the scheduler that the protocol is given',
}
const OUTSIDE_WORLD: NondeterminismSource = {
  what: () => 'something outside was asked',
  instead: 'ask before the simulation begins, or keep it in the storage of the process',
}

/** By the name that Node gives to what is begun. What output makes, of any kind, is not here. */
const SOURCES: Readonly<Record<string, NondeterminismSource>> = {
  PROMISE,
  Timeout: TIMER,
  Immediate: MICROTASK,
  TickObject: MICROTASK,
  Microtask: MICROTASK,
  FSREQCALLBACK: OUTSIDE_WORLD,
  GETADDRINFOREQWRAP: OUTSIDE_WORLD,
  PROCESSWRAP: OUTSIDE_WORLD,
  RANDOMBYTESREQUEST: OUTSIDE_WORLD,
  TCPCONNECTWRAP: OUTSIDE_WORLD,
  TCPSERVERWRAP: OUTSIDE_WORLD,
  UDPWRAP: OUTSIDE_WORLD,
  WORKER: OUTSIDE_WORLD,
}

const FRAMES_MAX = 40

/** Where this library lies: it may do what those who use it may not. */
const OWN = new URL('../../../', import.meta.url).href

/**
 * Watches what is begun from now on.
 *
 * What Node does for itself, and what `console` does, is no stray; what RxJS does is done by
 * whoever called it.
 *
 * @param report is told of each; it must not throw
 * @returns stops watching
 */
export function detectNondeterminism(report: (error: ClusterError) => void): () => void {
  const hook = createHook({
    init: (_id, type) => {
      const source = SOURCES[type]
      if (source === undefined) return
      const callSite = findCallSite(source.entryPoint)
      if (callSite !== undefined) report(nondeterminismError(source, callSite))
    },
  })
  hook.enable()
  return () => void hook.disable()
}

/** Who did it, and through which door. */
interface CallSite {
  readonly name: string
  readonly where: string
}

function nondeterminismError(
  { what, instead }: NondeterminismSource,
  { name, where }: CallSite,
): ClusterError {
  const message = `${what(name)} ${where}, which no simulation can replay: ${instead}`
  return new ClusterError('NONDETERMINISTIC', message)
}

/** Who did it; undefined where it is nobody's fault. */
function findCallSite(entryPoint: RegExp | undefined): CallSite | undefined {
  const lines = stack()
  if (lines.some((line) => line.includes('node:internal/console'))) return undefined
  const at = entryPoint === undefined ? -1 : lines.findIndex((line) => entryPoint.test(line))
  // Node itself goes through its own doors all the time.
  if (entryPoint !== undefined && (at < 0 || isNode(lines[at + 1]))) return undefined
  const innermost = lines.find((line) => !isNode(line))
  if (innermost === undefined || isOwn(innermost)) return undefined
  const where = lines.find((line) => !isNode(line) && !line.includes('/rxjs/'))?.trim()
  return where === undefined
    ? undefined
    : { name: entryPoint?.exec(lines[at] ?? '')?.[1] ?? '', where }
}

/** Without the hook itself. */
function stack(): readonly string[] {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = FRAMES_MAX
  const lines = String(new Error('here').stack).split('\n').slice(1)
  Error.stackTraceLimit = stackTraceLimit
  return lines.slice(lines.findLastIndex((line) => line.includes('async_hooks')) + 1)
}

function isOwn(line: string): boolean {
  return line.includes(OWN) || line.includes(fileURLToPath(OWN))
}

function isNode(line = ''): boolean {
  return line.includes('(node:') || line.includes('at node:') || line.includes('<anonymous>)')
}
