/** The axis of a picture: ticks, their milliseconds, and how long the idle times are. */
import type { LaneGeometry } from './lane.ts'
import { element, px, textAt } from './text.ts'

/** How high an axis is. */
export const AXIS_HEIGHT = 30

/** Draws the axis below the lanes. */
export function renderAxis(top: number, { zeroX, tipX, scale }: LaneGeometry): string {
  const labelled = new Set(scale.ticks.map(({ frame }) => frame))
  const ticks = scale.minorTicks
    .map((frame) => `M${px(zeroX + scale.x(frame))} ${px(top)}v${labelled.has(frame) ? 6 : 3}`)
    .join('')
  const unitX = tipX - 12
  const labels = scale.ticks
    .filter((tick) => zeroX + tick.x < unitX - 14)
    .map((tick) => textAt(zeroX + tick.x, top + 19, tick.text, 'z s m'))
  const breaks = scale.breaks.map((timeBreak) =>
    textAt(
      zeroX + timeBreak.x,
      top + 19,
      `${(timeBreak.toFrame - timeBreak.fromFrame - 1) * scale.tickMs}ms`,
      'z j m',
    ),
  )
  const unit = textAt(tipX, top + 19, 'ms', 'z s e')
  return [element('path', { d: ticks, class: 'k' }), ...labels, ...breaks, unit].join('')
}

/** Draws thin lines from the ticks up through the lanes. */
export function renderGrid(top: number, bottom: number, { zeroX, scale }: LaneGeometry): string {
  const d = scale.ticks.map(({ x }) => `M${px(zeroX + x)} ${px(top)}V${px(bottom)}`).join('')
  return element('path', { d, class: 'g' })
}
