/** A recording as a picture: a lane for the node, and one for each of its peers. */
import { drawRecording, headOf, visible } from './draw-recording.ts'
import type { Definition, Lane, Stanza } from '../marbles/stanza.ts'
import { CommandFailure } from './failure.ts'
import type { Mark } from '../marbles/drawing.ts'
import type { Recording } from '../model/recording.ts'
import type { StoryMark } from '../marbles/story.ts'
import { shownOf } from './recording-marks.ts'
import { stanzaSvg } from '../marbles/svg.ts'

const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ']
/** A longer meaning is cut. */
const TEXT_MAX = 200
/** The width of the text that goes with the picture. */
const COLUMNS = 100
const SIGNS: Readonly<Record<string, string>> = {
  '^': 'the link comes up',
  '!': 'the link goes down',
}

/**
 * Draws the last milliseconds in which something happens as an SVG document.
 *
 * @throws CommandFailure where there are more than 52 things to tell apart
 */
export function recordingSvg(recording: Recording, last: number): string {
  const { marks, lanes, firstMs } = shownOf(recording, last)
  const letters = new Map<string, string>()
  for (const mark of marks) {
    const what = meaningOf(mark)
    if (what !== undefined && !letters.has(what)) letters.set(what, LETTERS[letters.size] ?? '')
  }
  if (letters.size > LETTERS.length) {
    throw new CommandFailure(
      `a picture has ${LETTERS.length} letters, and ${letters.size} are needed: ` +
        `draw less of it with --last, which is ${last}`,
    )
  }
  const endMs = Math.floor(marks.at(-1)?.atMs ?? 0)
  const drawn = lanes.map((name): Lane => {
    const own = marks.filter(({ lane }) => lane === name)
    return {
      name,
      drawing: { marks: own.flatMap((one) => markOf(one, letters)), frames: endMs + 1 },
    }
  })
  const definitions = [...letters].map(([what, letter]): Definition => {
    const text = visible(what)
    const cut = text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text
    return { letter, value: { kind: 'words', text: cut } }
  })
  const [title = '', ...remarks] = headOf(recording)
  const stanza: Stanza = {
    title: visible(title),
    remarks: [visible(remarks.join(', '))],
    command: {
      name: 'replay',
      words: [],
      options: firstMs === 0 ? {} : { from: `${firstMs}ms` },
    },
    given: { lanes: drawn.slice(1), definitions, failures: [] },
    expected: { lanes: drawn.slice(0, 1), definitions: [], failures: [] },
  }
  return stanzaSvg(stanza, drawRecording(recording, { columns: COLUMNS, last }).join('\n'))
}

/** What its letter means; nothing for what is drawn as a sign, or as the line itself. */
function meaningOf({ what, sign }: StoryMark): string | undefined {
  return sign === undefined ? what : SIGNS[sign === '^' && what !== 'up' ? '' : sign]
}

function markOf(mark: StoryMark, letters: ReadonlyMap<string, string>): readonly Mark[] {
  const frame = Math.floor(mark.atMs)
  if (mark.sign === '|') return [{ frame, kind: 'complete' }]
  const letter = letters.get(meaningOf(mark) ?? '')
  return letter === undefined ? [] : [{ frame, kind: 'next', letter }]
}
