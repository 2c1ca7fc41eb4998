/** Draws a recording: a lane for the node, and one for each of its peers. */
import type { Recording } from '../model/recording.ts'
import { drawStory } from '../marbles/story.ts'
import { grouped } from './numbers.ts'
import { shownOf } from './recording-marks.ts'

/** How it is drawn. */
export interface RecordingLayout {
  /** So many characters fit in a line. */
  readonly columns: number
  /** Only the last milliseconds in which something happened, so many of them. */
  readonly last: number
}

/** Draws it, as lines of at most so many characters. */
export function drawRecording(
  recording: Recording,
  { columns, last }: RecordingLayout,
): readonly string[] {
  const { marks, lanes, firstMs, moments } = shownOf(recording, last)
  const left = Math.max(0, moments - last)
  const fromMs = left > 0 || recording.dropped > 0 ? firstMs : 0
  return [
    ...headOf(recording),
    ...(left === 0
      ? []
      : [`… ${grouped(left)} earlier moments are not drawn: --last ${moments} draws all`]),
    '',
    ...(fromMs === 0 ? [] : [`from ${fromMs}ms on:`]),
    ...drawStory(marks, { lanes, fromMs, columns }),
    '',
    '^ starts, link up   ! link down   | closes   (ab) in one ms',
  ].map((line) => fitted(visible(line), columns))
}

/** Whose it is, in lines. */
export function headOf(recording: Recording): readonly string[] {
  const { pid, cluster, incarnation, startedAt, events, dropped, peers } = recording
  const endMs = events.at(-1)?.atMs ?? 0
  const before = dropped === 0 ? '' : `, ${grouped(dropped)} before them are forgotten`
  const up = peers.filter(({ link }) => link === 'up').map((peer) => peer.pid)
  const begins = `when they begin, the links to ${up.join(', ') || 'nobody'} are up`
  return [
    `node ${pid} of cluster ${cluster}, incarnation ${incarnation}`,
    `started ${startedAt.toISOString()}, recorded up to ${grouped(endMs)} ms`,
    `${grouped(events.length)} events${before}`,
    ...(dropped === 0 ? [] : [begins]),
  ]
}

/** A message may hold what a terminal would obey. */
export function visible(line: string): string {
  return line.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  })
}

function fitted(line: string, columns: number): string {
  const characters = [...line]
  return characters.length <= columns ? line : `${characters.slice(0, columns - 1).join('')}…`
}
