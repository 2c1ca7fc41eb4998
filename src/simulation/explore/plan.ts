/** A plan: all that is done to a simulated cluster, as plain data, and as one line of text. */
import type { Pid } from '../../model/pid.ts'
import type { TimedFault } from '../fault.ts'
import { parseFault, renderFault } from '../fault-words.ts'

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
 * Writes a plan as one line: `seed 7; peers 3; until 900; 120 crash 2; 50 tell 1 write {"id":1}`.
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
  const told = `${atMs} tell ${pid} ${name}`
  // A semicolon ends a word of the plan.
  return args === undefined ? told : `${told} ${JSON.stringify(args).replaceAll(';', '\\u003b')}`
}

const TELL = /^tell (\d+) (\S+)(?: (.+))?$/
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
    const word = raw.trim()
    const setting = SETTING.exec(word)
    const timed = TIMED.exec(word)
    if (setting !== null) settings.set(setting[1] ?? '', Number(setting[2]))
    else if (timed !== null) {
      const [, at, what = ''] = timed
      const told = TELL.exec(what)
      if (told === null) {
        faults.push(...parseFault(what).map((fault) => ({ atMs: Number(at), fault })))
      } else commands.push(parseCommand(Number(at), told, word))
    } else if (word !== '') {
      throw new SyntaxError(`a plan knows no ${JSON.stringify(word)}: copy the whole line`)
    }
  }
  const needed = (name: string): number => {
    const value = settings.get(name)
    if (value === undefined) throw new SyntaxError(`the plan says no ${name}: copy the whole line`)
    return value
  }
  const healedMs = settings.get('healed')
  return {
    seed: needed('seed'),
    peers: needed('peers'),
    untilMs: needed('until'),
    ...(healedMs === undefined ? {} : { healedMs }),
    faults,
    commands,
  }
}

function parseCommand(atMs: number, told: RegExpExecArray, word: string): PlanCommand {
  const [, pid, name = '', json] = told
  if (json === undefined) return { atMs, pid: Number(pid), name }
  try {
    return { atMs, pid: Number(pid), name, args: JSON.parse(json) as unknown }
  } catch {
    throw new SyntaxError(`${JSON.stringify(word)} does not end in JSON: copy the whole line`)
  }
}
