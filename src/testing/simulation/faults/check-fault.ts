/** Checks a fault: its nodes exist, its groups do not overlap, its numbers are in range. */
import type { Conditions, Delay, Fault } from './fault.ts'
import { A_FAULT } from './a-fault.ts'
import { ClusterError } from '../../../model/cluster-error.ts'
import type { OptionalFields } from '../../../base/defined.ts'
import { closestName } from '../../../base/closest-name.ts'
import { describeValue } from '../../../base/describe-value.ts'
import { isRecord } from '../../../config/strict-object.ts'
import { type Pid, isPid, textPidAdvice } from '../../../model/pid.ts'
import { renderFault } from './fault-syntax.ts'

/** Creates a `FAULT_INVALID` error. @param at where the fault is, in front of the message */
export function invalidFault(fault: Fault, problem: string, at = ''): ClusterError {
  return new ClusterError('FAULT_INVALID', `${at}"${renderFault(fault)}": ${problem}`)
}

/**
 * Checks a fault for a cluster of these nodes.
 *
 * @param at stands in front of the message
 * @throws ClusterError `FAULT_INVALID`
 */
export function checkFault(fault: Fault, pids: readonly Pid[], at = ''): void {
  if (!A_FAULT.accepts(fault)) {
    const found = describeValue(fault)
    throw new ClusterError('FAULT_INVALID', `${at}expected ${A_FAULT.expected}, got ${found}`)
  }
  const problem = problemOf(fault, pids)
  if (problem !== undefined) throw invalidFault(fault, problem, at)
}

function problemOf(fault: Fault, pids: readonly Pid[]): string | undefined {
  const unknown = pidsOf(fault).find((pid) => !pids.includes(pid))
  if (unknown !== undefined) return unknownNode(unknown, pids)
  switch (fault.type) {
    case 'partition': {
      const all = fault.groups.flat()
      const twice = all.find((pid, index) => all.indexOf(pid) !== index)
      if (twice !== undefined) return `node ${twice} is in two groups: the groups must not overlap`
      return fault.groups.length === 0
        ? 'there is no group: write partition([1], [2, 3])'
        : undefined
    }
    case 'cut':
    case 'restore':
    case 'reset':
      return fault.from === fault.to ? 'a path leads from one node to another' : undefined
    case 'shape':
      return conditionsProblem(fault.conditions)
    case 'skew':
      return fault.rate > 0 && Number.isFinite(fault.rate) && Number.isFinite(fault.offsetMs)
        ? undefined
        : 'expected a rate above 0, and an offset in milliseconds'
    default:
      return undefined
  }
}

/** Says that there is no such node, and which there are. */
export function unknownNode(pid: Pid, pids: readonly Pid[]): string {
  if (!isPid(pid)) return `expected a pid, got ${describeValue(pid)}${textPidAdvice(pid)}`
  return `there is no node ${pid}: there are ${pids.join(', ')}`
}

function pidsOf(fault: Fault): readonly Pid[] {
  switch (fault.type) {
    case 'heal':
      return []
    case 'partition':
      return fault.groups.flat()
    case 'cut':
    case 'restore':
    case 'reset':
      return [fault.from, fault.to]
    case 'shape':
      return [fault.path.from, fault.path.to].filter((pid) => pid !== undefined)
    default:
      return [fault.pid]
  }
}

const CONDITIONS = ['delay', 'drop', 'duplicate', 'reorder', 'bandwidth']
const DELAY_FIELDS: Readonly<Record<string, readonly string[]>> = {
  fixed: ['ms'],
  uniform: ['fromMs', 'toMs'],
  exponential: ['meanMs'],
}

/** Returns what is wrong with conditions of a path, if anything. */
export function conditionsProblem(conditions: OptionalFields<Conditions>): string | undefined {
  if (!isRecord(conditions))
    return `expected conditions such as { drop: 0.3 }, got ${describeValue(conditions)}`
  for (const [name, value] of Object.entries(conditions)) {
    if (value === undefined) continue
    const problem = conditionProblem(name, value)
    if (problem !== undefined) return `${problem}, got ${describeValue(value)}`
  }
  return undefined
}

function conditionProblem(name: string, value: unknown): string | undefined {
  switch (name) {
    case 'drop':
    case 'duplicate':
    case 'reorder':
      return isNumber(value, 0, 1) ? undefined : `${name}: expected a probability from 0 to 1`
    case 'bandwidth':
      return typeof value === 'number' && value > 0
        ? undefined
        : 'bandwidth: expected bytes per second, above 0'
    case 'delay':
      return isDelay(value)
        ? undefined
        : "delay: expected { kind: 'fixed', ms }, { kind: 'uniform', fromMs, toMs } or " +
            "{ kind: 'exponential', meanMs }, in milliseconds"
    default: {
      const suggestion = closestName(name, CONDITIONS)
      const hint = suggestion === undefined ? '' : ` (did you mean ${suggestion}?)`
      return `${name}: expected one of ${CONDITIONS.join(', ')}${hint}`
    }
  }
}

function isDelay(value: unknown): value is Delay {
  if (!isRecord(value)) return false
  const fields = DELAY_FIELDS[String(value['kind'])]
  if (fields === undefined) return false
  if (Object.keys(value).some((key) => key !== 'kind' && !fields.includes(key))) return false
  if (!fields.every((field) => isNumber(value[field], 0, Number.MAX_SAFE_INTEGER))) return false
  return value['kind'] !== 'uniform' || Number(value['fromMs']) <= Number(value['toMs'])
}

function isNumber(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && value >= min && value <= max
}
