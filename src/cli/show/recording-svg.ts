/** Renders a recording as an SVG picture: a lane for the node, and one for each peer. */
import { renderRecordingTimeline, headerLines, escapeUnprintable } from './render-recording.ts'
import type { MarbleDefinition, MarbleLane, MarbleTest } from '../../testing/marbles/marble-test.ts'
import { CommandError } from '../errors.ts'
import type { MarbleMark } from '../../testing/marbles/drawing.ts'
import type { Recording } from '../../recording/recording.ts'
import type { TimelineMark } from '../../testing/marbles/timeline.ts'
import { recordingTimeline } from './recording-marks.ts'
import { renderSvg } from '../../testing/marbles/svg/document.ts'

const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ']
/** A longer meaning is truncated. */
const TEXT_LENGTH_MAX = 200
/** Width of the text description of the picture. */
const COLUMNS = 100
const SIGN_MEANINGS: Readonly<Record<string, string>> = {
  '^': 'link up',
  '!': 'link down',
}

/**
 * Renders the last `last` milliseconds that have an event as an SVG document.
 *
 * @throws CommandError if they have more than 52 different events
 */
export function renderRecordingSvg(recording: Recording, last: number): string {
  const { marks, lanes, firstMs } = recordingTimeline(recording, last)
  const letters = new Map<string, string>()
  for (const mark of marks) {
    const meaning = markMeaning(mark)
    if (meaning !== undefined && !letters.has(meaning))
      letters.set(meaning, LETTERS[letters.size] ?? '')
  }
  if (letters.size > LETTERS.length) {
    throw new CommandError(
      `cannot draw ${letters.size} different events: a picture has ${LETTERS.length} letters. ` +
        `Draw less with --last, which is ${last}`,
    )
  }
  const endMs = Math.floor(marks.at(-1)?.atMs ?? 0)
  const renderedLanes = lanes.map((name): MarbleLane => {
    const laneMarks = marks.filter(({ lane }) => lane === name)
    return {
      name,
      drawing: { marks: laneMarks.flatMap((mark) => marblesOf(mark, letters)), frames: endMs + 1 },
    }
  })
  const definitions = [...letters].map(([meaning, letter]): MarbleDefinition => {
    const text = escapeUnprintable(meaning)
    const truncated = text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text
    return { letter, value: { kind: 'literal', text: truncated } }
  })
  const [title = '', ...remarks] = headerLines(recording)
  const marbleTest: MarbleTest = {
    title: escapeUnprintable(title),
    comments: [escapeUnprintable(remarks.join(', '))],
    call: {
      name: 'show',
      args: [],
      options: firstMs === 0 ? {} : { from: `${firstMs}ms` },
    },
    given: { lanes: renderedLanes.slice(1), definitions, failures: [] },
    expected: { lanes: renderedLanes.slice(0, 1), definitions: [], failures: [] },
  }
  return renderSvg(
    marbleTest,
    renderRecordingTimeline(recording, { columns: COLUMNS, last }).join('\n'),
  )
}

/** Returns the meaning of a mark's letter; undefined for the start and the end of a lane. */
function markMeaning({ meaning, sign }: TimelineMark): string | undefined {
  return sign === undefined ? meaning : SIGN_MEANINGS[sign === '^' && meaning !== 'up' ? '' : sign]
}

function marblesOf(
  mark: TimelineMark,
  letters: ReadonlyMap<string, string>,
): readonly MarbleMark[] {
  const frame = Math.floor(mark.atMs)
  if (mark.sign === '|') return [{ frame, kind: 'complete' }]
  const letter = letters.get(markMeaning(mark) ?? '')
  return letter === undefined ? [] : [{ frame, kind: 'next', letter }]
}
