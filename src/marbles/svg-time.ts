/** Time in pictures: where a frame stands, which idle times are cut out, what is ticked. */
import { LONG_IDLE } from './drawing.ts'

/** What stands on a lane at a frame, and how far it reaches to both sides, in pixels. */
export interface Extent {
  readonly frame: number
  readonly left: number
  readonly right: number
}

/** An idle time that is cut out. */
export interface Break {
  readonly fromFrame: number
  readonly toFrame: number
  /** Where the cut is. */
  readonly x: number
}

/** A label on the axis. */
export interface Tick {
  readonly frame: number
  readonly x: number
  readonly text: string
}

/** Where frames stand, from the left of the drawings. */
export interface TimeScale {
  x(frame: number): number
  readonly breaks: readonly Break[]
  readonly ticks: readonly Tick[]
  /** Every frame that has a small tick of its own. */
  readonly small: readonly number[]
  readonly lastFrame: number
  /** How many milliseconds a frame is. */
  readonly tickMs: number
  readonly width: number
}

const GAP = 4
const BREAK_MIN = 58
const DIGIT = 6.8
const WIDE_ENOUGH = 720
const WIDE_MAX = 960
const STEP_MAX = 32
const STEP_MIN = 14
const LABEL_ROOM = 34
const NICE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 60_000]

/**
 * Places every frame so that nothing on a lane covers its neighbour. A frame is as wide as the next
 * wherever there is room; idle times of 20 frames and more are cut.
 *
 * @param lanes what stands on each lane, in order of time
 * @param lastFrame the last frame that is drawn
 * @param widthMin how wide the drawings are at least
 * @param tickMs how many milliseconds a frame is
 */
export function timeScale(
  lanes: readonly (readonly Extent[])[],
  lastFrame: number,
  widthMin: number,
  tickMs = 1,
): TimeScale {
  const frames = [...new Set([0, lastFrame, ...lanes.flat().map(({ frame }) => frame)])]
  const busy = frames.toSorted((a, b) => a - b)
  const isCut = (at: number): boolean => (busy[at] ?? 0) - (busy[at - 1] ?? 0) >= LONG_IDLE
  const cuts = busy.flatMap((frame, at) => {
    const from = busy[at - 1] ?? 0
    return at > 0 && isCut(at)
      ? [{ idle: frame - from, width: breakWidth(from, frame, tickMs) }]
      : []
  })
  const idle = cuts.reduce((sum, cut) => sum + cut.idle, 0)
  const cutWidth = cuts.reduce((sum, { width }) => sum + width, 0)
  const step = stepFor(lanes, lastFrame - idle, widthMin - cutWidth)
  const places = new Map<number, number>()
  for (const [at, frame] of busy.entries()) {
    const before = busy[at - 1]
    if (before === undefined) {
      places.set(frame, 0)
      continue
    }
    const natural = isCut(at) ? breakWidth(before, frame, tickMs) : (frame - before) * step
    const asked = lanes.map((lane) => roomFor(lane, frame, places))
    places.set(frame, Math.max((places.get(before) ?? 0) + natural, ...asked))
  }
  const x = (frame: number): number => between(busy, places, frame)
  const breaks = busy.flatMap((frame, at): readonly Break[] => {
    const from = busy[at - 1]
    if (from === undefined || !isCut(at)) return []
    return [{ fromFrame: from, toFrame: frame, x: (x(from) + x(frame)) / 2 }]
  })
  const small = busy.flatMap((frame, at) => {
    const from = at === 0 || isCut(at) ? frame : (busy[at - 1] ?? 0) + 1
    return Array.from({ length: frame - from + 1 }, (_, index) => from + index)
  })
  const ticks = ticksFor(small, breaks, step, x, tickMs)
  return { x, breaks, ticks, small, lastFrame, tickMs, width: x(lastFrame) }
}

/** Room for how long it was, and for the labels at both ends. */
function breakWidth(from: number, to: number, tickMs: number): number {
  const [idle, ends] = [`${(to - from - 1) * tickMs}ms`, `${from * tickMs}${to * tickMs}`]
  return Math.max(idle.length * DIGIT + (ends.length * DIGIT) / 2 + 18, BREAK_MIN)
}

function stepFor(lanes: readonly (readonly Extent[])[], frames: number, widthMin: number): number {
  const asked = lanes.flatMap((lane) =>
    lane.slice(1).map((one, at) => {
      const before = lane[at]
      if (before === undefined) return 0
      return (before.right + one.left + GAP) / (one.frame - before.frame)
    }),
  )
  const across = (width: number): number => Math.max(width / Math.max(frames, 1), STEP_MIN)
  const even = Math.min(Math.max(...asked, STEP_MIN), across(WIDE_MAX))
  return Math.max(even, Math.min(STEP_MAX, across(WIDE_ENOUGH)), widthMin / Math.max(frames, 1))
}

/** Where a frame stands at least, because of what stands before it on a lane. */
function roomFor(
  lane: readonly Extent[],
  frame: number,
  places: ReadonlyMap<number, number>,
): number {
  const at = lane.findIndex((one) => one.frame === frame)
  const [before, here] = [lane[at - 1], lane[at]]
  if (before === undefined || here === undefined) return 0
  return (places.get(before.frame) ?? 0) + before.right + here.left + GAP
}

function between(
  busy: readonly number[],
  places: ReadonlyMap<number, number>,
  frame: number,
): number {
  const exact = places.get(frame)
  if (exact !== undefined) return exact
  const from = busy.findLast((one) => one < frame) ?? 0
  const to = busy.find((one) => one > frame) ?? from
  const [left, right] = [places.get(from) ?? 0, places.get(to) ?? 0]
  return to === from ? left : left + ((right - left) * (frame - from)) / (to - from)
}

/** The ends of breaks are labelled first, then round times as far as there is room. */
function ticksFor(
  frames: readonly number[],
  breaks: readonly Break[],
  step: number,
  x: (frame: number) => number,
  tickMs: number,
): readonly Tick[] {
  const nice = NICE.find((ms) => ms * step >= LABEL_ROOM) ?? 1000
  const first = [0, ...breaks.map(({ toFrame }) => toFrame)]
  const round = frames.filter((frame) => frame % nice === 0)
  const ticks: Tick[] = []
  for (const frame of [...first, ...round]) {
    const tick = { frame, x: x(frame), text: String(frame * tickMs) }
    const room = (one: Tick): number => (one.text.length + tick.text.length) * 3.5 + 8
    const cut = breaks.some((one) => frame === one.fromFrame && Math.abs(one.x - tick.x) < 30)
    if (cut || ticks.some((one) => Math.abs(one.x - tick.x) < room(one))) continue
    ticks.push(tick)
  }
  return ticks.toSorted((a, b) => a.frame - b.frame)
}
