/** The network lane of a picture: a band for each fault, and its words, none over another. */
import type { FaultSpan } from './svg-faults.ts'
import { element, textAt, widthOf } from './svg-text.ts'
import type { TimeScale } from './svg-time.ts'

/** A fault with its place. */
export interface Band {
  readonly span: FaultSpan
  readonly fromX: number
  readonly toX: number
  readonly row: number
  /** Where its last word ends. */
  readonly endX: number
}

const ROW = 28
const SIZE = 12
const INDENT = 9
const WIDTH_MIN = 5
const TINTS: Readonly<Partial<Record<FaultSpan['look'], string>>> = { cut: '0.1', dead: '0.2' }

/**
 * Places the bands, in as many rows as they need.
 *
 * @param zeroX where frame 0 stands
 * @param openX where those end that nothing ends
 */
export function bandsOf(
  spans: readonly FaultSpan[],
  scale: TimeScale,
  zeroX: number,
  openX: number,
): readonly Band[] {
  const ends: number[] = []
  return spans.map((span) => {
    const fromX = zeroX + scale.x(span.fromFrame)
    const lastX = span.isOpen ? openX : zeroX + scale.x(span.toFrame)
    const toX = Math.max(lastX, fromX + WIDTH_MIN)
    const wordsX = fromX + INDENT + widthOf(span.text, SIZE, 'code')
    const endX =
      span.ending === undefined
        ? Math.max(toX, wordsX)
        : Math.max(toX, wordsX) + INDENT + widthOf(span.ending, SIZE, 'code')
    const free = ends.findIndex((end) => end + 6 <= fromX)
    const row = free < 0 ? ends.length : free
    ends[row] = endX
    return { span, fromX, toX, row, endX }
  })
}

/** How high a lane of these bands is. */
export function networkHeight(bands: readonly Band[]): number {
  return Math.max(...bands.map(({ row }) => row + 1), 1) * ROW + 14
}

/** Draws the bands of a lane. */
export function drawBands(bands: readonly Band[], top: number): string {
  return bands.map((band) => drawBand(band, top + 7 + band.row * ROW)).join('')
}

function drawBand({ span, fromX, toX }: Band, y: number): string {
  const { look, text, ending } = span
  const width = toX - fromX
  const box = { x: fromX, y: y + 2, width, height: ROW - 4, rx: 3, class: look }
  const edge = { x: fromX, y: y + 2, width: 4, height: ROW - 4, rx: 2, class: look }
  const wordsX = fromX + INDENT + widthOf(text, SIZE, 'code')
  const base = y + ROW / 2 + 4
  const parts = [
    element('rect', { ...box, 'fill-opacity': '0.25' }),
    element('rect', edge),
    textAt(fromX + INDENT, base, text, 'y i'),
  ]
  if (ending !== undefined) {
    const end = { x: toX - 2, y: y + 2, width: 2, height: ROW - 4, class: look }
    const endingX = Math.max(toX, wordsX) + INDENT
    parts.push(element('rect', end), textAt(endingX, base, ending, 'y s'))
  }
  return parts.join('')
}

/** Shades what a fault happens to: a tint over a lane; conditions of the network shade nothing. */
export function drawTint({ fromX, toX, span }: Band, top: number, height: number): string {
  const opacity = TINTS[span.look]
  if (span.fromFrame === span.toFrame || opacity === undefined) return ''
  const box = { x: fromX, y: top, width: toX - fromX, height, class: span.look }
  return element('rect', { ...box, 'fill-opacity': opacity })
}
