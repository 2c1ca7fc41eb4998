/** Draws the network lane of a picture: each fault is a band from its start to its end. */
import { element, textAt, textWidth } from './text.ts'
import type { MarbleDefinition, MarbleLane } from '../marble-test.ts'
import type { TimeScale } from './time.ts'
import { renderNotation } from '../notation.ts'

/** A fault and its duration. */
export interface FaultSpan {
  /** As the marble test writes it: `partition 1,2|3`. */
  readonly text: string
  readonly style: 'cut' | 'dead' | 'slow' | 'other'
  readonly fromFrame: number
  /** `fromFrame` for a momentary fault, the last frame for one without an end. */
  readonly toFrame: number
  /** The fault that ends it, such as `heal`. */
  readonly ending?: string
  /** The affected nodes; empty if all are affected. */
  readonly pids: readonly number[]
  /** Whether nothing ends it. */
  readonly isOpenEnded: boolean
}

/** A fault with its position in the picture. */
export interface FaultBand {
  readonly span: FaultSpan
  readonly fromX: number
  readonly toX: number
  readonly row: number
  /** Where its text ends. */
  readonly endX: number
}

interface FaultText {
  readonly frame: number
  readonly text: string
  readonly type: string
  readonly args: string
}

/** The name of the lane that faults are drawn on. */
export const NETWORK_LANE = 'network'

const SHAPE_TYPES = ['drop', 'duplicate', 'reorder', 'delay', 'bandwidth']
const STYLES: Readonly<Record<string, FaultSpan['style']>> = {
  partition: 'cut',
  cut: 'cut',
  reset: 'cut',
  crash: 'dead',
  pause: 'dead',
  ...Object.fromEntries(SHAPE_TYPES.map((type) => [type, 'slow' as const])),
  skew: 'slow',
}
const NODE_FAULTS = new Set(['crash', 'pause', 'skew', 'cut', 'reset'])
const END_TYPES = new Set(['heal', 'restore', 'resume', 'restart'])

const ROW_HEIGHT = 28
const SIZE = 12
const INDENT = 9
const WIDTH_MIN = 5
const TINTS: Readonly<Partial<Record<FaultSpan['style'], string>>> = { cut: '0.1', dead: '0.2' }

/**
 * Returns the spans of the faults on a lane. The text of an undefined letter is the letter itself,
 * and an unknown fault lasts to the end.
 */
export function faultSpans(
  lane: MarbleLane,
  definitions: readonly MarbleDefinition[],
): readonly FaultSpan[] {
  const lastFrame = Math.max(lane.drawing.frames - 1, 0)
  const texts = lane.drawing.marks.flatMap((mark) => {
    if (mark.kind !== 'next') return []
    const value = definitions.find(({ letter }) => letter === mark.letter)?.value
    const text = value === undefined ? mark.letter : renderNotation(value).replaceAll('"', '')
    return text.split(';').map((one) => parseFaultText(mark.frame, one.trim()))
  })
  const usedEnds = new Set<FaultText>()
  const spans = texts.flatMap((fault, at): readonly FaultSpan[] => {
    if (END_TYPES.has(fault.type)) return []
    const style = STYLES[fault.type] ?? 'other'
    const span = { text: fault.text, style, fromFrame: fault.frame, pids: pidsOf(fault) }
    if (fault.type === 'reset') return [{ ...span, toFrame: fault.frame, isOpenEnded: false }]
    const end = texts.slice(at + 1).find((later) => isEndedBy(fault, later))
    if (end === undefined) return [{ ...span, toFrame: lastFrame, isOpenEnded: true }]
    const isNamed = END_TYPES.has(end.type) && !usedEnds.has(end)
    if (isNamed) usedEnds.add(end)
    const ending = isNamed ? { ending: end.text } : {}
    return [{ ...span, toFrame: end.frame, isOpenEnded: false, ...ending }]
  })
  const unmatchedEnds = texts
    .filter((fault) => END_TYPES.has(fault.type) && !usedEnds.has(fault))
    .filter((fault) => !texts.some((one) => one.frame < fault.frame && isEndedBy(one, fault)))
    .map((fault) => momentarySpan(fault))
  return [...spans, ...unmatchedEnds].toSorted((a, b) => a.fromFrame - b.fromFrame)
}

/** Returns the span of an end without a matching begin. */
function momentarySpan({ text, frame }: FaultText): FaultSpan {
  const style = 'other' as const
  return { text, style, fromFrame: frame, toFrame: frame, pids: [], isOpenEnded: false }
}

