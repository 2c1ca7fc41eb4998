/** Detects Promises, timers and I/O of Node, which virtual time cannot control. */
import { ClusterError } from '../../../model/cluster-error.ts'
import { createHook } from 'node:async_hooks'
import { fileURLToPath } from 'node:url'

interface NondeterminismSource {
  readonly what: (name: string) => string
  /** Matches the stack line of the Node function; the caller is the line below it. */
  readonly entryPoint?: RegExp
  readonly instead: string
}

const PROMISE: NondeterminismSource = {
  what: () => 'a Promise was created',
  instead: 'subscribe to an Observable where you would await',
}
const TIMER: NondeterminismSource = {
  what: (name) => `${name} was called`,
  entryPoint: /[ .](setTimeout|setInterval) /,
  instead: 'use timer() or interval() of RxJS, or the scheduler of the protocol',
}
const MICROTASK: NondeterminismSource = {
  what: (name) => `${name} was called`,
  entryPoint: /[ .](setImmediate|nextTick|queueMicrotask) /,
  instead: 'use asapScheduler of RxJS, or the scheduler of the protocol',
}
const INPUT_OUTPUT: NondeterminismSource = {
  what: () => 'I/O was started',
  instead: 'do it before the simulation starts, or use the storage of the process',
}

/** Sources by the `async_hooks` type of the resource. Resources of console output are left out. */
const SOURCES: Readonly<Record<string, NondeterminismSource>> = {
  PROMISE,
  Timeout: TIMER,
  Immediate: MICROTASK,
  TickObject: MICROTASK,
  Microtask: MICROTASK,
  FSREQCALLBACK: INPUT_OUTPUT,
  GETADDRINFOREQWRAP: INPUT_OUTPUT,
  PROCESSWRAP: INPUT_OUTPUT,
  RANDOMBYTESREQUEST: INPUT_OUTPUT,
  TCPCONNECTWRAP: INPUT_OUTPUT,
  TCPSERVERWRAP: INPUT_OUTPUT,
  UDPWRAP: INPUT_OUTPUT,
  WORKER: INPUT_OUTPUT,
}

const FRAMES_MAX = 40

/** The folder of this library, whose own Promises are allowed. */
const OWN = new URL('../../../', import.meta.url).href

/**
 * Reports every Promise, timer and I/O that user code starts from now on.
 *
 * Resources that Node or `console` creates are ignored. RxJS's are attributed to its caller.
 *
 * @param report must not throw
 * @returns a function that stops detection
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

/** The Node function that was called, and the stack line of its caller. */
interface CallSite {
  readonly name: string
  readonly where: string
}

function nondeterminismError(
  { what, instead }: NondeterminismSource,
  { name, where }: CallSite,
): ClusterError {
  const message = `${what(name)} ${where}; a simulation cannot replay that: ${instead}`
  return new ClusterError('NONDETERMINISTIC', message)
}

/** Returns the call in user code; undefined if Node or this library created the resource. */
function findCallSite(entryPoint: RegExp | undefined): CallSite | undefined {
  const lines = stack()
  if (lines.some((line) => line.includes('node:internal/console'))) return undefined
  const at = entryPoint === undefined ? -1 : lines.findIndex((line) => entryPoint.test(line))
  // Node calls these functions itself, too.
  if (entryPoint !== undefined && (at < 0 || isNode(lines[at + 1]))) return undefined
  const innermost = lines.find((line) => !isNode(line))
  if (innermost === undefined || isOwn(innermost)) return undefined
  const where = lines.find((line) => !isNode(line) && !line.includes('/rxjs/'))?.trim()
  return where === undefined
    ? undefined
    : { name: entryPoint?.exec(lines[at] ?? '')?.[1] ?? '', where }
}

/** Returns the lines of the current stack, without those of the hook. */
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
