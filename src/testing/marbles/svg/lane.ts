/** One lane of a picture: its name, its line through time, and its marks. */
import type { MarbleMark, MarbleSign } from '../drawing.ts'
import type { FaultSpan } from './network.ts'
import { type LeaderSpan, renderLeaderBar } from './leaders.ts'
import type { MarbleRole } from './role.ts'
import { element, px, textAt } from './text.ts'
import { colorOf } from './theme.ts'
import type { Extent, LaneGeometry, TimeBreak } from './time.ts'

/** The marks of one lane at one frame. */
export interface MarkGroup extends Extent {
  readonly letters: readonly string[]
  readonly signs: readonly MarbleSign[]
  /** The number of rows that the marbles are stacked in. */
  readonly rows: number
}

/** A lane with its marks and its active time, before it is placed. */
export interface LaneRow {
  readonly name: string
  /** The pid in its name, if the test is of a whole cluster. */
  readonly pid?: number
  readonly groups: readonly MarkGroup[]
  /** The spans in which it says who leads. */
  readonly leaders: readonly LeaderSpan[]
  /** The faults, if it is the network lane. */
  readonly faults?: readonly FaultSpan[]
  /** The frames between which the lane is subscribed. */
  readonly activeFrom: number
  readonly activeTo: number
  /** Whether it is still active at the end of the drawing. */
  readonly isOpenEnded: boolean
  /** Whether it shows a subscription instead of values. */
  readonly isSubscription: boolean
  readonly height: number
  /** The role of a letter on this lane. Default: that of a value. */
  readonly roleOf?: (letter: string) => MarbleRole
}

/** The time without a process, between two positions. */
export interface Outage {
  readonly fromX: number
  readonly toX: number
}

/** The radius of a marble. */
export const MARBLE_RADIUS = 13
/** The distance between marbles of a group. */
export const MARBLE_PITCH = 28
const ROWS_MAX = 4
const GROUP_PADDING = 4
const SIGN_WIDTHS: Readonly<Record<MarbleSign, number>> = {
  complete: 12,
  error: 20,
  subscribe: 19,
  unsubscribe: 19,
}
const LEAD_IN = 20
const CUT_HALF_WIDTH = 5
const SUBSCRIPTION_HEIGHT = 8

/** A lane, in the order in which it is drawn: arrows of messages lie between the two. */
export interface RenderedLane {
  /** Its name, its line, and the frames of groups. */
  readonly back: string
  readonly marks: string
}

/** Draws a lane, vertically centered at `y`, without network bands; `outages` interrupt it. */
export function renderLane(
  row: LaneRow,
  y: number,
  geometry: LaneGeometry,
  outages: readonly Outage[] = [],
): RenderedLane {
  const { zeroX, tipX, scale } = geometry
  const startX = zeroX - LEAD_IN
  const activeX =
    row.activeFrom === 0 && !row.isSubscription ? startX : zeroX + scale.x(row.activeFrom)
  const endX = row.isOpenEnded ? tipX - 8 : Math.max(zeroX + scale.x(row.activeTo), activeX)
  const cuts = [
    ...scale.breaks.map((one) => zeroX + one.x).map((x) => gapAround(x, CUT_HALF_WIDTH)),
    ...outages,
  ]
  const isOut = (x: number): boolean => outages.some(({ fromX, toX }) => fromX < x && x < toX)
  const bar = row.isSubscription && endX > activeX ? renderSubscriptionBar(activeX, endX, y) : ''
  const solid = row.isSubscription ? '' : renderLine(activeX, endX, y, cuts, 'l')
  const tip = `M${px(tipX - 9)} ${px(y - 5.5)}l9.5 5.5-9.5 5.5z`
  const back = [
    renderName(row.name, geometry.nameX, y),
    activeX > startX ? renderLine(startX, activeX, y, cuts, 'f') : '',
    endX < tipX - 8 ? renderLine(endX, tipX - 8, y, cuts, 'f') : '',
    solid,
    bar,
    ...row.leaders.flatMap(({ leader, fromFrame, toFrame, isOpenEnded }) => {
      const toX = isOpenEnded ? tipX - 8 : zeroX + scale.x(toFrame)
      return piecesOf([zeroX + scale.x(fromFrame), toX], [...cuts, ...outages]).map((piece) =>
        renderLeaderBar(leader, leader === row.pid, piece, y),
      )
    }),
    element('path', { d: tip, class: row.isOpenEnded && !row.isSubscription ? 'lf' : 'ff' }),
    ...scale.breaks
      .filter((one) => !isOut(zeroX + one.x))
      .map((one) => renderBreak(zeroX + one.x, y, isActiveAt(row, one) ? 'l' : 'f')),
    ...row.groups.map((group) => renderGroupFrame(group, zeroX + scale.x(group.frame), y)),
  ]
  const marks = row.groups.map((group) =>
    renderMarkGroup(group, zeroX + scale.x(group.frame), y, row.roleOf),
  )
  return { back: back.join(''), marks: marks.join('') }
}

