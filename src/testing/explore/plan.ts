/** A plan: everything that is done to a simulated cluster, as data and as one line of text. */
import type { Pid } from '../../model/pid.ts'
import type { Delay, TimedFault } from '../simulation/faults/fault.ts'
import { A_STRING, type Rule, checkArgument } from '../../model/check-arguments.ts'
import { ClusterError } from '../../model/cluster-error.ts'
import { isRecord } from '../../config/strict-object.ts'
import {
  parseDelay,
  parseFault,
  renderDelay,
  renderFault,
} from '../simulation/faults/fault-syntax.ts'

/** A command to a process, as a client or an operator would send it. */
export interface PlanCommand {
  /** Milliseconds from the start. The command is lost if the process is dead then. */
  readonly atMs: number
  readonly pid: Pid
  /** A word without blanks. */
  readonly name: string
  /** Any value that JSON can represent. */
  readonly args?: unknown
}

/** What is done in one run of a scenario. The same plan gives the same run. */
export interface Plan {
  /** The seed of all random numbers of the run. */
  readonly seed: number
  /** Number of nodes: their pids are 1, 2, … */
  readonly peers: number
  /** When the run ends, in milliseconds. */
  readonly untilMs: number
  /** When all nodes and paths are healed, resumed and restarted. Undefined: never. */
  readonly healedMs?: number | undefined
  /** Of every path without a fault. Undefined: that of the scenario, or 1 ms. */
  readonly delay?: Delay | undefined
  readonly faults: readonly TimedFault[]
  readonly commands: readonly PlanCommand[]
}

const A_PLAN: Rule = {
  expected: 'a plan with seed, peers, untilMs, faults and commands',
  accepts: (plan) => {
    if (!isRecord(plan)) return false
    const { faults, commands } = plan
    return [faults, commands].every((list) => Array.isArray(list) && list.every(isRecord))
  },
}

/**
 * Renders a plan as one line:
 * `seed 7; peers 3; until 900; 120 crash 2; 50 command 1 write {"id":1}`.
 * All times are milliseconds from the start.
 *
 * @throws ClusterError `INVALID_ARGUMENT`
 */
export function renderPlan(plan: Plan): string {
  checkArgument('renderPlan', 'plan', plan, A_PLAN)
  const { seed, peers, untilMs, healedMs, delay, faults, commands } = plan
  return [
    `seed ${seed}`,
    `peers ${peers}`,
    `until ${untilMs}`,
    ...(healedMs === undefined ? [] : [`healed ${healedMs}`]),
    ...(delay === undefined ? [] : [`delay ${renderDelay(delay)}`]),
    ...faults.map(({ atMs, fault }) => `${atMs} ${renderFault(fault)}`),
    ...commands.map(renderCommand),
  ].join('; ')
}

function renderCommand({ atMs, pid, name, args }: PlanCommand): string {
  const commandText = `${atMs} command ${pid} ${name}`
  // A semicolon would end the part.
  return args === undefined
    ? commandText
    : `${commandText} ${JSON.stringify(args).replaceAll(';', '\\u003b')}`
}

const COMMAND = /^command (\d+) (\S+)(?: (.+))?$/
const TIMED = /^(\d+(?:\.\d+)?) (.+)$/
const SETTING = /^(seed|peers|until|healed) (-?\d+(?:\.\d+)?)$/

/**
 * Parses the line of a plan.
 *
 * @throws ClusterError `PLAN_INVALID` that names the part which is wrong; `INVALID_ARGUMENT`
 */
export function parsePlan(line: string): Plan {
  checkArgument('parsePlan', 'line', line, A_STRING)
  const settings = new Map<string, number>()
  let delay: Delay | undefined
  const faults: TimedFault[] = []
  const commands: PlanCommand[] = []
  for (const raw of line.split(';')) {
    const part = raw.trim()
    const settingMatch = SETTING.exec(part)
    const timedMatch = TIMED.exec(part)
    if (settingMatch !== null) settings.set(settingMatch[1] ?? '', Number(settingMatch[2]))
    else if (timedMatch !== null) {
      const [, atText, rest = ''] = timedMatch
      const commandMatch = COMMAND.exec(rest)
      if (commandMatch === null) {
        faults.push(...parseFault(rest).map((fault) => ({ atMs: Number(atText), fault })))
      } else commands.push(parseCommand(Number(atText), commandMatch, part))
    } else if (part.startsWith('delay ')) {
      delay = parseDelay(part.slice('delay '.length))
      if (delay === undefined) throw invalidPlan(`unknown delay: ${JSON.stringify(part)}`)
    } else if (part !== '') {
      throw invalidPlan(`unknown part of a plan: ${JSON.stringify(part)}`)
    }
  }
  const required = (name: string): number => {
    const value = settings.get(name)
    if (value === undefined) throw invalidPlan(`the plan has no "${name}"`)
    return value
  }
  const healedMs = settings.get('healed')
  return {
    seed: required('seed'),
    peers: required('peers'),
    untilMs: required('until'),
    ...(healedMs === undefined ? {} : { healedMs }),
    ...(delay === undefined ? {} : { delay }),
    faults,
    commands,
  }
}

function parseCommand(atMs: number, match: RegExpExecArray, part: string): PlanCommand {
  const [, pid, name = '', json] = match
  if (json === undefined) return { atMs, pid: Number(pid), name }
  try {
    return { atMs, pid: Number(pid), name, args: JSON.parse(json) as unknown }
  } catch {
    throw invalidPlan(`invalid JSON in ${JSON.stringify(part)}`)
  }
}

function invalidPlan(problem: string): ClusterError {
  return new ClusterError('PLAN_INVALID', `${problem}: copy the whole line of the plan`)
}
