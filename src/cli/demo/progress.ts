/** The demo's board: a table that is drawn again and again on a terminal, plain lines elsewhere. */
import { formatInteger } from '../numbers.ts'
import { table } from '../table.ts'

const BAR_WIDTH = 24
const REDRAW_MS = 100
const LINE_MS = 1_000

/** What one process looks like from outside. */
export interface PeerProgress {
  readonly pid: number
  readonly state: 'starting' | 'ready' | 'sending' | 'done'
  readonly sent: number
  readonly received: number
  readonly expected: number
}

/** Shows progress. */
export interface ProgressView {
  /** Something happened that is worth a line. */
  log(line: string): void
  /** The last picture stays. */
  end(): void
}

/** Shows progress on `out`: `rows` is asked for the present state. */
export function progressView(
  out: NodeJS.WriteStream,
  rows: () => readonly PeerProgress[],
): ProgressView {
  return out.isTTY ? terminalView(out, rows) : lineView(out, rows)
}

/** The picture of all processes, as lines. */
export function renderProgress(rows: readonly PeerProgress[]): string[] {
  const cells = rows.map(({ pid, state, sent, received, expected }) => [
    String(pid),
    state,
    formatInteger(sent),
    formatInteger(received),
    bar(expected === 0 ? 0 : received / expected),
  ])
  return table([['pid', 'state', 'broadcasts', 'received', ''], ...cells], new Set([0, 2, 3]))
}

function bar(fraction: number): string {
  const full = Math.round(fraction * BAR_WIDTH)
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${Math.floor(fraction * 100)}%`
}

function terminalView(out: NodeJS.WriteStream, rows: () => readonly PeerProgress[]): ProgressView {
  let height = 0
  const render = (): void => {
    // A table that does not fit would scroll instead of being drawn over.
    const rowsMax = Math.max(2, (out.rows ?? 24) - 3)
    const lines = renderProgress(rows())
    const visibleLines =
      lines.length <= rowsMax
        ? lines
        : [...lines.slice(0, rowsMax - 1), `… ${lines.length - rowsMax + 1} more`]
    const cursorUp = height === 0 ? '' : `\u001B[${height}A`
    out.write(cursorUp + visibleLines.map((line) => `\u001B[2K${line}\n`).join(''))
    height = visibleLines.length
  }
  const timer = setInterval(render, REDRAW_MS)
  return {
    log: () => undefined,
    end: () => {
      clearInterval(timer)
      render()
    },
  }
}

function lineView(out: NodeJS.WriteStream, rows: () => readonly PeerProgress[]): ProgressView {
  const timer = setInterval(() => {
    const current = rows()
    const received = current.reduce((sum, row) => sum + row.received, 0)
    const expected = current.reduce((sum, row) => sum + row.expected, 0)
    out.write(`received ${formatInteger(received)} of ${formatInteger(expected)}\n`)
  }, LINE_MS)
  return {
    log: (line) => void out.write(`${line}\n`),
    end: () => clearInterval(timer),
  }
}
