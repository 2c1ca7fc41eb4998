/** One lane of a picture: its name, its line through time, and what happens on it. */
import { drawCluster, drawMarble } from './svg-marks.ts'
import type { Row } from './svg-rows.ts'
import { element, px, textAt } from './svg-text.ts'
import type { Break, TimeScale } from './svg-time.ts'

/** Where the lanes of a picture stand. */
export interface Frame {
  /** Where names begin. */
  readonly nameX: number
  /** Where frame 0 stands. */
  readonly zeroX: number
  /** Where the arrows end. */
  readonly tipX: number
  readonly scale: TimeScale
}

const BEFORE = 20
const CUT = 5
const VISIT_HEIGHT = 8

/** Draws a lane round a height; the bands of a network lane are not its own. */
export function drawLane(row: Row, y: number, frame: Frame): string {
  const { zeroX, tipX, scale } = frame
  const startX = zeroX - BEFORE
  const awakeX = row.awakeFrom === 0 && !row.isVisit ? startX : zeroX + scale.x(row.awakeFrom)
  const endX = row.isOpen ? tipX - 8 : Math.max(zeroX + scale.x(row.awakeTo), awakeX)
  const cuts = scale.breaks.map((one) => zeroX + one.x)
  const bar = row.isVisit && endX > awakeX ? visitBar(awakeX, endX, y) : ''
  const solid = row.isVisit ? '' : line(awakeX, endX, y, cuts, 'l')
  const tip = `M${px(tipX - 9)} ${px(y - 5.5)}l9.5 5.5-9.5 5.5z`
  return [
    nameOf(row.name, frame.nameX, y),
    awakeX > startX ? line(startX, awakeX, y, cuts, 'f') : '',
    endX < tipX - 8 ? line(endX, tipX - 8, y, cuts, 'f') : '',
    solid,
    bar,
    element('path', { d: tip, class: row.isOpen && !row.isVisit ? 'lf' : 'ff' }),
    ...scale.breaks.map((one) => drawBreak(zeroX + one.x, y, isAwakeAt(row, one) ? 'l' : 'f')),
    ...row.clusters.map((cluster) => drawCluster(cluster, zeroX + scale.x(cluster.frame), y)),
  ].join('')
}

function nameOf(name: string, x: number, y: number): string {
  return name.length === 1 ? drawMarble(name, x + 11, y, 11) : textAt(x, y + 4.5, name, 'i')
}

function line(
  fromX: number,
  toX: number,
  y: number,
  cuts: readonly number[],
  look: string,
): string {
  const inside = cuts.filter((x) => x > fromX && x < toX)
  const starts = [fromX, ...inside.map((x) => x + CUT)]
  const ends = [...inside.map((x) => x - CUT), toX]
  const d = starts.map((x, at) => `M${px(x)} ${px(y)}H${px(ends[at] ?? toX)}`).join('')
  return element('path', { d, class: look })
}

function drawBreak(x: number, y: number, look: string): string {
  const slash = (at: number): string => `M${px(at - 3)} ${px(y + 7)}l6-14`
  return element('path', { d: slash(x - CUT) + slash(x + CUT), class: look })
}

function isAwakeAt(row: Row, { fromFrame, toFrame }: Break): boolean {
  return !row.isVisit && row.awakeFrom <= fromFrame && (row.isOpen || row.awakeTo >= toFrame)
}

function visitBar(fromX: number, toX: number, y: number): string {
  const box = { x: fromX, y: y - VISIT_HEIGHT / 2, width: Math.max(toX - fromX, 0) }
  const look = { height: VISIT_HEIGHT, rx: 3, class: 'v', 'fill-opacity': '0.45' }
  return element('rect', { ...box, ...look })
}
