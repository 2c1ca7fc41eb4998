/** The command of a stanza of a whole cluster: `cluster 3 tick=10ms protocol=election`. */
import type { MarbleCall } from '../../marbles/marble-test.ts'
import { DEFAULT_LIMITS, type Limits } from '../../../model/limits.ts'
import type { Pid } from '../../../model/pid.ts'
import { tickMsOf } from '../../marbles/marble-test.ts'

/** What can be drawn below the line; `frames`: what a node sends on its connections. */
export const LANE_KINDS = ['inbox', 'output', 'links', 'dead', 'frames'] as const

/** One kind of lane below the line; without a pid, of every node. */
export interface LaneSelection {
  readonly kind: (typeof LANE_KINDS)[number]
  readonly pid?: Pid
}

/** What a command says. */
export interface ClusterCall {
  readonly pids: readonly Pid[]
  readonly seed: number
  readonly tickMs: number
  /** The name of what every node runs. */
  readonly protocol?: string
  readonly lanes: readonly LaneSelection[]
  /** Time 0 is when every link is up, and not when nodes open. */
  readonly connected: boolean
  readonly limits: Partial<Limits>
}

/** How a command is written. */
export const USAGE =
  'cluster N|1,2,… [opening] [seed=1] [tick=10ms] [protocol=name] [show=inbox,links,…] ' +
  '[ttlMs=100 …], with lanes network, outboxN and commandN'

/**
 * Reads a command.
 *
 * @param protocols the names that there are
 * @throws Error that says what means nothing
 */
export function parseClusterCall(call: MarbleCall, protocols: readonly string[]): ClusterCall {
  const { args, options } = call
  const [pidsText, ...rest] = args
  const unexpected = rest.filter((arg) => arg !== 'opening')
  if (unexpected.length > 0)
    throw new Error(`"${unexpected.join(' ')}" means nothing here: ${USAGE}`)
  const { seed = '1', protocol, show, tick: _tick, ...limits } = options
  if (!/^\d+$/.test(seed)) throw new Error(`"seed=${seed}" is no whole number`)
  if (protocol !== undefined && !protocols.includes(protocol)) {
    const known = protocols.length === 0 ? 'there is none' : `there are ${protocols.join(', ')}`
    throw new Error(`there is no protocol "${protocol}"; ${known}`)
  }
  return {
    pids: pidsOf(pidsText),
    seed: Number(seed),
    tickMs: tickMsOf(call),
    ...(protocol === undefined ? {} : { protocol }),
    lanes: selectionsOf(show ?? (protocol === undefined ? 'inbox' : 'output')),
    connected: !rest.includes('opening'),
    limits: limitsOf(limits),
  }
}

function pidsOf(pidsText = ''): readonly Pid[] {
  if (/^\d+$/.test(pidsText))
    return Array.from({ length: Number(pidsText) }, (_, index) => index + 1)
  if (/^\d+(,\d+)+$/.test(pidsText)) return pidsText.split(',').map(Number)
  throw new Error(`"${pidsText}" says neither how many nodes there are nor which: ${USAGE}`)
}

function selectionsOf(show: string): readonly LaneSelection[] {
  return show.split(',').map((word) => {
    const [, name, pid = ''] = /^([a-z]+)(\d*)$/.exec(word) ?? []
    const kind = LANE_KINDS.find((one) => one === name)
    if (kind !== undefined) return pid === '' ? { kind } : { kind, pid: Number(pid) }
    throw new Error(
      `"${word}" cannot be shown; there are ${LANE_KINDS.join(', ')}, and inbox2 for one node`,
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
