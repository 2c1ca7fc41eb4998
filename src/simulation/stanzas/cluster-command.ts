/** The command of a stanza of a whole cluster: `cluster 3 tick=10ms protocol=election`. */
import type { Command } from '../../marbles/stanza.ts'
import { DEFAULT_LIMITS, type Limits } from '../../model/limits.ts'
import type { Pid } from '../../model/pid.ts'
import { tickMsOf } from '../../marbles/stanza.ts'

/** What can be drawn below the line; `frames`: what a node sends on its connections. */
export const SHOWN = ['inbox', 'output', 'links', 'dead', 'frames'] as const

/** One kind of lane below the line; without a pid, of every node. */
export interface Shown {
  readonly kind: (typeof SHOWN)[number]
  readonly pid?: Pid
}

/** What a command says. */
export interface ClusterCommand {
  readonly pids: readonly Pid[]
  readonly seed: number
  readonly tickMs: number
  /** The name of what every node runs. */
  readonly protocol?: string
  readonly show: readonly Shown[]
  /** Time 0 is when every link is up, and not when nodes open. */
  readonly joined: boolean
  readonly limits: Partial<Limits>
}

/** How a command is written. */
export const USAGE =
  'cluster N|1,2,… [opening] [seed=1] [tick=10ms] [protocol=name] [show=inbox,links,…] ' +
  '[ttlMs=100 …], with lanes network, outboxN and tellN'

/**
 * Reads a command.
 *
 * @param protocols the names that there are
 * @throws Error that says what means nothing
 */
export function readCommand(command: Command, protocols: readonly string[]): ClusterCommand {
  const { words, options } = command
  const [who, ...rest] = words
  const stray = rest.filter((word) => word !== 'opening')
  if (stray.length > 0) throw new Error(`"${stray.join(' ')}" means nothing here: ${USAGE}`)
  const { seed = '1', protocol, show, tick: _tick, ...limits } = options
  if (!/^\d+$/.test(seed)) throw new Error(`"seed=${seed}" is no whole number`)
  if (protocol !== undefined && !protocols.includes(protocol)) {
    const known = protocols.length === 0 ? 'there is none' : `there are ${protocols.join(', ')}`
    throw new Error(`there is no protocol "${protocol}"; ${known}`)
  }
  return {
    pids: pidsOf(who),
    seed: Number(seed),
    tickMs: tickMsOf(command),
    ...(protocol === undefined ? {} : { protocol }),
    show: shownOf(show ?? (protocol === undefined ? 'inbox' : 'output')),
    joined: !rest.includes('opening'),
    limits: limitsOf(limits),
  }
}

function pidsOf(who = ''): readonly Pid[] {
  if (/^\d+$/.test(who)) return Array.from({ length: Number(who) }, (_, index) => index + 1)
  if (/^\d+(,\d+)+$/.test(who)) return who.split(',').map(Number)
  throw new Error(`"${who}" says neither how many nodes there are nor which: ${USAGE}`)
}

function shownOf(show: string): readonly Shown[] {
  return show.split(',').map((word) => {
    const [, name, pid = ''] = /^([a-z]+)(\d*)$/.exec(word) ?? []
    const kind = SHOWN.find((one) => one === name)
    if (kind !== undefined) return pid === '' ? { kind } : { kind, pid: Number(pid) }
    throw new Error(
      `"${word}" cannot be shown; there are ${SHOWN.join(', ')}, and inbox2 for one node`,
    )
  })
}

function limitsOf(options: Readonly<Record<string, string>>): Partial<Limits> {
  const entries = Object.entries(options).map(([key, text]) => {
    if (!(key in DEFAULT_LIMITS)) throw new Error(`"${key}=" means nothing here: ${USAGE}`)
    return [key, /^\d+$/.test(text) ? Number(text) : text]
  })
  return Object.fromEntries(entries) as Partial<Limits>
}
