/** The demo's board: a table that is drawn again and again on a terminal, plain lines elsewhere. */
import { grouped } from './numbers.ts'
import { table } from './table.ts'

const BAR_WIDTH = 24
const REDRAW_MS = 100
const LINE_MS = 1_000

/** What one process looks like from outside. */
export interface Row {
  readonly pid: number
  readonly state: 'starting' | 'ready' | 'sending' | 'done'
  readonly sent: number
  readonly received: number
  readonly expected: number
}

/** Shows progress. */
export interface Board {
  /** Something happened that is worth a line. */
  say(line: string): void
  /** The last picture stays. */
  end(): void
}

/** Shows progress on `out`: `rows` is asked for the present state. */
export function board(out: NodeJS.WriteStream, rows: () => readonly Row[]): Board {
  return out.isTTY ? drawnBoard(out, rows) : plainBoard(out, rows)
}

/** The picture of all processes, as lines. */
export function picture(rows: readonly Row[]): string[] {
  const cells = rows.map(({ pid, state, sent, received, expected }) => [
    String(pid),
    state,
    grouped(sent),
    grouped(received),
    bar(expected === 0 ? 0 : received / expected),
  ])
  return table([['pid', 'state', 'broadcasts', 'received', ''], ...cells], new Set([0, 2, 3]))
}

function bar(part: number): string {
  const full = Math.round(part * BAR_WIDTH)
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${Math.floor(part * 100)}%`
}

function drawnBoard(out: NodeJS.WriteStream, rows: () => readonly Row[]): Board {
  let height = 0
  const draw = (): void => {
    // A table that does not fit would scroll instead of being drawn over.
    const room = Math.max(2, (out.rows ?? 24) - 3)
    const all = picture(rows())
    const lines =
      all.length <= room ? all : [...all.slice(0, room - 1), `… ${all.length - room + 1} more`]
    const up = height === 0 ? '' : `\u001B[${height}A`
    out.write(up + lines.map((line) => `\u001B[2K${line}\n`).join(''))
    height = lines.length
  }
  const timer = setInterval(draw, REDRAW_MS)
  return {
    say: () => undefined,
    end: () => {
      clearInterval(timer)
      draw()
    },
  }
}

function plainBoard(out: NodeJS.WriteStream, rows: () => readonly Row[]): Board {
  const timer = setInterval(() => {
    const all = rows()
    const received = all.reduce((sum, row) => sum + row.received, 0)
    const expected = all.reduce((sum, row) => sum + row.expected, 0)
    out.write(`received ${grouped(received)} of ${grouped(expected)}\n`)
  }, LINE_MS)
  return {
    say: (line) => void out.write(`${line}\n`),
    end: () => clearInterval(timer),
  }
}
