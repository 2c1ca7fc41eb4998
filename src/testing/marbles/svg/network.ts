/** The network lane of a picture: a band for each fault, and its words, none over another. */
import type { FaultSpan } from './faults.ts'
import { element, textAt, textWidth } from './text.ts'
import type { TimeScale } from './time.ts'

/** A fault with its place. */
export interface FaultBand {
  readonly span: FaultSpan
  readonly fromX: number
  readonly toX: number
  readonly row: number
  /** Where its last word ends. */
  readonly endX: number
}

const ROW_HEIGHT = 28
const SIZE = 12
const INDENT = 9
const WIDTH_MIN = 5
const TINTS: Readonly<Partial<Record<FaultSpan['style'], string>>> = { cut: '0.1', dead: '0.2' }

/**
 * Places the bands, in as many rows as they need.
 *
 * @param zeroX where frame 0 stands
 * @param endOfTimeX where those end that nothing ends
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

/** How high a lane of these bands is. */
export function networkHeight(bands: readonly FaultBand[]): number {
  return Math.max(...bands.map(({ row }) => row + 1), 1) * ROW_HEIGHT + 14
}

/** Draws the bands of a lane. */
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

/** Shades what a fault happens to: a tint over a lane; conditions of the network shade nothing. */
export function renderTint({ fromX, toX, span }: FaultBand, top: number, height: number): string {
  const opacity = TINTS[span.style]
  if (span.fromFrame === span.toFrame || opacity === undefined) return ''
  const box = { x: fromX, y: top, width: toX - fromX, height, class: span.style }
  return element('rect', { ...box, 'fill-opacity': opacity })
}