function renderName(name: string, x: number, y: number): string {
  return name.length === 1 ? renderMarble(name, x + 11, y, 11) : textAt(x, y + 4.5, name, 'i')
}

function gapAround(x: number, half: number): Outage {
  return { fromX: x - half, toX: x + half }
}

/** Draws a line with gaps. */
function renderLine(
  fromX: number,
  toX: number,
  y: number,
  gaps: readonly Outage[],
  style: string,
): string {
  const pieces = piecesOf([fromX, toX], gaps)
  const d = pieces.map(([from, to]) => `M${px(from)} ${px(y)}H${px(to)}`).join('')
  return d === '' ? '' : element('path', { d, class: style })
}

/** Returns what gaps leave of a line. */
function piecesOf(
  [fromX, toX]: readonly [number, number],
  gaps: readonly Outage[],
): readonly (readonly [number, number])[] {
  const pieces: (readonly [number, number])[] = []
  let at = fromX
  for (const gap of gaps.toSorted((a, b) => a.fromX - b.fromX)) {
    if (gap.fromX > at && gap.fromX < toX) pieces.push([at, gap.fromX])
    at = Math.max(at, gap.toX)
  }
  return at < toX ? [...pieces, [at, toX]] : pieces
}

function renderBreak(x: number, y: number, style: string): string {
  const slash = (at: number): string => `M${px(at - 3)} ${px(y + 7)}l6-14`
  return element('path', { d: slash(x - CUT_HALF_WIDTH) + slash(x + CUT_HALF_WIDTH), class: style })
}

function isActiveAt(row: LaneRow, { fromFrame, toFrame }: TimeBreak): boolean {
  return (
    !row.isSubscription &&
    row.activeFrom <= fromFrame &&
    (row.isOpenEnded || row.activeTo >= toFrame)
  )
}

function renderSubscriptionBar(fromX: number, toX: number, y: number): string {
  const box = { x: fromX, y: y - SUBSCRIPTION_HEIGHT / 2, width: Math.max(toX - fromX, 0) }
  const style = { height: SUBSCRIPTION_HEIGHT, rx: 3, class: 'v', 'fill-opacity': '0.45' }
  return element('rect', { ...box, ...style })
}

/** Groups the marks of a lane by frame. */
export function markGroupsOf(marks: readonly MarbleMark[]): readonly MarkGroup[] {
  const frames = [...new Set(marks.map(({ frame }) => frame))]
  return frames.map((frame) => {
    const here = marks.filter((mark) => mark.frame === frame)
    const letters = here.flatMap((mark) => (mark.kind === 'next' ? [mark.letter] : []))
    const signs = here.flatMap((mark) => (mark.kind === 'next' ? [] : [mark.kind]))
    const rows = Math.ceil(letters.length / columnsFor(letters.length))
    return { frame, letters, signs, rows, ...extentOf(letters, signs) }
  })
}

function columnsFor(count: number): number {
  return Math.max(Math.ceil(count / ROWS_MAX), 1)
}

function extentOf(
  letters: readonly string[],
  signs: readonly MarbleSign[],
): { readonly left: number; readonly right: number } {
  const isGroup = letters.length + signs.length > 1
  const padding = isGroup ? GROUP_PADDING : 0
  const signsWidth = signs.reduce((sum, sign) => sum + SIGN_WIDTHS[sign], 0)
  if (letters.length === 0) {
    const half = (SIGN_WIDTHS[signs[0] ?? 'complete'] ?? 0) / 2
    return { left: half + padding, right: signsWidth - half + padding }
  }
  const right =
    MARBLE_RADIUS + (columnsFor(letters.length) - 1) * MARBLE_PITCH + signsWidth + padding
  return { left: MARBLE_RADIUS + padding, right }
}