function pidsOf({ type, args }: FaultText): readonly number[] {
  const [nodes = ''] = args.split(' ')
  return NODE_FAULTS.has(type) ? nodes.split(/[->]/).map(Number) : []
}

function parseFaultText(frame: number, text: string): FaultText {
  const [type = '', ...args] = text.split(' ')
  return { frame, text, type, args: args.join(' ') }
}

/** Returns whether a later fault ends this one. */
function isEndedBy(fault: FaultText, later: FaultText): boolean {
  if (later.type === 'heal') return ['partition', 'cut', ...SHAPE_TYPES].includes(fault.type)
  switch (fault.type) {
    case 'partition':
      return later.type === 'partition'
    case 'cut':
      return later.type === 'restore' && pairOf(later) === pairOf(fault)
    case 'pause':
      return ['resume', 'crash'].includes(later.type) && later.args === fault.args
    case 'crash':
      return later.type === 'restart' && later.args === fault.args
    case 'skew':
      return later.type === 'skew' && later.args.split(' ')[0] === fault.args.split(' ')[0]
    default:
      return (
        SHAPE_TYPES.includes(fault.type) &&
        later.type === fault.type &&
        pathOf(later) === pathOf(fault)
      )
  }
}

function pairOf({ args }: FaultText): string {
  return args.includes('>') ? args : args.split('-').toSorted().join('-')
}

/** Returns the path of a condition: `1>2` of `drop 30% 1>2`. */
function pathOf({ args }: FaultText): string {
  return args.split(' ').slice(1).join(' ')
}

/**
 * Places the bands in as many rows as they need, so that no texts overlap.
 *
 * @param zeroX the position of frame 0
 * @param endOfTimeX where spans without an end stop
 */
export function placeBands(
  spans: readonly FaultSpan[],
  scale: TimeScale,
  zeroX: number,
  endOfTimeX: number,
): readonly FaultBand[] {
  const ends: number[] = []
  return spans.map((span) => {
    const fromX = zeroX + scale.x(span.fromFrame)
    const lastX = span.isOpenEnded ? endOfTimeX : zeroX + scale.x(span.toFrame)
    const toX = Math.max(lastX, fromX + WIDTH_MIN)
    const textEndX = fromX + INDENT + textWidth(span.text, SIZE, 'code')
    const endX =
      span.ending === undefined
        ? Math.max(toX, textEndX)
        : Math.max(toX, textEndX) + INDENT + textWidth(span.ending, SIZE, 'code')
    const freeRow = ends.findIndex((end) => end + 6 <= fromX)
    const row = freeRow < 0 ? ends.length : freeRow
    ends[row] = endX
    return { span, fromX, toX, row, endX }
  })
}

/** Returns the height of a lane with these bands. */
export function networkHeight(bands: readonly FaultBand[]): number {
  return Math.max(...bands.map(({ row }) => row + 1), 1) * ROW_HEIGHT + 14
}

/** Draws the bands of the network lane. */
export function renderBands(bands: readonly FaultBand[], top: number): string {
  return bands.map((band) => renderBand(band, top + 7 + band.row * ROW_HEIGHT)).join('')
}

function renderBand({ span, fromX, toX }: FaultBand, y: number): string {
  const { style, text, ending } = span
  const width = toX - fromX
  const box = { x: fromX, y: y + 2, width, height: ROW_HEIGHT - 4, rx: 3, class: style }
  const edge = { x: fromX, y: y + 2, width: 4, height: ROW_HEIGHT - 4, rx: 2, class: style }
  const textEndX = fromX + INDENT + textWidth(text, SIZE, 'code')
  const base = y + ROW_HEIGHT / 2 + 4
  const parts = [
    element('rect', { ...box, 'fill-opacity': '0.25' }),
    element('rect', edge),
    textAt(fromX + INDENT, base, text, 'y i'),
  ]
  if (ending !== undefined) {
    const end = { x: toX - 2, y: y + 2, width: 2, height: ROW_HEIGHT - 4, class: style }
    const endingX = Math.max(toX, textEndX) + INDENT
    parts.push(element('rect', end), textAt(endingX, base, ending, 'y s'))
  }
  return parts.join('')
}

/** Tints the lane of an affected node; momentary faults and conditions tint nothing. */
export function renderTint({ fromX, toX, span }: FaultBand, top: number, height: number): string {
  const opacity = TINTS[span.style]
  if (span.fromFrame === span.toFrame || opacity === undefined) return ''
  const box = { x: fromX, y: top, width: toX - fromX, height, class: span.style }
  return element('rect', { ...box, 'fill-opacity': opacity })
}
