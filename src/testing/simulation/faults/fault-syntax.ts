/** The text form of faults, in network lanes and in `world.inject`. */
import { type OptionalFields, defined } from '../../../base/defined.ts'
import type { Conditions, Delay, Fault, Path } from './fault.ts'
import { A_FAULT } from './a-fault.ts'
import { A_STRING, checkArgument } from '../../../model/check-arguments.ts'
import { ClusterError } from '../../../model/cluster-error.ts'
import type { Pid } from '../../../model/pid.ts'

const WORDS = `
  partition 1,2|3    heal    reset 1-2
  cut 1>2            cut 1-2           restore 1>2         restore 1-2
  drop 30% [path]    duplicate 5% …    reorder 10% …
  delay 5ms [path]   delay 1..100ms …  delay ~20ms …    bandwidth 1000000 … (bytes/s)
  pause 2            resume 2          crash 3          restart 3
  skew 2 x1.1 +500ms
where [path] is 1>2, 1-2, 1>*, *>2, or left out for all paths`

const NUMBER = String.raw`(\d+(?:\.\d+)?)`
const PERCENT = new RegExp(`^${NUMBER}%$`)
const FIXED = new RegExp(`^${NUMBER}ms$`)
const UNIFORM = new RegExp(String.raw`^${NUMBER}\.\.${NUMBER}ms$`)
const EXPONENTIAL = new RegExp(`^~${NUMBER}ms$`)
const PAIR = /^(\d+)([->])(\d+)$/
const PATH = /^(\d+|\*)([->])(\d+|\*)$/
const RATE = new RegExp(`^x${NUMBER}$`)
const OFFSET = /^([+-]\d+(?:\.\d+)?)ms$/

/**
 * Parses one fault: `partition 1,2|3`, `drop 30% 1>2`, `crash 3`. docs/simulation.md lists them.
 *
 * @returns two faults for a condition of both directions (`drop 30% 1-2`), otherwise one
 * @throws ClusterError `FAULT_INVALID`, with all known forms; `INVALID_ARGUMENT`
 */
export function parseFault(text: string): readonly Fault[] {
  checkArgument('parseFault', 'text', text, A_STRING)
  const words = text.trim().split(/\s+/)
  const faults = parseWords(words[0] ?? '', words.slice(1))
  if (faults !== undefined) return faults
  throw new ClusterError('FAULT_INVALID', `"${text}" is not a fault; write one of:${WORDS}`)
}

function parseWords(type: string, rest: readonly string[]): readonly Fault[] | undefined {
  const [first = '', ...more] = rest
  switch (type) {
    case 'heal':
      return rest.length === 0 ? [{ type }] : undefined
    case 'partition':
      return rest.length === 1 ? parsePartition(first) : undefined
    case 'cut':
    case 'restore':
    case 'reset':
      return more.length === 0 ? parseLinkFault(type, first) : undefined
    case 'pause':
    case 'resume':
    case 'crash':
    case 'restart': {
      const pid = more.length === 0 ? pidOf(first) : undefined
      return pid === undefined ? undefined : [{ type, pid }]
    }
    case 'skew':
      return parseSkew(first, more)
    default:
      return more.length <= 1 ? parseShape(type, first, more[0]) : undefined
  }
}

function parsePartition(text: string): readonly Fault[] | undefined {
  const groups = text.split('|').map((group) => group.split(',').map(pidOf))
  const isComplete = groups.every((group) => group.every((pid) => pid !== undefined))
  return isComplete ? [{ type: 'partition', groups: groups as Pid[][] }] : undefined
}

function parseLinkFault(
  type: 'cut' | 'restore' | 'reset',
  text: string,
): readonly Fault[] | undefined {
  const [, from, arrow, to] = PAIR.exec(text) ?? []
  if (arrow === undefined) return undefined
  const pair = { from: Number(from), to: Number(to) }
  if (type !== 'reset') return [{ type, ...pair, both: arrow === '-' }]
  return arrow === '-' ? [{ type, ...pair }] : undefined
}

function parseSkew(pidText: string, args: readonly string[]): readonly Fault[] | undefined {
  const pid = pidOf(pidText)
  let [rate, offsetMs] = [1, 0]
  for (const arg of args) {
    const rateText = RATE.exec(arg)?.[1]
    const offsetText = OFFSET.exec(arg)?.[1]
    if (rateText !== undefined) rate = Number(rateText)
    else if (offsetText !== undefined) offsetMs = Number(offsetText)
    else return undefined
  }
  const isComplete = pid !== undefined && args.length > 0 && rate > 0
  return isComplete ? [{ type: 'skew', pid, rate, offsetMs }] : undefined
}

