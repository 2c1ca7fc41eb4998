/** Stories: what happened in several lanes, drawn below each other, with what the letters mean. */

/** A longer idle time than so many frames is written as a time. */
const IDLE_FRAMES_MAX = 3
/** Those around what happens in one millisecond. */
const BRACKETS_WIDTH = 2
const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789']

/** Something to be seen in a lane. */
export interface TimelineMark {
  readonly atMs: number
  readonly lane: string
  /** What its letter stands for: marks that say the same have the same letter. */
  readonly meaning: string
  /** A sign that speaks for itself stands there instead of a letter. */
  readonly sign?: '|' | '#' | '^' | '!' | '*'
}

/** How a story is laid out. */
export interface TimelineLayout {
  /** In this order, from above. */
  readonly lanes: readonly string[]
  /** When it begins: idle time counts from there. */
  readonly fromMs: number
  /** So many characters fit in a line; a longer story goes on below. Default: no end. */
  readonly columns?: number
}

/** A piece of a story that fits: its lanes, and the meaning of its letters. */
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

  /** Tells whether there are letters left for all of these. */
  hasLettersFor(marks: readonly TimelineMark[]): boolean {
    const unassigned = new Set(
      marks.filter(({ sign }) => sign === undefined).map(({ meaning }) => meaning),
    )
    for (const meaning of this.#letters.keys()) unassigned.delete(meaning)
    return this.#letters.size + unassigned.size <= LETTERS.length
  }

  /** Gives them their letters, in order of time. */
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

  /** What stands in one lane at one moment. */
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
 * Draws a story in the grammar of network lanes: a character is a millisecond, blanks mean nothing,
 * `(ab)` happens in one millisecond, ` 250ms ` lets time pass in which nothing happens. What the
 * letters mean stands below.
 *
 * @param marks in order of their times
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
    // A moment in which more happens than fits goes on below.
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

/** How wide a moment is. */
function momentWidth(marks: readonly TimelineMark[], lanes: readonly string[]): number {
  const counts = lanes.map((lane) => marks.filter((mark) => mark.lane === lane).length)
  const longest = Math.max(...counts)
  return longest > 1 ? longest + BRACKETS_WIDTH : 1
}

/** Those of one millisecond together. */
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