/** Returns the letters of one frame with their centers; the first is at the top left. */
export function marblePoints(
  { letters, rows }: MarkGroup,
  x: number,
  y: number,
): readonly (readonly [letter: string, x: number, y: number])[] {
  const top = y - ((rows - 1) * MARBLE_PITCH) / 2
  return letters.map((letter, index) => {
    const column = Math.floor(index / rows)
    return [letter, x + column * MARBLE_PITCH, top + (index % rows) * MARBLE_PITCH] as const
  })
}

function heightOf({ rows }: MarkGroup): number {
  return Math.max(rows, 1) * MARBLE_PITCH + 2 * (GROUP_PADDING - 1)
}

/** Draws the frame around several marks at once. */
function renderGroupFrame(group: MarkGroup, x: number, y: number): string {
  const { letters, signs, left, right } = group
  if (letters.length + signs.length < 2) return ''
  const height = heightOf(group)
  const rx = Math.min(height / 2, MARBLE_RADIUS + GROUP_PADDING)
  const box = { x: x - left, y: y - height / 2, width: left + right, height, rx }
  return element('rect', { ...box, class: 'q' })
}

/** Draws the marks of one frame; the first one is centered at the point. */
function renderMarkGroup(
  group: MarkGroup,
  x: number,
  y: number,
  roleOf: (letter: string) => MarbleRole = () => 'value',
): string {
  const { letters, signs } = group
  const parts: string[] = []
  for (const [letter, cx, cy] of marblePoints(group, x, y))
    parts.push(renderMarble(letter, cx, cy, MARBLE_RADIUS, roleOf(letter)))
  const isAlone = letters.length === 0
  const first = isAlone ? x : x + MARBLE_RADIUS + (columnsFor(letters.length) - 1) * MARBLE_PITCH
  let at = isAlone ? first - SIGN_WIDTHS[signs[0] ?? 'complete'] / 2 : first
  for (const sign of signs) {
    const width = SIGN_WIDTHS[sign]
    parts.push(renderSign(sign, at + width / 2, y, Math.max(heightOf(group) - 12, 26)))
    at += width
  }
  return parts.join('')
}

/** Draws a marble with its letter, in the shape and color of its role. */
export function renderMarble(
  letter: string,
  x: number,
  y: number,
  radius = MARBLE_RADIUS,
  role: MarbleRole = 'value',
): string {
  if (role === 'error') return renderSign('error', x, y, 2 * radius)
  const { face, rim } = colorOf(letter, role)
  const style = { fill: face, stroke: rim, 'stroke-width': '1.5' }
  const isSmall = radius < MARBLE_RADIUS
  const label = textAt(x, y + (isSmall ? 3.8 : 4.7), letter, isSmall ? 'o m' : 'n m')
  const half = radius - (isSmall ? 0.75 : 1.5)
  const box = { x: x - half, y: y - half, width: 2 * half, height: 2 * half }
  switch (role) {
    case 'value':
      return element('circle', { cx: x, cy: y, r: radius - 0.75, ...style }) + label
    case 'dead': {
      const reach = half * 0.74
      const d =
        `M${px(x - reach)} ${px(y - reach)}l${px(2 * reach)} ${px(2 * reach)}` +
        `m0 ${px(-2 * reach)}l${px(-2 * reach)} ${px(2 * reach)}`
      const cross = element('path', { d, class: 't' })
      return element('circle', { cx: x, cy: y, r: radius - 0.75, ...style }) + cross + label
    }
    case 'frame':
      return element('rect', { ...box, rx: 1.5, ...style }) + label
    default:
      return element('rect', { ...box, rx: 6, ...style }) + label
  }
}

/** Draws a sign, centered at the point. */
export function renderSign(sign: MarbleSign, x: number, y: number, height: number): string {
  switch (sign) {
    case 'complete':
      return element('path', { d: `M${px(x)} ${px(y - height / 2)}v${px(height)}`, class: 'l' })
    case 'error': {
      const [left, top] = [px(x - 7), px(y - 7)]
      return element('path', { d: `M${left} ${top}l14 14m0-14l-14 14`, class: 'x' })
    }
    case 'subscribe':
      return badge(x, y, `M${px(x - 4)} ${px(y + 2.5)}l4-5 4 5`)
    case 'unsubscribe':
      return badge(x, y, `M${px(x)} ${px(y - 4.5)}v5m0 4v0.01`)
  }
}

function badge(x: number, y: number, d: string): string {
  const box = { x: x - 9, y: y - 9, width: 18, height: 18, rx: 5, class: 'v' }
  return element('rect', box) + element('path', { d, class: 'w' })
}
