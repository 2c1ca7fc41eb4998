/** What letters and errors stand for, below a picture. */
import { renderNotation } from './notation.ts'
import { NETWORK_LANE } from './svg-faults.ts'
import { drawMarble } from './svg-marks.ts'
import { element, px, textAt, widthOf, wrap } from './svg-text.ts'
import type { Stanza } from './stanza.ts'

/** One entry: a marble, or the cross of an error, and its words. */
interface Entry {
  readonly letter?: string
  readonly text: string
}

/** A part of a picture and how high it is. */
export interface Drawn {
  readonly text: string
  readonly height: number
}

const SIZE = 12
const LINE = 17
const ROW = 28
const INDENT = 26
const APART = 26

/** Draws the legend at a place, as wide as it may be; entries wrap, and long ones break. */
export function drawLegend(stanza: Stanza, x: number, top: number, width: number): Drawn {
  let [atX, atY] = [x, top]
  let rowHeight = ROW
  const parts: string[] = []
  for (const entry of entriesOf(stanza)) {
    const lines = wrap(entry.text, width - INDENT, SIZE, 'code')
    const wide = INDENT + Math.max(...lines.map((line) => widthOf(line, SIZE, 'code')), 0)
    if (atX > x && atX + wide > x + width) {
      atX = x
      atY += rowHeight
      rowHeight = ROW
    }
    parts.push(drawEntry(entry, lines, atX, atY + ROW / 2))
    rowHeight = Math.max(rowHeight, ROW + (lines.length - 1) * LINE)
    atX += wide + APART
  }
  const height = parts.length === 0 ? 0 : atY + rowHeight - top
  return { text: parts.join(''), height }
}

function drawEntry(entry: Entry, lines: readonly string[], x: number, y: number): string {
  const sign =
    entry.letter === undefined
      ? element('path', { d: `M${px(x + 3)} ${px(y - 5)}l10 10m0-10l-10 10`, class: 'x' })
      : drawMarble(entry.letter, x + 9, y, 9)
  return sign + lines.map((line, at) => textAt(x + INDENT, y + 4 + at * LINE, line, 'y i')).join('')
}

function entriesOf({ given, expected }: Stanza): readonly Entry[] {
  const lanes = [...given.lanes, ...expected.lanes]
  const lettersOn = (isNetwork: boolean): Set<string> => {
    const chosen = lanes.filter(({ name }) => (name === NETWORK_LANE) === isNetwork)
    const marks = chosen.flatMap(({ drawing }) => drawing.marks)
    return new Set(marks.flatMap((mark) => (mark.kind === 'next' ? [mark.letter] : [])))
  }
  const [faults, others] = [lettersOn(true), lettersOn(false)]
  const values = [...given.definitions, ...expected.definitions]
    .filter(({ letter }) => !faults.has(letter) || others.has(letter))
    .map(({ letter, value }) => ({ letter, text: renderNotation(value) }))
  const failures = [...given.failures, ...expected.failures].map(({ lane, error }) => {
    return lane === undefined ? error : `in ${lane}: ${error}`
  })
  return [...values, ...[...new Set(failures)].map((text) => ({ text }))]
}
