/** Draws a recording: a lane for the node, and one for each of its peers. */
import type { Recording } from '../../recording/recording.ts'
import { renderTimeline } from '../../testing/marbles/timeline.ts'
import { formatInteger } from '../numbers.ts'
import { recordingTimeline } from './recording-marks.ts'

/** How it is drawn. */
export interface RecordingLayout {
  /** So many characters fit in a line. */
  readonly columns: number
  /** Only the last milliseconds in which something happened, so many of them. */
  readonly last: number
}

/** Draws it, as lines of at most so many characters. */
export function renderRecordingTimeline(
  recording: Recording,
  { columns, last }: RecordingLayout,
): readonly string[] {
  const { marks, lanes, firstMs, activeMsCount } = recordingTimeline(recording, last)
  const omitted = Math.max(0, activeMsCount - last)
  const fromMs = omitted > 0 || recording.dropped > 0 ? firstMs : 0
  return [
    ...headerLines(recording),
    ...(omitted === 0
      ? []
      : [
          `… ${formatInteger(omitted)} earlier moments are not drawn: --last ${activeMsCount} draws all`,
        ]),
    '',
    ...(fromMs === 0 ? [] : [`from ${fromMs}ms on:`]),
    ...renderTimeline(marks, { lanes, fromMs, columns }),
    '',
    '^ starts, link up   ! link down   | closes   (ab) in one ms',
  ].map((line) => truncate(escapeUnprintable(line), columns))
}

/** Whose it is, in lines. */
export function headerLines(recording: Recording): readonly string[] {
  const { pid, cluster, incarnation, startedAt, events, dropped, peers } = recording
  const endMs = events.at(-1)?.atMs ?? 0
  const droppedText = dropped === 0 ? '' : `, ${formatInteger(dropped)} before them are forgotten`
  const up = peers.filter(({ link }) => link === 'up').map((peer) => peer.pid)
  const linksText = `when they begin, the links to ${up.join(', ') || 'nobody'} are up`
  return [
    `node ${pid} of cluster ${cluster}, incarnation ${incarnation}`,
    `started ${startedAt.toISOString()}, recorded up to ${formatInteger(endMs)} ms`,
    `${formatInteger(events.length)} events${droppedText}`,
    ...(dropped === 0 ? [] : [linksText]),
  ]
}

/** A message may hold what a terminal would obey. */
export function escapeUnprintable(line: string): string {
  return line.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  })
}

function truncate(line: string, columns: number): string {
  const characters = [...line]
  return characters.length <= columns ? line : `${characters.slice(0, columns - 1).join('')}…`
}
