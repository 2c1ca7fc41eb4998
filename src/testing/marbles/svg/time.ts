/** Maps the frames of a picture to positions, and draws the time axis and the grid. */
import { LONG_IDLE_FRAMES } from '../drawing.ts'
import { element, px, textAt } from './text.ts'

/** The marks of a lane at a frame, and how far they reach to both sides, in pixels. */
export interface Extent {
  readonly frame: number
  readonly left: number
  readonly right: number
}

/** A long idle time, which is cut out. */
export interface TimeBreak {
  readonly fromFrame: number
  readonly toFrame: number
  /** The position of the cut. */
  readonly x: number
}

/** A labelled tick of the axis. */
export interface AxisTick {
  readonly frame: number
  readonly x: number
  readonly text: string
}

/** Maps frames to positions, from the left edge of the drawings. */
export interface TimeScale {
  x(frame: number): number
  readonly breaks: readonly TimeBreak[]
  readonly ticks: readonly AxisTick[]
  /** The frames with a tick. */
  readonly minorTicks: readonly number[]
  readonly lastFrame: number
  /** The duration of a frame in milliseconds. */
  readonly tickMs: number
  readonly width: number
}

/** The horizontal layout of all lanes. */
export interface LaneGeometry {
  /** The left edge of names. */
  readonly nameX: number
  /** The position of frame 0. */
  readonly zeroX: number
  /** The tip of the arrows. */
  readonly tipX: number
  readonly scale: TimeScale
}

const GAP = 4
const BREAK_MIN = 58
const DIGIT_WIDTH = 6.8
const WIDTH_PREFERRED = 720
const STEP_MAX = 32
const STEP_MIN = 14
/** Where a picture would be too wide, frames without marks may be this narrow. */
const STEP_NARROW = 2
const LABEL_WIDTH_MIN = 34
const TICK_DISTANCE_MIN = 5
const ROUND_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 60_000]

/**
 * Places frames so that no marks of a lane overlap. Frames are equally wide where that suffices.
 * Idle times of at least 20 frames are cut.
 *
 * @param lanes the marks of each lane, in order of time
 * @param lastFrame the last frame of the drawings
 * @param widths the minimum width of the drawings, and the maximum as far as marks have room
 * @param tickMs the duration of a frame in milliseconds
 */
export function timeScale(
  lanes: readonly (readonly Extent[])[],
  lastFrame: number,
  [widthMin, widthMax]: readonly [min: number, max: number],
  tickMs = 1,
): TimeScale {
  const frames = [...new Set([0, lastFrame, ...lanes.flat().map(({ frame }) => frame)])]
  const occupied = frames.toSorted((a, b) => a - b)
  const isCut = (at: number): boolean =>
    (occupied[at] ?? 0) - (occupied[at - 1] ?? 0) >= LONG_IDLE_FRAMES
  const cuts = occupied.flatMap((frame, at) => {
    const from = occupied[at - 1] ?? 0
    return at > 0 && isCut(at)
      ? [{ idle: frame - from, width: breakWidth(from, frame, tickMs) }]
      : []
  })
  const idle = cuts.reduce((sum, cut) => sum + cut.idle, 0)
  const cutWidth = cuts.reduce((sum, { width }) => sum + width, 0)
  const positionsFor = (step: number): ReadonlyMap<number, number> => {
    const positions = new Map<number, number>()
    for (const [at, frame] of occupied.entries()) {
      const before = occupied[at - 1]
      if (before === undefined) {
        positions.set(frame, 0)
        continue
      }
      const natural = isCut(at) ? breakWidth(before, frame, tickMs) : (frame - before) * step
      const required = lanes.map((lane) => minPosition(lane, frame, positions))
      positions.set(frame, Math.max((positions.get(before) ?? 0) + natural, ...required))
    }
    return positions
  }
  let step = stepFor(lanes, lastFrame - idle, widthMin - cutWidth, widthMax - cutWidth)
  let positions = positionsFor(step)
  while (step > STEP_NARROW && (positions.get(lastFrame) ?? 0) > widthMax) {
    step = Math.max(step - 1, STEP_NARROW)
    positions = positionsFor(step)
  }
  const x = (frame: number): number => interpolate(occupied, positions, frame)
  const breaks = occupied.flatMap((frame, at): readonly TimeBreak[] => {
    const from = occupied[at - 1]
    if (from === undefined || !isCut(at)) return []
    return [{ fromFrame: from, toFrame: frame, x: (x(from) + x(frame)) / 2 }]
  })
  const shown = occupied.flatMap((frame, at) => {
    const from = at === 0 || isCut(at) ? frame : (occupied[at - 1] ?? 0) + 1
    return Array.from({ length: frame - from + 1 }, (_, index) => from + index)
  })
  const ticks = ticksFor(shown, breaks, step, x, tickMs)
  const minorTicks = step < TICK_DISTANCE_MIN ? ticks.map(({ frame }) => frame) : shown
  return { x, breaks, ticks, minorTicks, lastFrame, tickMs, width: x(lastFrame) }
}

