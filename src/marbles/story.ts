/** Stories: what happened in several lanes, drawn below each other, with what the letters mean. */

/** A longer idle time than so many frames is written as a time. */
const IDLE_FRAMES_MAX = 3
/** Those around what happens in one millisecond. */
const BRACKETS = 2
const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789']

/** Something to be seen in a lane. */
export interface StoryMark {
  readonly atMs: number
  readonly lane: string
  /** What its letter stands for: marks that say the same have the same letter. */
  readonly what: string
  /** A sign that speaks for itself stands there instead of a letter. */
  readonly sign?: '|' | '#' | '^' | '!' | '*'
}

/** How a story is laid out. */
export interface StoryLayout {
  /** In this order, from above. */
  readonly lanes: readonly string[]
  /** When it begins: idle time counts from there. */
  readonly fromMs: number
  /** So many characters fit in a line; a longer story goes on below. Default: no end. */
  readonly columns?: number
}

/** A piece of a story that fits: its lanes, and the meaning of its letters. */
class Strip {
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
    return [...this.#letters].map(([what, letter]) => `${letter} = ${what}`)
  }

  /** Tells whether there are letters left for all of these. */
  names(marks: readonly StoryMark[]): boolean {
    const fresh = new Set(marks.filter(({ sign }) => sign === undefined).map(({ what }) => what))
    for (const what of this.#letters.keys()) fresh.delete(what)
    return this.#letters.size + fresh.size <= LETTERS.length
  }

  /** Gives them their letters, in order of time. */
  name(marks: readonly StoryMark[]): void {
    for (const { what, sign } of marks) if (sign === undefined) this.#letter(what)
  }

  append(cellOf: (lane: string) => string): void {
    const cells = [...this.lines.keys()].map((lane) => [lane, cellOf(lane)] as const)
    const width = Math.max(...cells.map(([, cell]) => cell.length))
    for (const [lane, cell] of cells) {
      this.lines.set(lane, `${this.lines.get(lane)}${cell.padEnd(width)}`)
    }
  }

  /** What stands in one lane at one moment. */
  cell(marks: readonly StoryMark[]): string {
    const signs = marks.map(({ what, sign }) => sign ?? this.#letter(what)).join('')
    if (signs === '') return '-'
    return signs.length === 1 ? signs : `(${signs})`
  }

  #letter(what: string): string {
    const letter = this.#letters.get(what) ?? (LETTERS[this.#letters.size] as string)
    this.#letters.set(what, letter)
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
export function drawStory(marks: readonly StoryMark[], layout: StoryLayout): readonly string[] {
  const { lanes, fromMs, columns = Infinity } = layout
  const column = Math.max(...lanes.map(({ length }) => length)) + 1
  let nextMs = Math.floor(fromMs)
  let strip = new Strip(lanes, nextMs)
  const strips = [strip]
  const most = Math.max(1, Math.min(LETTERS.length, columns - column - BRACKETS))
  for (const [atMs, now] of momentsOf(marks)) {
    // A moment in which more happens than fits goes on below.
    for (let done = 0; done < now.length; done += most) {
      const part = now.slice(done, done + most)
      const wait = idle(atMs - nextMs)
      const room = columns - column - strip.width - wait.length
      if (done > 0 || (strip.width > 0 && (room < widthOf(part, lanes) || !strip.names(part)))) {
        strip = new Strip(lanes, done > 0 ? atMs : nextMs)
        strips.push(strip)
      }
      strip.name(part)
      strip.append(() => wait)
      strip.append((lane) => strip.cell(part.filter((mark) => mark.lane === lane)))
      nextMs = atMs + 1
    }
  }
  return strips.flatMap(({ lines, legend, fromMs: startMs }, index) => [
    ...(index === 0 ? [] : ['', `from ${startMs}ms on:`]),
    ...[...lines].map(([lane, line]) => `${lane.padEnd(column)}${line}`.trimEnd()),
    ...legend,
  ])
}

/** How wide a moment is. */
function widthOf(marks: readonly StoryMark[], lanes: readonly string[]): number {
  const counts = lanes.map((lane) => marks.filter((mark) => mark.lane === lane).length)
  const longest = Math.max(...counts)
  return longest > 1 ? longest + BRACKETS : 1
}

/** Those of one millisecond together. */
function momentsOf(marks: readonly StoryMark[]): ReadonlyMap<number, readonly StoryMark[]> {
  const moments = new Map<number, StoryMark[]>()
  for (const mark of marks) {
    const atMs = Math.floor(mark.atMs)
    const moment = moments.get(atMs)
    if (moment === undefined) moments.set(atMs, [mark])
    else moment.push(mark)
  }
  return moments
}

function idle(frames: number): string {
  if (frames <= 0) return ''
  if (frames <= IDLE_FRAMES_MAX) return '-'.repeat(frames)
  return frames % 1_000 === 0 ? ` ${frames / 1_000}s ` : ` ${frames}ms `
}
