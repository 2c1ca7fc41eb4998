/** Messages as arrows: from the outbox of a node to the inboxes of others, or to a dead letter. */
import { MARBLE_RADIUS } from './lane.ts'
import { element, px } from './text.ts'

/** A marble at its place. */
export interface PlacedMarble {
  /** The name of its lane: `inbox2`. */
  readonly lane: string
  readonly letter: string
  readonly frame: number
  readonly x: number
  readonly y: number
}

/** A message that was sent, and where it was delivered or died. */
export interface Message {
  readonly from: PlacedMarble
  readonly to: PlacedMarble
  readonly isDead: boolean
}

/** More arrows than this would hide what they show. */
const MESSAGES_MAX = 12
const GAP = 3
const HEAD = { length: 8, halfWidth: 4 }
/** How far arrows bend to pass other marbles, in pixels; the first that passes all is drawn. */
const BENDS = [0, 14, -14, 28, -28, 42, -42, 60, -60]
const SAMPLES = 24
const CLEARANCE = MARBLE_RADIUS + 2

/**
 * Returns the messages between marbles. A message keeps its letter from outbox to inbox; a dead
 * letter names it.
 *
 * @param nameOfDead returns the letter in `a to 2: expired, not-delivered`, for a letter of `deadN`
 */
export function messagesOf(
  marbles: readonly PlacedMarble[],
  nameOfDead: (letter: string) => string | undefined,
): readonly Message[] {
  const sent = marbles.filter(({ lane }) => /^outbox\d+$/.test(lane))
  const sendOf = (
    letter: string | undefined,
    to: PlacedMarble,
    pid?: string,
  ): readonly Message[] => {
    const candidates = sent.filter((one) => {
      return (
        one.letter === letter &&
        one.frame <= to.frame &&
        (pid === undefined || one.lane === `outbox${pid}`)
      )
    })
    const from = candidates.toSorted((a, b) => a.frame - b.frame).at(-1)
    return from === undefined ? [] : [{ from, to, isDead: pid !== undefined }]
  }
  return marbles.flatMap((marble) => {
    const [, kind, pid] = /^(inbox|dead)(\d+)$/.exec(marble.lane) ?? []
    if (kind === 'inbox') return sendOf(marble.letter, marble)
    return kind === 'dead' ? sendOf(nameOfDead(marble.letter), marble, pid) : []
  })
}

/**
 * Draws messages, if they are few. Arrows bend around the marbles between.
 *
 * @param leftX no arrow bends beyond this position
 */
export function renderArrows(
  messages: readonly Message[],
  marbles: readonly PlacedMarble[],
  leftX: number,
): readonly string[] {
  if (messages.length > MESSAGES_MAX) return []
  return messages.map((message) => {
    const others = marbles.filter((one) => one !== message.from && one !== message.to)
    const curves = BENDS.map((bend) => curveOf(message, bend, leftX))
    const hits = (curve: Curve): number =>
      others.filter((one) =>
        pointsOf(curve).some(([x, y]) => Math.hypot(x - one.x, y - one.y) < CLEARANCE),
      ).length
    const fewest = Math.min(...curves.map(hits))
    const curve = curves.find((one) => hits(one) === fewest) ?? curveOf(message, 0, leftX)
    return renderArrow(curve, message.isDead)
  })
}

type Point = readonly [x: number, y: number]

/** A quadratic curve. */
interface Curve {
  readonly start: Point
  readonly control: Point
  readonly end: Point
}

function curveOf({ from, to }: Message, bend: number, leftX: number): Curve {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const length = Math.max(Math.hypot(dx, dy), 1)
  const control: Point = [
    Math.max((from.x + to.x) / 2 - (dy / length) * bend, leftX),
    (from.y + to.y) / 2 + (dx / length) * bend,
  ]
  return {
    start: towards([from.x, from.y], control, MARBLE_RADIUS + GAP - 2),
    control,
    end: towards([to.x, to.y], control, MARBLE_RADIUS + GAP),
  }
}

function towards([x, y]: Point, [toX, toY]: Point, distance: number): Point {
  const length = Math.max(Math.hypot(toX - x, toY - y), 1)
  return [x + ((toX - x) / length) * distance, y + ((toY - y) / length) * distance]
}

function pointsOf({ start, control, end }: Curve): readonly Point[] {
  return Array.from({ length: SAMPLES + 1 }, (_, index): Point => {
    const at = index / SAMPLES
    const mix = (axis: 0 | 1): number =>
      (1 - at) ** 2 * start[axis] + 2 * at * (1 - at) * control[axis] + at ** 2 * end[axis]
    return [mix(0), mix(1)]
  })
}

function renderArrow({ start, control, end }: Curve, isDead: boolean): string {
  const neck = towards(end, control, HEAD.length)
  const [ux, uy] = [(end[0] - neck[0]) / HEAD.length, (end[1] - neck[1]) / HEAD.length]
  const at = ([x, y]: Point): string => `${px(x)} ${px(y)}`
  const side = (sign: number): string => {
    const reach = HEAD.halfWidth * sign
    return at([neck[0] - uy * reach, neck[1] + ux * reach])
  }
  const line = `M${at(start)}Q${at(control)} ${at(neck)}`
  const head = `M${at(end)}L${side(1)}L${side(-1)}z`
  return (
    element('path', { d: line, class: isDead ? 'u ud' : 'u' }) +
    element('path', { d: head, class: 'uh' })
  )
}
