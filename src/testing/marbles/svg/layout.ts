/** Arranges lanes as rows: their order, their node, and their active time. */
import { RESULT_LANES } from '../context.ts'
import { NETWORK_LANE, faultSpans } from './network.ts'
import { type LaneRow, MARBLE_PITCH, markGroupsOf } from './lane.ts'
import { leaderSpans } from './leaders.ts'
import { rolesOf } from './role.ts'
import type { MarbleLane, MarbleTest } from '../marble-test.ts'

const HEIGHT_MIN = 42

/** The rows of a picture. */
export interface Rows {
  /** Above the box. */
  readonly given: readonly LaneRow[]
  /** Below the box. */
  readonly expected: readonly LaneRow[]
  /** Whether nodes are shown: then all rows are those of `expected`, node by node. */
  readonly isCluster: boolean
}

/** Returns the rows of a picture. */
export function rowsOf(test: MarbleTest): Rows {
  const { given, expected } = test
  const isCluster = isClusterTest([...given.lanes, ...expected.lanes])
  const lastFrame = lastFrameOf(test)
  const row = (lane: MarbleLane): LaneRow => rowOf(lane, test, lastFrame, isCluster)
  const [above, below] = [given.lanes.map(row), expected.lanes.map(row)]
  return isCluster
    ? { given: [], expected: sortByNode([...above, ...below]), isCluster }
    : { given: above, expected: below, isCluster }
}

/** Returns the last frame of all lanes. */
export function lastFrameOf({ given, expected }: MarbleTest): number {
  const lanes = [...given.lanes, ...expected.lanes]
  return Math.max(...lanes.map(({ drawing }) => drawing.frames - 1), 0)
}

function rowOf(lane: MarbleLane, test: MarbleTest, lastFrame: number, isCluster: boolean): LaneRow {
  const { name, drawing } = lane
  const pid = isCluster ? /\d+$/.exec(name)?.[0] : undefined
  const groups = markGroupsOf(drawing.marks)
  const definitions = [...test.given.definitions, ...test.expected.definitions]
  const roleOf = rolesOf(test)
  const kinds = drawing.marks.map(({ kind }) => kind)
  const frameOf = (kind: string, fallback: number): number =>
    drawing.marks.find((mark) => mark.kind === kind)?.frame ?? fallback
  const [from, to] = activeWindowOf(lane, test)
  const hasEnded = kinds.includes('complete') || kinds.includes('error')
  const endFrame = hasEnded ? (drawing.marks.at(-1)?.frame ?? 0) : drawing.frames
  const isSubscription = kinds.includes('subscribe') || wasNeverSubscribed(lane, test)
  const isOpenEnded = isSubscription ? kinds.at(-1) === 'subscribe' : !hasEnded && to === Infinity
  return {
    name,
    ...(pid === undefined ? {} : { pid: Number(pid) }),
    ...(name === NETWORK_LANE ? { faults: faultSpans(lane, definitions) } : {}),
    groups,
    leaders: pid === undefined ? [] : leaderSpans(lane, definitions),
    activeFrom: isSubscription ? frameOf('subscribe', 0) : Math.min(from, endFrame),
    activeTo: isSubscription
      ? frameOf('unsubscribe', isOpenEnded ? lastFrame : 0)
      : Math.min(to, endFrame, lastFrame),
    isOpenEnded,
    isSubscription,
    roleOf: (letter) => roleOf(name, letter),
    height: Math.max(...groups.map(({ rows }) => rows * MARBLE_PITCH + 18), HEIGHT_MIN),
  }
}

/** Returns whether an input lane that is named again below the command had no subscription. */
function wasNeverSubscribed(lane: MarbleLane, { given, expected }: MarbleTest): boolean {
  const isBelow = expected.lanes.includes(lane) && lane.drawing.marks.length === 0
  return isBelow && given.lanes.some(({ name }) => name === lane.name)
}

/** A result is active while it is subscribed; an inner stream, from when it is emitted. */
function activeWindowOf(
  { name }: MarbleLane,
  test: MarbleTest,
): readonly [from: number, to: number] {
  const isInner = name.length === 1
  const result = isInner ? 'result' : name
  const marks = test.given.lanes.find((one) => RESULT_LANES[one.name] === result)?.drawing.marks
  const frameOf = (kind: string): number | undefined =>
    marks?.find((mark) => mark.kind === kind)?.frame
  const starts = test.expected.lanes.flatMap(({ drawing }) =>
    drawing.marks.filter((mark) => mark.kind === 'next' && mark.letter === name),
  )
  const startFrame = isInner ? starts[0]?.frame : undefined
  return [startFrame ?? frameOf('subscribe') ?? 0, frameOf('unsubscribe') ?? Infinity]
}

/** A test of a cluster has a network lane, or only lanes whose names end in a pid. */
function isClusterTest(lanes: readonly MarbleLane[]): boolean {
  const names = lanes.map(({ name }) => name)
  return names.includes(NETWORK_LANE) || (names.length > 0 && names.every((one) => /\d$/.test(one)))
}

/** Groups the lanes by node; lanes without a node come first. */
function sortByNode(rows: readonly LaneRow[]): readonly LaneRow[] {
  return rows.toSorted((a, b) => (a.pid ?? -1) - (b.pid ?? -1))
}
