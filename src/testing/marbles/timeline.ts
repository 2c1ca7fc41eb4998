/** Timelines: events in several lanes, drawn as marbles with a legend. */

/** Longer idle times are written as a time. */
const IDLE_FRAMES_MAX = 3
/** The width of the brackets around a group. */
const BRACKETS_WIDTH = 2
const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789']

/** An event in a lane. */
export interface TimelineMark {
  readonly atMs: number
  readonly lane: string
  /** The text of its letter in the legend; marks of equal meaning share a letter. */
  readonly meaning: string
  /** Drawn instead of a letter, and not listed in the legend. */
  readonly sign?: '|' | '#' | '^' | '!' | '*'
}

/** The layout of a timeline. */
export interface TimelineLayout {
  /** The names of the lanes, from top to bottom. */
  readonly lanes: readonly string[]
  /** The time of the first column. */
  readonly fromMs: number
  /** The maximum width; a longer timeline continues in a further segment. Default: unlimited. */
  readonly columns?: number
}

/** A part of a timeline that fits the width, with its own legend. */
class TimelineSegment {
  readonly fromMs: number
  readonly lines: Map<string, string>
  readonly #letters = new Map<string, string>()

  constructor(lanes: readonly string[], fromMs: number) {
    this.fromMs = fromMs
    this.lines = new Map(lanes.map((lane) => [lane, '']))
  }

  get width(): number {
    return Math.max(0, ...[...this.lines.values()].map((line) => line.length))
  }

  get legend(): readonly string[] {
    return [...this.#letters].map(([meaning, letter]) => `${letter} = ${meaning}`)
  }

  /** Returns whether there are enough free letters for the marks. */
  hasLettersFor(marks: readonly TimelineMark[]): boolean {
    const unassigned = new Set(
      marks.filter(({ sign }) => sign === undefined).map(({ meaning }) => meaning),
    )
    for (const meaning of this.#letters.keys()) unassigned.delete(meaning)
    return this.#letters.size + unassigned.size <= LETTERS.length
  }

  /** Assigns letters in order of time. */
  assignLetters(marks: readonly TimelineMark[]): void {
    for (const { meaning, sign } of marks) if (sign === undefined) this.#letter(meaning)
  }

  append(cellOf: (lane: string) => string): void {
    const cells = [...this.lines.keys()].map((lane) => [lane, cellOf(lane)] as const)
    const width = Math.max(...cells.map(([, cell]) => cell.length))
    for (const [lane, cell] of cells) {
      this.lines.set(lane, `${this.lines.get(lane)}${cell.padEnd(width)}`)
    }
  }

  /** Returns the text of one lane at one millisecond. */
  cell(marks: readonly TimelineMark[]): string {
    const signs = marks.map(({ meaning, sign }) => sign ?? this.#letter(meaning)).join('')
    if (signs === '') return '-'
    return signs.length === 1 ? signs : `(${signs})`
  }

  #letter(meaning: string): string {
    const letter = this.#letters.get(meaning) ?? (LETTERS[this.#letters.size] as string)
    this.#letters.set(meaning, letter)
    return letter
  }
}

/**
 * Renders a timeline in the grammar of network lanes: a character is a millisecond, blanks take no
 * time, `(ab)` is one millisecond, and ` 250ms ` is idle time. A legend follows each segment.
 *
 * @param marks in order of time
 * @returns the lines
 */
export function renderTimeline(
  marks: readonly TimelineMark[],
  layout: TimelineLayout,
): readonly string[] {
  const { lanes, fromMs, columns = Infinity } = layout
  const nameWidth = Math.max(...lanes.map(({ length }) => length)) + 1
  let nextMs = Math.floor(fromMs)
  let segment = new TimelineSegment(lanes, nextMs)
  const segments = [segment]
  const marksMax = Math.max(1, Math.min(LETTERS.length, columns - nameWidth - BRACKETS_WIDTH))
  for (const [atMs, moment] of groupByMillisecond(marks)) {
    // A millisecond with too many marks for one segment continues in the next one.
    for (let offset = 0; offset < moment.length; offset += marksMax) {
      const part = moment.slice(offset, offset + marksMax)
      const idleText = renderIdle(atMs - nextMs)
      const columnsLeft = columns - nameWidth - segment.width - idleText.length
      if (
        offset > 0 ||
        (segment.width > 0 &&
          (columnsLeft < momentWidth(part, lanes) || !segment.hasLettersFor(part)))
      ) {
        segment = new TimelineSegment(lanes, offset > 0 ? atMs : nextMs)
        segments.push(segment)
      }
      segment.assignLetters(part)
      segment.append(() => idleText)
      segment.append((lane) => segment.cell(part.filter((mark) => mark.lane === lane)))
      nextMs = atMs + 1
    }
  }
  return segments.flatMap(({ lines, legend, fromMs: startMs }, index) => [
    ...(index === 0 ? [] : ['', `from ${startMs}ms on:`]),
    ...[...lines].map(([lane, line]) => `${lane.padEnd(nameWidth)}${line}`.trimEnd()),
    ...legend,
  ])
}

function momentWidth(marks: readonly TimelineMark[], lanes: readonly string[]): number {
  const counts = lanes.map((lane) => marks.filter((mark) => mark.lane === lane).length)
  const longest = Math.max(...counts)
  return longest > 1 ? longest + BRACKETS_WIDTH : 1
}

function groupByMillisecond(
  marks: readonly TimelineMark[],
): ReadonlyMap<number, readonly TimelineMark[]> {
  const moments = new Map<number, TimelineMark[]>()
  for (const mark of marks) {
    const atMs = Math.floor(mark.atMs)
    const moment = moments.get(atMs)
    if (moment === undefined) moments.set(atMs, [mark])
    else moment.push(mark)
  }
  return moments
}

function renderIdle(frames: number): string {
  if (frames <= 0) return ''
  if (frames <= IDLE_FRAMES_MAX) return '-'.repeat(frames)
  return frames % 1_000 === 0 ? ` ${frames / 1_000}s ` : ` ${frames}ms `
}