/** Returns a width with room for the duration, and for the labels at both ends. */
function breakWidth(from: number, to: number, tickMs: number): number {
  const [idle, ends] = [`${(to - from - 1) * tickMs}ms`, `${from * tickMs}${to * tickMs}`]
  return Math.max(idle.length * DIGIT_WIDTH + (ends.length * DIGIT_WIDTH) / 2 + 18, BREAK_MIN)
}

function stepFor(
  lanes: readonly (readonly Extent[])[],
  frames: number,
  widthMin: number,
  widthMax: number,
): number {
  const required = lanes.flatMap((lane) =>
    lane.slice(1).map((one, at) => {
      const before = lane[at]
      if (before === undefined) return 0
      return (before.right + one.left + GAP) / (one.frame - before.frame)
    }),
  )
  const across = (width: number): number => Math.max(width / Math.max(frames, 1), STEP_MIN)
  const even = Math.min(Math.max(...required, STEP_MIN), across(widthMax))
  return Math.max(even, Math.min(STEP_MAX, across(WIDTH_PREFERRED)), widthMin / Math.max(frames, 1))
}

/** Returns the leftmost position of a frame that does not overlap earlier marks of a lane. */
function minPosition(
  lane: readonly Extent[],
  frame: number,
  positions: ReadonlyMap<number, number>,
): number {
  const at = lane.findIndex((one) => one.frame === frame)
  const [before, here] = [lane[at - 1], lane[at]]
  if (before === undefined || here === undefined) return 0
  return (positions.get(before.frame) ?? 0) + before.right + here.left + GAP
}

function interpolate(
  occupied: readonly number[],
  positions: ReadonlyMap<number, number>,
  frame: number,
): number {
  const exact = positions.get(frame)
  if (exact !== undefined) return exact
  const from = occupied.findLast((one) => one < frame) ?? 0
  const to = occupied.find((one) => one > frame) ?? from
  const [left, right] = [positions.get(from) ?? 0, positions.get(to) ?? 0]
  return to === from ? left : left + ((right - left) * (frame - from)) / (to - from)
}

/** Labels the ends of breaks first, then round times as far as there is room. */
function ticksFor(
  frames: readonly number[],
  breaks: readonly TimeBreak[],
  step: number,
  x: (frame: number) => number,
  tickMs: number,
): readonly AxisTick[] {
  const roundStep = ROUND_STEPS.find((ms) => ms * step >= LABEL_WIDTH_MIN) ?? 1000
  const first = [0, ...breaks.map(({ toFrame }) => toFrame)]
  const round = frames.filter((frame) => frame % roundStep === 0)
  const ticks: AxisTick[] = []
  for (const frame of [...first, ...round]) {
    const tick = { frame, x: x(frame), text: String(frame * tickMs) }
    const minDistance = (one: AxisTick): number => (one.text.length + tick.text.length) * 3.5 + 8
    const cut = breaks.some((one) => frame === one.fromFrame && Math.abs(one.x - tick.x) < 30)
    if (cut || ticks.some((one) => Math.abs(one.x - tick.x) < minDistance(one))) continue
    ticks.push(tick)
  }
  return ticks.toSorted((a, b) => a.frame - b.frame)
}

/** The height of the axis. */
export const AXIS_HEIGHT = 30

/** Draws the axis: ticks, their times, and the durations of breaks. */
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

/** Draws thin vertical lines through the lanes at the labelled ticks. */
export function renderGrid(top: number, bottom: number, { zeroX, scale }: LaneGeometry): string {
  const d = scale.ticks.map(({ x }) => `M${px(zeroX + x)} ${px(top)}V${px(bottom)}`).join('')
  return element('path', { d, class: 'g' })
}
