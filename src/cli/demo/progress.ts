/** The progress of the demo: a table that is redrawn on a terminal, lines of text elsewhere. */
import { formatInteger } from '../numbers.ts'

const BAR_WIDTH = 24
const REDRAW_MS = 100
const LINE_MS = 1_000

/** The state of one process. */
export interface PeerProgress {
  readonly pid: number
  readonly state: 'starting' | 'connecting' | 'ready' | 'sending' | 'done'
  readonly sent: number
  readonly received: number
  readonly expected: number
}

/** Prints the progress until it is ended. */
export interface ProgressView {
  /** Prints a line, unless a table shows the same. */
  log(line: string): void
  /** Prints the final state. */
  end(): void
}

/** Starts printing progress to `out`. @param rows returns the current state */
export function progressView(
  out: NodeJS.WriteStream,
  rows: () => readonly PeerProgress[],
): ProgressView {
  return out.isTTY ? terminalView(out, rows) : lineView(out, rows)
}

/** Renders a table with a line for each process. */
export function renderProgress(rows: readonly PeerProgress[]): string[] {
  const expectedMax = Math.max(...rows.map(({ expected }) => expected))
  const width = Math.max('broadcasts'.length, formatInteger(expectedMax).length)
  const line = (pid: string, state: string, sent: string, received: string, bar: string): string =>
    [
      pid.padStart(3),
      state.padEnd('connecting'.length),
      sent.padStart(width),
      received.padStart(width),
      bar,
    ]
      .join('  ')
      .trimEnd()
  return [
    line('pid', 'state', 'broadcasts', 'received', ''),
    ...rows.map(({ pid, state, sent, received, expected }) =>
      line(
        String(pid),
        state,
        formatInteger(sent),
        formatInteger(received),
        renderBar(received / expected),
      ),
    ),
  ]
}

function renderBar(fraction: number): string {
  const full = Math.round(fraction * BAR_WIDTH)
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${Math.floor(fraction * 100)}%`
}

function terminalView(out: NodeJS.WriteStream, rows: () => readonly PeerProgress[]): ProgressView {
  let height = 0
  const render = (): void => {
    // The cursor cannot move up to lines that have scrolled out of the terminal.
    const linesMax = Math.max(2, (out.rows ?? 24) - 3)
    const lines = renderProgress(rows())
    const visibleLines =
      lines.length <= linesMax
        ? lines
        : [...lines.slice(0, linesMax - 1), `… ${lines.length - linesMax + 1} more`]
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
  let reported = 0
  const timer = setInterval(() => {
    const current = rows()
    const received = current.reduce((sum, row) => sum + row.received, 0)
    const expected = current.reduce((sum, row) => sum + row.expected, 0)
    if (received === reported) return
    reported = received
    out.write(`received ${formatInteger(received)} of ${formatInteger(expected)}\n`)
  }, LINE_MS)
  return {
    log: (line) => void out.write(`${line}\n`),
    end: () => clearInterval(timer),
  }
}
