/** Checks a scenario, so that a misspelt name does not make a test pass. */
import {
  A_FUNCTION,
  type Rule,
  checkArgument,
  checkOptions,
  integerFrom,
  invalidArgument,
  numberFrom,
} from '../../model/check-arguments.ts'
import { checkFaultOptions } from './chaos-options.ts'
import type { Plan } from './plan.ts'
import type { Scenario } from './scenario.ts'
import { ClusterError } from '../../model/cluster-error.ts'
import { checkFault, unknownNode } from '../simulation/faults/check-fault.ts'
import { checkLimitsAndConditions } from '../simulation/check-options.ts'
import { isRecord } from '../../config/strict-object.ts'

/** Longer runs take hours of real time. */
const MS_MAX = 2 ** 40
const PEERS_MAX = 100_000
const MS = numberFrom({ min: 0, max: MS_MAX })
const ANYTHING: Rule = { expected: 'anything', accepts: () => true }
const COUNT = integerFrom({ min: 1, max: PEERS_MAX })
const PEERS: Rule = {
  expected: 'a number of nodes of at least 1, or a range [min, max]',
  accepts: (value) =>
    COUNT.accepts(value) ||
    (Array.isArray(value) &&
      value.length === 2 &&
      value.every(COUNT.accepts) &&
      isAscending(value)),
}
const FAULTS: Rule = {
  expected: 'options for faults, or false',
  accepts: (value) => value === false || isRecord(value),
}

/**
 * Checks a scenario.
 *
 * @param call the name of the function, which stands in the message
 * @throws ClusterError `INVALID_ARGUMENT`
 */
export function checkScenario(call: string, scenario: Scenario): void {
  const expected = 'a scenario such as { peers: 3, untilMs: 10_000, protocol, checks }'
  checkArgument(call, 'scenario', scenario, { expected, accepts: isRecord })
  const name = `${call}: scenario`
  checkOptions(name, scenario, {
    required: { peers: PEERS, protocol: A_FUNCTION, untilMs: numberFrom({ min: 1, max: MS_MAX }) },
    optional: {
      minPeers: COUNT,
      limits: ANYTHING,
      conditions: ANYTHING,
      recoveryMs: MS,
      faults: FAULTS,
      commands: A_FUNCTION,
      checks: A_FUNCTION,
    },
  })
  checkLimitsAndConditions(name, scenario)
  const { faults } = scenario
  if (faults === undefined || faults === false) return
  checkFaultOptions(`${name}.faults`, faults)
}

/**
 * Checks that the faults and commands of a plan are for nodes that it has.
 *
 * @throws ClusterError `PLAN_INVALID`, `FAULT_INVALID`
 */
export function checkPlan(plan: Plan): void {
  const { peers, untilMs, faults, commands } = plan
  if (!COUNT.accepts(peers)) throw invalidPlan(`peers ${peers}: expected at least 1`)
  if (!(untilMs >= 0)) throw invalidPlan(`until ${untilMs}: expected milliseconds`)
  const pids = Array.from({ length: peers }, (_, index) => index + 1)
  for (const { atMs, fault } of faults) checkFault(fault, pids, `at ${atMs} ms: `)
  for (const { atMs, pid, name } of commands) {
    if (!pids.includes(pid))
      throw invalidPlan(`at ${atMs} ms: command ${pid} ${name}: ${unknownNode(pid, pids)}`)
  }
}

function invalidPlan(problem: string): ClusterError {
  return new ClusterError('PLAN_INVALID', problem)
}

function isAscending([min, max]: readonly number[]): boolean {
  return Number(min) <= Number(max)
}

/** Creates the error of a scenario that cannot be loaded, or is none. */
export function invalidScenario(problem: string, cause?: unknown): ClusterError {
  const error = invalidArgument('explore', [`scenario: ${problem}`])
  return cause === undefined ? error : new ClusterError(error.code, error.message, { cause })
}
