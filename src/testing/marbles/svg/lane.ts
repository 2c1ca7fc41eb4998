/** One lane of a picture: its name, its line through time, and what happens on it. */
import { renderMarkGroup, renderMarble } from './marks.ts'
import type { LaneRow } from './layout.ts'
import { element, px, textAt } from './text.ts'
import type { TimeBreak, TimeScale } from './time.ts'

/** Where the lanes of a picture stand. */
export interface LaneGeometry {
  /** Where names begin. */
  readonly nameX: number
  /** Where frame 0 stands. */
  readonly zeroX: number
  /** Where the arrows end. */
  readonly tipX: number
  readonly scale: TimeScale
}

const LEAD_IN = 20
const CUT_HALF_WIDTH = 5
const SUBSCRIPTION_HEIGHT = 8

/** Draws a lane round a height; the bands of a network lane are not its own. */
export function renderLane(row: LaneRow, y: number, geometry: LaneGeometry): string {
  const { zeroX, tipX, scale } = geometry
  const startX = zeroX - LEAD_IN
  const activeX =
    row.activeFrom === 0 && !row.isSubscription ? startX : zeroX + scale.x(row.activeFrom)
  const endX = row.isOpenEnded ? tipX - 8 : Math.max(zeroX + scale.x(row.activeTo), activeX)
  const cuts = scale.breaks.map((one) => zeroX + one.x)
  const bar = row.isSubscription && endX > activeX ? renderSubscriptionBar(activeX, endX, y) : ''
  const solid = row.isSubscription ? '' : renderLine(activeX, endX, y, cuts, 'l')
  const tip = `M${px(tipX - 9)} ${px(y - 5.5)}l9.5 5.5-9.5 5.5z`
  return [
    renderName(row.name, geometry.nameX, y),
    activeX > startX ? renderLine(startX, activeX, y, cuts, 'f') : '',
    endX < tipX - 8 ? renderLine(endX, tipX - 8, y, cuts, 'f') : '',
    solid,
    bar,
    element('path', { d: tip, class: row.isOpenEnded && !row.isSubscription ? 'lf' : 'ff' }),
    ...scale.breaks.map((one) => renderBreak(zeroX + one.x, y, isActiveAt(row, one) ? 'l' : 'f')),
    ...row.groups.map((group) => renderMarkGroup(group, zeroX + scale.x(group.frame), y)),
  ].join('')
}

function renderName(name: string, x: number, y: number): string {
  return name.length === 1 ? renderMarble(name, x + 11, y, 11) : textAt(x, y + 4.5, name, 'i')
}

function renderLine(
  fromX: number,
  toX: number,
  y: number,
  cuts: readonly number[],
  style: string,
): string {
  const inside = cuts.filter((x) => x > fromX && x < toX)
  const starts = [fromX, ...inside.map((x) => x + CUT_HALF_WIDTH)]
  const ends = [...inside.map((x) => x - CUT_HALF_WIDTH), toX]
  const d = starts.map((x, at) => `M${px(x)} ${px(y)}H${px(ends[at] ?? toX)}`).join('')
  return element('path', { d, class: style })
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
