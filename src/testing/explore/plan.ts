/** A plan: all that is done to a simulated cluster, as plain data, and as one line of text. */
import type { Pid } from '../../model/pid.ts'
import type { TimedFault } from '../simulation/faults/fault.ts'
import { parseFault, renderFault } from '../simulation/faults/fault-syntax.ts'

/** A process is told something, as a client or an operator would. */
export interface PlanCommand {
  /** When, in milliseconds from the beginning; lost where the process is dead then. */
  readonly atMs: number
  /** Who is told. */
  readonly pid: Pid
  /** What to do: a word without blanks. */
  readonly name: string
  /** With what: anything that JSON carries. */
  readonly args?: unknown
}

/** What happens in one run of a scenario; the same plan gives the same run. */
export interface Plan {
  /** What is left to chance in the run follows from it. */
  readonly seed: number
  /** How many nodes: 1, 2, … */
  readonly peers: number
  /** The run ends then, in milliseconds. */
  readonly untilMs: number
  /** By then everything is healed, resumed and restarted; left out: never. */
  readonly healedMs?: number
  readonly faults: readonly TimedFault[]
  readonly commands: readonly PlanCommand[]
}

/**
 * Writes a plan as one line: `seed 7; peers 3; until 900; 120 crash 2; 50 command 1 write {"id":1}`.
 * All times are milliseconds from the beginning.
 */
export function renderPlan(plan: Plan): string {
  const { seed, peers, untilMs, healedMs, faults, commands } = plan
  return [
    `seed ${seed}`,
    `peers ${peers}`,
    `until ${untilMs}`,
    ...(healedMs === undefined ? [] : [`healed ${healedMs}`]),
    ...faults.map(({ atMs, fault }) => `${atMs} ${renderFault(fault)}`),
    ...commands.map(renderCommand),
  ].join('; ')
}

function renderCommand({ atMs, pid, name, args }: PlanCommand): string {
  const commandText = `${atMs} command ${pid} ${name}`
  // A semicolon ends a word of the plan.
  return args === undefined
    ? commandText
    : `${commandText} ${JSON.stringify(args).replaceAll(';', '\\u003b')}`
}

const COMMAND = /^command (\d+) (\S+)(?: (.+))?$/
const TIMED = /^(\d+(?:\.\d+)?) (.+)$/
const SETTING = /^(seed|peers|until|healed) (-?\d+(?:\.\d+)?)$/

/**
 * Reads the line of a plan.
 *
 * @throws SyntaxError that names the word which cannot be read
 */
export function parsePlan(line: string): Plan {
  const settings = new Map<string, number>()
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
    } else if (part !== '') {
      throw new SyntaxError(`a plan knows no ${JSON.stringify(part)}: copy the whole line`)
    }
  }
  const required = (name: string): number => {
    const value = settings.get(name)
    if (value === undefined) throw new SyntaxError(`the plan says no ${name}: copy the whole line`)
    return value
  }
  const healedMs = settings.get('healed')
  return {
    seed: required('seed'),
    peers: required('peers'),
    untilMs: required('until'),
    ...(healedMs === undefined ? {} : { healedMs }),
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
    throw new SyntaxError(`${JSON.stringify(part)} does not end in JSON: copy the whole line`)
  }
}
