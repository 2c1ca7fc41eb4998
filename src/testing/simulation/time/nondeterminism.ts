/** Detects Promises, timers, channels and I/O of Node.js, which virtual time cannot control. */
import { createHook } from 'node:async_hooks'
import { ClusterError } from '../../../model/cluster-error.ts'
import { isHarmless, isNode, isOwn, stackLines, userLine } from './call-site.ts'

interface NondeterminismSource {
  readonly what: (name: string) => string
  /** Matches the stack line of the Node.js function; the caller is the line below it. */
  readonly entryPoint?: RegExp
  /** Whether Node.js creates such resources for itself, unless user code is the direct caller. */
  readonly isDirect?: boolean
  readonly instead: string
}

const PROMISE: NondeterminismSource = {
  what: () => 'a Promise was created',
  instead: 'subscribe to an Observable where you would await',
}
const TIMER: NondeterminismSource = {
  what: (name) => `${name} was called`,
  entryPoint: /[ .](setTimeout|setInterval|AbortSignal\.timeout) /,
  instead: 'use timer() or interval() of RxJS, or the scheduler of the protocol',
}
const MICROTASK: NondeterminismSource = {
  what: (name) => `${name} was called`,
  entryPoint: /[ .](setImmediate|nextTick|queueMicrotask) /,
  instead: 'use asapScheduler of RxJS, or the scheduler of the protocol',
}
const CHANNEL: NondeterminismSource = {
  what: () => 'a MessageChannel was created',
  isDirect: true,
  instead: 'use a Subject of RxJS, with observeOn(asapScheduler) where it must be asynchronous',
}
const RANDOM: NondeterminismSource = {
  what: () => 'random bytes were drawn',
  instead: 'use Math.random() or the random of the process, which follow from the seed',
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
  MESSAGEPORT: CHANNEL,
  RANDOMBYTESREQUEST: RANDOM,
  FSREQCALLBACK: INPUT_OUTPUT,
  FSEVENTWRAP: INPUT_OUTPUT,
  STATWATCHER: INPUT_OUTPUT,
  GETADDRINFOREQWRAP: INPUT_OUTPUT,
  GETNAMEINFOREQWRAP: INPUT_OUTPUT,
  QUERYWRAP: INPUT_OUTPUT,
  PROCESSWRAP: INPUT_OUTPUT,
  PIPECONNECTWRAP: INPUT_OUTPUT,
  PIPESERVERWRAP: INPUT_OUTPUT,
  TCPWRAP: INPUT_OUTPUT,
  TCPCONNECTWRAP: INPUT_OUTPUT,
  TCPSERVERWRAP: INPUT_OUTPUT,
  UDPWRAP: INPUT_OUTPUT,
  WORKER: INPUT_OUTPUT,
}

/**
 * Reports every Promise, timer, channel and I/O that user code starts from now on, also through a
 * reference that was taken before.
 *
 * Resources that Node.js or `console` creates are ignored. RxJS's are attributed to its caller.
 *
 * @param report must not throw
 * @returns a function that stops detection
 */
export function detectNondeterminism(report: (error: ClusterError) => void): () => void {
  const hook = createHook({
    init: (_id, type) => {
      const source = SOURCES[type]
      if (source === undefined) return
      const callSite = findCallSite(source)
      if (callSite === undefined) return
      report(nondeterminismError(source.what(callSite.name), callSite.where, source.instead))
    },
  })
  hook.enable()
  return () => void hook.disable()
}

/** Returns the error for something that a simulation cannot repeat. */
export function nondeterminismError(what: string, where: string, instead: string): ClusterError {
  const message = `${what} ${where}; a simulation cannot replay that: ${instead}`
  return new ClusterError('NONDETERMINISTIC', message)
}

/** The Node.js function that was called, and the stack line of its caller. */
interface CallSite {
  readonly name: string
  readonly where: string
}

/** Returns the call in user code; undefined if Node.js or this library created the resource. */
function findCallSite({ entryPoint, isDirect }: NondeterminismSource): CallSite | undefined {
  const all = stackLines()
  const lines = all.slice(all.findLastIndex((line) => line.includes('async_hooks')) + 1)
  if (isHarmless(lines)) return undefined
  // Node.js calls these functions itself, too.
  const isEntry = (line: string, index: number): boolean =>
    entryPoint?.test(line) === true && !isNode(lines[index + 1])
  const at = entryPoint === undefined ? -1 : lines.findIndex(isEntry)
  if (entryPoint !== undefined && at < 0) return undefined
  if (isDirect === true && isNode(lines[0])) return undefined
  const innermost = lines.find((line) => !isNode(line))
  if (innermost === undefined || isOwn(innermost)) return undefined
  const where = userLine(lines)
  return where === undefined
    ? undefined
    : { name: entryPoint?.exec(lines[at] ?? '')?.[1] ?? '', where }
}
