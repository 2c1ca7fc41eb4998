/** The rule of a fault as an argument: its fields are there, whatever their values. */
import type { Fault } from './fault.ts'
import type { Rule } from '../../../model/check-arguments.ts'
import { isRecord } from '../../../config/strict-object.ts'

const TYPES: Readonly<Record<Fault['type'], true>> = {
  partition: true,
  heal: true,
  cut: true,
  restore: true,
  reset: true,
  shape: true,
  pause: true,
  resume: true,
  crash: true,
  restart: true,
  skew: true,
}

/** Accepts faults that can be rendered; `checkFault` checks their values. */
export const A_FAULT: Rule = {
  expected:
    "a fault such as { type: 'crash', pid: 2 } or { type: 'partition', groups: [[1], [2]] }",
  accepts: (fault) => {
    if (!isRecord(fault)) return false
    const { type, groups, path, conditions } = fault
    if (typeof type !== 'string' || !Object.hasOwn(TYPES, type)) return false
    if (type === 'partition') return Array.isArray(groups) && groups.every(Array.isArray)
    return type !== 'shape' || (isRecord(path) && isRecord(conditions))
  },
}