/** Returns one fault, or one for each direction of `1-2`. */
function parseShape(type: string, value: string, pathText = '*>*'): readonly Fault[] | undefined {
  const conditions = conditionsOf(type, value)
  const [, from = '', arrow, to = ''] = PATH.exec(pathText) ?? []
  if (conditions === undefined || arrow === undefined) return undefined
  const shapeFault = (a: string, b: string): Fault => ({
    type: 'shape',
    path: parsePath(a, b),
    conditions,
  })
  return arrow === '-' ? [shapeFault(from, to), shapeFault(to, from)] : [shapeFault(from, to)]
}

function parsePath(from: string, to: string): Path {
  return {
    ...(from === '*' ? {} : { from: Number(from) }),
    ...(to === '*' ? {} : { to: Number(to) }),
  }
}

function conditionsOf(type: string, value: string): Partial<Conditions> | undefined {
  switch (type) {
    case 'drop':
    case 'duplicate':
    case 'reorder': {
      const percent = Number(PERCENT.exec(value)?.[1])
      return percent <= 100 ? { [type]: percent / 100 } : undefined
    }
    case 'delay': {
      const delay = parseDelay(value)
      return delay === undefined ? undefined : { delay }
    }
    case 'bandwidth': {
      const bandwidth = value === 'unlimited' ? Infinity : Number(value)
      return bandwidth > 0 ? { bandwidth } : undefined
    }
    default:
      return undefined
  }
}

/** Parses the delay of a path: `5ms`, `1..100ms` or `~20ms`; undefined if it is none of these. */
export function parseDelay(text: string): Delay | undefined {
  const fixed = FIXED.exec(text)?.[1]
  if (fixed !== undefined) return { kind: 'fixed', ms: Number(fixed) }
  const mean = EXPONENTIAL.exec(text)?.[1]
  if (mean !== undefined) return { kind: 'exponential', meanMs: Number(mean) }
  const [, from, to] = UNIFORM.exec(text) ?? []
  if (Number(from) <= Number(to)) return { kind: 'uniform', fromMs: Number(from), toMs: Number(to) }
  return undefined
}

function pidOf(text: string): Pid | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined
}

/**
 * Writes a fault so that `parseFault` reads it back; several conditions are joined by `; `.
 *
 * @throws ClusterError `INVALID_ARGUMENT`
 */
export function renderFault(fault: Fault): string {
  checkArgument('renderFault', 'fault', fault, A_FAULT)
  switch (fault.type) {
    case 'heal':
      return fault.type
    case 'partition':
      return `partition ${fault.groups.map((group) => group.join(',')).join('|')}`
    case 'cut':
    case 'restore':
      return `${fault.type} ${fault.from}${fault.both ? '-' : '>'}${fault.to}`
    case 'reset':
      return `reset ${fault.from}-${fault.to}`
    case 'pause':
    case 'resume':
    case 'crash':
    case 'restart':
      return `${fault.type} ${fault.pid}`
    case 'skew': {
      const sign = fault.offsetMs < 0 ? '' : '+'
      return `skew ${fault.pid} x${fault.rate} ${sign}${fault.offsetMs}ms`
    }
    case 'shape':
      return renderShape(fault.path, fault.conditions)
  }
}

function renderShape({ from, to }: Path, conditions: OptionalFields<Conditions>): string {
  const pathText = from === undefined && to === undefined ? '' : ` ${from ?? '*'}>${to ?? '*'}`
  const words = Object.entries(defined(conditions)).map(([word, value]) => {
    if (typeof value !== 'number') return `delay ${renderDelay(value)}${pathText}`
    if (word !== 'bandwidth') return `${word} ${Number((value * 100).toFixed(9))}%${pathText}`
    return `bandwidth ${value === Infinity ? 'unlimited' : value}${pathText}`
  })
  return words.join('; ')
}

/** Writes a delay so that `parseDelay` reads it back. */
export function renderDelay(delay: Delay): string {
  switch (delay.kind) {
    case 'fixed':
      return `${delay.ms}ms`
    case 'uniform':
      return `${delay.fromMs}..${delay.toMs}ms`
    case 'exponential':
      return `~${delay.meanMs}ms`
  }
}
