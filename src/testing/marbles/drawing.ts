/** Drawings: the marks of one lane in virtual time, and their text form. */
import { ClusterError, nameErrors } from '../../model/cluster-error.ts'

/** One mark on a lane. A frame is a millisecond, or the `tick=` of the command. */
export type MarbleMark =
  | { readonly frame: number; readonly kind: 'next'; readonly letter: string }
  | { readonly frame: number; readonly kind: MarbleSign }

/** The kinds of marks other than letters. */
export type MarbleSign = keyof typeof SIGNS

/** The marks of a lane in order of time; marks of the same frame form a group. */
export interface MarbleDrawing {
  readonly marks: readonly MarbleMark[]
  /** The length of the drawing: the frame of the last character plus one. */
  readonly frames: number
}

const SIGNS = { complete: '|', error: '#', subscribe: '^', unsubscribe: '!' } as const
const KINDS = Object.fromEntries(Object.entries(SIGNS).map(([kind, sign]) => [sign, kind]))
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 }
const TIME = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m)(?: |$)/
const LETTER = /^[A-Za-z]$/

const ADVICE = 'spread the input, or use a smaller tick'

/** At least this many idle frames are written as a time (`20ms`) instead of dashes. */
export const LONG_IDLE_FRAMES = 20

/** Reports an invalid drawing (`INVALID_ARGUMENT`); the caller adds its position. */
export class DrawingError extends ClusterError {
  constructor(problem: string) {
    super('INVALID_ARGUMENT', problem)
  }
}

nameErrors(DrawingError, 'DrawingError')

/**
 * Parses a drawing.
 *
 * @param text dashes, letters, signs, groups `(ab)` and times ` 10ms `; a space takes no time
 * @param tickMs the duration of a frame in milliseconds
 * @throws DrawingError
 */
export function parseDrawing(text: string, tickMs = 1): MarbleDrawing {
  const marks: MarbleMark[] = []
  let frame = 0
  let groupStart = -1
  for (let at = 0; at < text.length;) {
    const character = text.charAt(at)
    const time = at === 0 || text.charAt(at - 1) === ' ' ? TIME.exec(text.slice(at)) : null
    if (time !== null) {
      if (groupStart >= 0)
        throw new DrawingError('time cannot pass inside a group: close it with ")" first')
      frame += (Number(time[1]) * (UNITS[time[2] ?? ''] ?? 1)) / tickMs
      at += time[0].length
      continue
    }
    at += 1
    if (character === ' ') continue
    if (character === '(') {
      if (groupStart >= 0) throw new DrawingError('a group cannot contain a group')
      groupStart = frame
    } else if (character === ')') {
      if (groupStart < 0) throw new DrawingError('")" without "("')
      groupStart = -1
    } else if (character === '-') {
      if (groupStart >= 0)
        throw new DrawingError('time cannot pass inside a group: close it with ")" first')
    } else {
      marks.push(markOf(character, groupStart < 0 ? frame : groupStart))
    }
    frame += 1
  }
  if (groupStart >= 0) throw new DrawingError('a group is not closed: add ")"')
  if (!Number.isInteger(frame))
    throw new DrawingError(`a time is not a whole number of ${frameUnit(tickMs)}`)
  checkOrder(marks)
  return { marks, frames: frame }
}

/**
 * Writes a drawing so that `parseDrawing` reads it back.
 *
 * @param longIdleFrames at least this many idle frames are written as a time
 * @param tickMs the duration of a frame in milliseconds
 * @throws DrawingError if a mark cannot be drawn at its frame
 */
export function renderDrawing(
  drawing: MarbleDrawing,
  longIdleFrames = LONG_IDLE_FRAMES,
  tickMs = 1,
): string {
  let text = ''
  let cursor = 0
  for (const [frame, marks] of groupByFrame(drawing.marks)) {
    if (!Number.isInteger(frame)) {
      throw new DrawingError(`a mark at frame ${frame} is between two ${frameUnit(tickMs)}`)
    }
    if (frame < cursor) {
      throw new DrawingError(`the mark at frame ${frame} overlaps the group before it: ${ADVICE}`)
    }
    const signs = marks.map(signOf).join('')
    const token = marks.length > 1 ? `(${signs})` : signs
    text += renderIdle(frame - cursor, longIdleFrames, tickMs) + token
    cursor = frame + token.length
  }
  const rest = drawing.frames - cursor
  const isLong = rest >= Math.max(longIdleFrames, 2)
  text += isLong ? `${renderIdle(rest - 1, 1, tickMs)}-` : '-'.repeat(Math.max(rest, 0))
  return text.trim()
}

/** Returns the shortest time in a drawing, in milliseconds; infinity if it contains none. */
export function shortestTime(text: string): number {
  const times = text.matchAll(/(?<=^| )([0-9.]+)(ms|s|m)(?= |$)/g)
  return Math.min(...[...times].map((time) => Number(time[1]) * (UNITS[time[2] ?? ''] ?? 1)))
}

function renderIdle(frames: number, longIdleFrames: number, tickMs: number): string {
  if (frames < longIdleFrames || frames === 0) return '-'.repeat(frames)
  const ms = frames * tickMs
  return tickMs > 1 && ms % 1_000 === 0 ? ` ${ms / 1_000}s ` : ` ${ms}ms `
}

function frameUnit(tickMs: number): string {
  return tickMs === 1 ? 'milliseconds' : `ticks of ${tickMs} ms`
}

function markOf(character: string, frame: number): MarbleMark {
  const kind = KINDS[character]
  if (kind !== undefined) return { frame, kind: kind as MarbleSign }
  if (LETTER.test(character)) return { frame, kind: 'next', letter: character }
  throw new DrawingError(
    `"${character}" is not a mark: use letters, - | # ^ ! (groups), and times like " 10ms "`,
  )
}

function signOf(mark: MarbleMark): string {
  return mark.kind === 'next' ? mark.letter : SIGNS[mark.kind]
}

function groupByFrame(marks: readonly MarbleMark[]): Map<number, MarbleMark[]> {
  const groups = new Map<number, MarbleMark[]>()
  for (const mark of marks) {
    const group = groups.get(mark.frame)
    if (group === undefined) groups.set(mark.frame, [mark])
    else group.push(mark)
  }
  return groups
}

function checkOrder(marks: readonly MarbleMark[]): void {
  const kinds = marks.map((mark) => mark.kind)
  const end = kinds.findIndex((kind) => kind === 'complete' || kind === 'error')
  if (end >= 0 && end < kinds.length - 1)
    throw new DrawingError('marks after the end of the lane: | or # must be last')
  const subscription = kinds.filter((kind) => kind === 'subscribe' || kind === 'unsubscribe')
  if (subscription.length === 0) return
  if (subscription.length < kinds.length) {
    throw new DrawingError('a lane contains either values or a subscription (^ and !)')
  }
  if (
    subscription[0] !== 'subscribe' ||
    subscription.slice(1).some((kind) => kind === 'subscribe')
  ) {
    throw new DrawingError('a subscription is one ^ and then at most one !')
  }
  if (subscription.length > 2) throw new DrawingError('a subscription has at most one !')
}
