/** Parses the command line of a cluster marble test: `cluster 3 tick=10ms protocol=election`. */
import { marbleProblem } from '../../marbles/marble-test.ts'
import type { MarbleCall } from '../../marbles/marble-test.ts'
import { DEFAULT_LIMITS, type Limits } from '../../../model/limits.ts'
import type { Pid } from '../../../model/pid.ts'
import type { LaneKind } from '../../marbles/trace-lanes.ts'
import { tickMsOf } from '../../marbles/marble-test.ts'

/** The kinds of lanes below the line; `frames` shows the protocol frames that a node sends. */
type OutputLaneKind = LaneKind | 'frames'

const OUTPUT_LANE_KINDS: readonly OutputLaneKind[] = ['inbox', 'output', 'links', 'dead', 'frames']

/** A kind of lane to show, for one node or for all. */
export interface LaneSelection {
  readonly kind: OutputLaneKind
  readonly pid?: Pid
}

/** A parsed command line. */
export interface ClusterCall {
  readonly pids: readonly Pid[]
  readonly seed: number
  readonly tickMs: number
  /** The name of the protocol that every node runs. */
  readonly protocol?: string
  readonly lanes: readonly LaneSelection[]
  /** Whether time 0 is when every link is up, instead of when the nodes open. */
  readonly connected: boolean
  readonly limits: Partial<Limits>
}

/** The syntax of the command, for error messages. */
export const USAGE =
  'cluster N|1,2,… [opening] [seed=1] [tick=10ms] [protocol=name] [show=inbox,links,…] ' +
  '[ttlMs=100 …], with lanes network, outboxN and commandN'

/**
 * Parses a command line.
 *
 * @param protocols the names of known protocols
 * @throws ClusterError `INVALID_ARGUMENT` that names the invalid part
 */
export function parseClusterCall(call: MarbleCall, protocols: readonly string[]): ClusterCall {
  const { args, options } = call
  const [pidsText, ...rest] = args
  const unexpected = rest.filter((arg) => arg !== 'opening')
  if (unexpected.length > 0)
    throw marbleProblem(`unexpected "${unexpected.join(' ')}": write ${USAGE}`)
  const { seed = '1', protocol, show, tick: _tick, ...limits } = options
  if (!/^\d+$/.test(seed)) throw marbleProblem(`"seed=${seed}" is not an integer`)
  if (protocol !== undefined && !protocols.includes(protocol)) {
    const known =
      protocols.length === 0 ? 'none is defined' : `write one of ${protocols.join(', ')}`
    throw marbleProblem(`there is no protocol "${protocol}"; ${known}`)
  }
  const pids = pidsOf(pidsText)
  const lanes = selectionsOf(show ?? (protocol === undefined ? 'inbox' : 'output'))
  const unknown = lanes.find(({ pid }) => pid !== undefined && !pids.includes(pid))
  if (unknown !== undefined) {
    const nodes = `there is no node ${unknown.pid}: there are ${pids.join(', ')}`
    throw marbleProblem(`"show=${show}": ${nodes}`)
  }
  return {
    pids,
    seed: Number(seed),
    tickMs: tickMsOf(call),
    ...(protocol === undefined ? {} : { protocol }),
    lanes,
    connected: !rest.includes('opening'),
    limits: limitsOf(limits),
  }
}

function pidsOf(pidsText = ''): readonly Pid[] {
  if (/^\d+$/.test(pidsText))
    return Array.from({ length: Number(pidsText) }, (_, index) => index + 1)
  if (/^\d+(,\d+)+$/.test(pidsText)) return pidsText.split(',').map(Number)
  throw marbleProblem(
    `"${pidsText}" is neither a number of nodes nor a list of pids: write ${USAGE}`,
  )
}

function selectionsOf(show: string): readonly LaneSelection[] {
  const kinds = OUTPUT_LANE_KINDS.join(', ')
  return show.split(',').map((word) => {
    const [, name, pid = ''] = /^([a-z]+)(\d*)$/.exec(word) ?? []
    const kind = OUTPUT_LANE_KINDS.find((one) => one === name)
    if (kind !== undefined) return pid === '' ? { kind } : { kind, pid: Number(pid) }
    throw marbleProblem(
      `there is no lane kind "${word}"; write one of ${kinds}, or inbox2 for one node`,
    )
  })
}

function limitsOf(options: Readonly<Record<string, string>>): Partial<Limits> {
  const entries = Object.entries(options).map(([key, text]) => {
    if (!(key in DEFAULT_LIMITS))
      throw marbleProblem(`there is no option "${key}=": write ${USAGE}`)
    return [key, /^\d+$/.test(text) ? Number(text) : text]
  })
  return Object.fromEntries(entries) as Partial<Limits>
}
