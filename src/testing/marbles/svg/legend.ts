/** The legend of a picture: the values of letters, and the errors. */
import { legendText } from './legend-text.ts'
import { leaderSpans, renderLeaderBar } from './leaders.ts'
import { NETWORK_LANE } from './network.ts'
import { renderMarble } from './lane.ts'
import { type MarbleRole, legendRolesOf } from './role.ts'
import { element, px, textAt, textWidth, wrap } from './text.ts'
import type { MarbleTest } from '../marble-test.ts'

/** An entry: a marble, the bar of a leader, or the cross of an error, with its text. */
interface LegendEntry {
  readonly letter?: string
  readonly role?: MarbleRole
  /** The pid whose bar it explains. */
  readonly leader?: number
  readonly text: string
}

/** A rendered part of a picture, and its height. */
export interface RenderedPart {
  readonly text: string
  readonly height: number
}

const SIZE = 12
const LINE = 17
const ROW = 28
const INDENT = 26
const GAP = 26

/** Draws the legend; entries and long texts wrap at `width`. */
export function renderLegend(
  test: MarbleTest,
  x: number,
  top: number,
  width: number,
): RenderedPart {
  let [atX, atY] = [x, top]
  let rowHeight = ROW
  const parts: string[] = []
  for (const entry of entriesOf(test)) {
    const lines = wrap(entry.text, width - INDENT, SIZE, 'code')
    const entryWidth = INDENT + Math.max(...lines.map((line) => textWidth(line, SIZE, 'code')), 0)
    if (atX > x && atX + entryWidth > x + width) {
      atX = x
      atY += rowHeight
      rowHeight = ROW
    }
    parts.push(renderEntry(entry, lines, atX, atY + ROW / 2))
    rowHeight = Math.max(rowHeight, ROW + (lines.length - 1) * LINE)
    atX += entryWidth + GAP
  }
  const height = parts.length === 0 ? 0 : atY + rowHeight - top
  return { text: parts.join(''), height }
}

function renderEntry(entry: LegendEntry, lines: readonly string[], x: number, y: number): string {
  return (
    renderSample(entry, x, y) +
    lines.map((line, at) => textAt(x + INDENT, y + 4 + at * LINE, line, 'y i')).join('')
  )
}

function renderSample({ letter, role, leader }: LegendEntry, x: number, y: number): string {
  if (leader !== undefined) return renderLeaderBar(leader, true, [x, x + 18], y)
  if (letter !== undefined) return renderMarble(letter, x + 9, y, 9, role)
  return element('path', { d: `M${px(x + 3)} ${px(y - 5)}l10 10m0-10l-10 10`, class: 'x' })
}

function entriesOf(test: MarbleTest): readonly LegendEntry[] {
  const { given, expected } = test
  const roleOf = legendRolesOf(test)
  const lanes = [...given.lanes, ...expected.lanes]
  const lettersOn = (isNetwork: boolean): Set<string> => {
    const chosen = lanes.filter(({ name }) => (name === NETWORK_LANE) === isNetwork)
    const marks = chosen.flatMap(({ drawing }) => drawing.marks)
    return new Set(marks.flatMap((mark) => (mark.kind === 'next' ? [mark.letter] : [])))
  }
  const lanesOf = (letter: string): readonly string[] =>
    lanes
      .filter(({ drawing }) =>
        drawing.marks.some((mark) => 'letter' in mark && mark.letter === letter),
      )
      .map(({ name }) => name)
  const [faults, others] = [lettersOn(true), lettersOn(false)]
  const values = [...given.definitions, ...expected.definitions]
    .filter(({ letter }) => !faults.has(letter) || others.has(letter))
    .map(({ letter, value }) => ({
      letter,
      text: legendText(value, lanesOf(letter)),
      role: roleOf(letter),
    }))
  const defined = new Set(values.map(({ letter }) => letter))
  const receipts = [...others]
    .filter((letter) => lanesOf(letter).includes('receipts') && !defined.has(letter))
    .map((letter) => ({ letter, text: 'a receipt', role: roleOf(letter) }))
  const failures = [...given.failures, ...expected.failures].map(({ lane, error }) => {
    return lane === undefined ? error : `in ${lane}: ${error}`
  })
  const definitions = [...given.definitions, ...expected.definitions]
  const leaders = new Set(
    lanes.flatMap((lane) => leaderSpans(lane, definitions)).map(({ leader }) => leader),
  )
  const bars = [...leaders].map((leader) => ({ leader, text: `node ${leader} is the leader` }))
  return [...values, ...receipts, ...bars, ...[...new Set(failures)].map((text) => ({ text }))]
}
