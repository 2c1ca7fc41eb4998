/** Renders a recording as text: a lane for the node, and one for each peer. */
import type { Recording } from '../../recording/recording.ts'
import { renderTimeline } from '../../testing/marbles/timeline.ts'
import { formatInteger } from '../numbers.ts'
import { recordingTimeline } from './recording-marks.ts'

/** How much of a recording is rendered, and how wide. */
export interface RecordingLayout {
  /** Maximum number of characters per line. */
  readonly columns: number
  /** Only the last `last` milliseconds that have an event. */
  readonly last: number
}

/** Renders a recording as lines of text. */
export function renderRecordingTimeline(
  recording: Recording,
  { columns, last }: RecordingLayout,
): readonly string[] {
  const { marks, lanes, firstMs, activeMsCount } = recordingTimeline(recording, last)
  const omitted = Math.max(0, activeMsCount - last)
  const omittedText =
    `… ${formatInteger(omitted)} earlier milliseconds omitted: ` +
    `--last ${activeMsCount} draws all`
  const fromMs = omitted > 0 || recording.dropped > 0 ? firstMs : 0
  return [
    ...headerLines(recording),
    ...(omitted === 0 ? [] : [omittedText]),
    '',
    ...(fromMs === 0 ? [] : [`from ${fromMs}ms on:`]),
    ...renderTimeline(marks, { lanes, fromMs, columns }),
    '',
    '^ node started, link up   ! link down   | node closed   (ab) within one ms',
  ].map((line) => truncate(escapeUnprintable(line), columns))
}

/** Describes the node and the extent of its recording. */
export function headerLines(recording: Recording): readonly string[] {
  const { pid, cluster, incarnation, startedAt, events, dropped, peers } = recording
  const endMs = events.at(-1)?.atMs ?? 0
  const droppedText = dropped === 0 ? '' : `, ${formatInteger(dropped)} earlier ones were dropped`
  const up = peers.filter(({ link }) => link === 'up').map((peer) => peer.pid)
  const linksText = `links up before the first event: ${up.join(', ') || 'none'}`
  return [
    `node ${pid} of cluster ${cluster}, incarnation ${incarnation}`,
    `started ${startedAt.toISOString()}, recorded up to ${formatInteger(endMs)} ms`,
    `${formatInteger(events.length)} events${droppedText}`,
    ...(dropped === 0 ? [] : [linksText]),
  ]
}

/** Escapes characters of messages that could control the terminal. */
export function escapeUnprintable(line: string): string {
  return line.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  })
}

function truncate(line: string, columns: number): string {
  const characters = [...line]
  return characters.length <= columns ? line : `${characters.slice(0, columns - 1).join('')}…`
}
