/** The lanes of a picture as rows: which node each is of, in which order, and when it is awake. */
import { SUBSCRIBERS } from './bench.ts'
import { NETWORK_LANE, faultSpans } from './svg-faults.ts'
import type { FaultSpan } from './svg-faults.ts'
import { PITCH, clustersOf } from './svg-marks.ts'
import type { Cluster } from './svg-marks.ts'
import type { Lane, Stanza } from './stanza.ts'

/** One lane, ready to be placed. */
export interface Row {
  readonly name: string
  /** The pid in the name, where the stanza is of a whole cluster. */
  readonly pid?: number
  readonly clusters: readonly Cluster[]
  /** Where it is the network lane: its faults. */
  readonly faults?: readonly FaultSpan[]
  /** The frames between which something can happen on it. */
  readonly awakeFrom: number
  readonly awakeTo: number
  /** It goes on after what is drawn. */
  readonly isOpen: boolean
  /** It draws when somebody subscribes and leaves. */
  readonly isVisit: boolean
  readonly height: number
}

const HEIGHT_MIN = 42

/** The rows above and below the command. */
export function rowsOf(stanza: Stanza): readonly [given: readonly Row[], expected: readonly Row[]] {
  const { given, expected } = stanza
  const isCluster = isOfCluster([...given.lanes, ...expected.lanes])
  const lastFrame = lastFrameOf(stanza)
  const row = (lane: Lane): Row => rowOf(lane, stanza, lastFrame, isCluster)
  return [byNode(given.lanes.map(row)), byNode(expected.lanes.map(row))]
}

/** The last frame that any lane draws. */
export function lastFrameOf({ given, expected }: Stanza): number {
  const lanes = [...given.lanes, ...expected.lanes]
  return Math.max(...lanes.map(({ drawing }) => drawing.frames - 1), 0)
}

function rowOf(lane: Lane, stanza: Stanza, lastFrame: number, isCluster: boolean): Row {
  const { name, drawing } = lane
  const pid = isCluster ? /\d+$/.exec(name)?.[0] : undefined
  const clusters = clustersOf(drawing.marks)
  const definitions = [...stanza.given.definitions, ...stanza.expected.definitions]
  const kinds = drawing.marks.map(({ kind }) => kind)
  const frameOf = (kind: string, otherwise: number): number =>
    drawing.marks.find((mark) => mark.kind === kind)?.frame ?? otherwise
  const [from, to] = windowOf(lane, stanza)
  const hasEnded = kinds.includes('complete') || kinds.includes('error')
  const endFrame = hasEnded ? (drawing.marks.at(-1)?.frame ?? 0) : drawing.frames
  const isVisit = kinds.includes('subscribe') || isUnvisited(lane, stanza)
  const isOpen = isVisit ? kinds.at(-1) === 'subscribe' : !hasEnded && to === Infinity
  return {
    name,
    ...(pid === undefined ? {} : { pid: Number(pid) }),
    ...(name === NETWORK_LANE ? { faults: faultSpans(lane, definitions) } : {}),
    clusters,
    awakeFrom: isVisit ? frameOf('subscribe', 0) : Math.min(from, endFrame),
    awakeTo: isVisit
      ? frameOf('unsubscribe', isOpen ? lastFrame : 0)
      : Math.min(to, endFrame, lastFrame),
    isOpen,
    isVisit,
    height: Math.max(...clusters.map(({ rows }) => rows * PITCH + 18), HEIGHT_MIN),
  }
}

/** A lane that is named again below the command draws its visits, and here nobody came. */
function isUnvisited(lane: Lane, { given, expected }: Stanza): boolean {
  const isBelow = expected.lanes.includes(lane) && lane.drawing.marks.length === 0
  return isBelow && given.lanes.some(({ name }) => name === lane.name)
}

/** A result is awake as long as its subscriber; a stream that comes out of it, from then on. */
function windowOf({ name }: Lane, stanza: Stanza): readonly [from: number, to: number] {
  const isInner = name.length === 1
  const result = isInner ? 'result' : name
  const marks = stanza.given.lanes.find((one) => SUBSCRIBERS[one.name] === result)?.drawing.marks
  const frameOf = (kind: string): number | undefined =>
    marks?.find((mark) => mark.kind === kind)?.frame
  const births = stanza.expected.lanes.flatMap(({ drawing }) =>
    drawing.marks.filter((mark) => mark.kind === 'next' && mark.letter === name),
  )
  const birth = isInner ? births[0]?.frame : undefined
  return [birth ?? frameOf('subscribe') ?? 0, frameOf('unsubscribe') ?? Infinity]
}

/** Whole clusters have a network, or nothing but lanes that name a node. */
function isOfCluster(lanes: readonly Lane[]): boolean {
  const names = lanes.map(({ name }) => name)
  return names.includes(NETWORK_LANE) || (names.length > 0 && names.every((one) => /\d$/.test(one)))
}

/** The lanes of a node stand together, below those of none. */
function byNode(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((a, b) => (a.pid ?? -1) - (b.pid ?? -1))
}
