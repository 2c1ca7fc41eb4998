/** Checks the options of `simulate`, so that a misspelt name does not make a test pass. */
import {
  A_BOOLEAN,
  A_FUNCTION,
  type Rule,
  anyOf,
  checkOptions,
  integerFrom,
  invalidArgument,
  numberFrom,
} from '../../model/check-arguments.ts'
import type { Pid } from '../../model/pid.ts'
import type { SimulationOptions } from './world.ts'
import { conditionsProblem } from './faults/check-fault.ts'
import { limitIssues } from '../../config/decode-limits.ts'

/** Pids of a simulation are below 2^20: a path between two of them is one number. */
const SIM_PID_MAX = 2 ** 20 - 1
/** More nodes than this do not fit into the memory of a machine. */
const NODES_MAX = 100_000

/** Limits and conditions are checked separately, field by field. */
const ANYTHING: Rule = { expected: 'anything', accepts: () => true }
const FRAME_MS_MAX = 2 ** 31 - 1

/** Accepts seeds. */
export const A_SEED: Rule = integerFrom({
  min: Number.MIN_SAFE_INTEGER,
  max: Number.MAX_SAFE_INTEGER,
})

const PIDS: Rule = {
  expected: `a list of different pids from 0 to ${SIM_PID_MAX}`,
  accepts: (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((pid) => Number.isInteger(pid) && pid >= 0 && pid <= SIM_PID_MAX) &&
    new Set(value).size === value.length,
}
const NETWORK: Rule = {
  expected: 'marbles, or a list of { atMs, fault }',
  accepts: (value) => typeof value === 'string' || Array.isArray(value),
}

/**
 * Checks the options of a simulation.
 *
 * @param call the name of the function, which stands in the message
 * @throws ClusterError `INVALID_ARGUMENT`
 */
export function checkSimulationOptions(call: string, options: SimulationOptions): void {
  checkOptions(call, options, {
    required: { peers: anyOf(integerFrom({ min: 1, max: NODES_MAX }), PIDS) },
    optional: {
      seed: A_SEED,
      peersOf: A_FUNCTION,
      protocol: A_FUNCTION,
      limits: ANYTHING,
      conditions: ANYTHING,
      network: NETWORK,
      frameMs: numberFrom({ min: 0.001, max: FRAME_MS_MAX }),
      connected: A_BOOLEAN,
    },
  })
  checkLimitsAndConditions(call, options)
}

/**
 * Checks options that scenarios have, too.
 *
 * @throws ClusterError `INVALID_ARGUMENT`
 */
export function checkLimitsAndConditions(
  call: string,
  { limits, conditions }: Pick<SimulationOptions, 'limits' | 'conditions'>,
): void {
  const issues = limitIssues(limits ?? {})
  if (issues.length > 0) throw invalidArgument(call, issues)
  const problem = conditions === undefined ? undefined : conditionsProblem(conditions)
  if (problem !== undefined) throw invalidArgument(call, [`conditions: ${problem}`])
}

/**
 * Checks what `peersOf` returned for a node.
 *
 * @throws ClusterError `INVALID_ARGUMENT`
 */
export function checkPeersOf(pid: Pid, peers: readonly Pid[], pids: readonly Pid[]): void {
  const isList = Array.isArray(peers)
  const unknown = isList ? peers.filter((peer) => !pids.includes(peer)) : []
  if (isList && unknown.length === 0) return
  const found = isList ? unknown.join(', ') : 'no list'
  throw invalidArgument('simulate', [
    `peersOf(${pid}): expected a list of pids of ${pids.join(', ')}, got ${found}`,
  ])
}
