/** Who leads: spans of the output lanes of an election, drawn in the color of the leader. */
import { element } from './text.ts'
import type { MarbleDefinition, MarbleLane } from '../marble-test.ts'
import { nodeClass } from './theme.ts'
import { renderNotation } from '../notation.ts'

/** The time during which a node takes another one, or itself, for the leader. */
export interface LeaderSpan {
  readonly leader: number
  readonly fromFrame: number
  /** The last frame of the lane, if nothing ends it. */
  readonly toFrame: number
  readonly isOpenEnded: boolean
}

const LEADS = /^"?node (\d+) leads\b/
const THICK = 12
const THIN = 6

/** Returns the spans of a lane whose values say who leads: `"node 2 leads term 1"`. */
export function leaderSpans(
  { drawing }: MarbleLane,
  definitions: readonly MarbleDefinition[],
): readonly LeaderSpan[] {
  const leaderOf = (letter: string): string | undefined => {
    const value = definitions.find((one) => one.letter === letter)?.value
    return value === undefined ? undefined : LEADS.exec(renderNotation(value))?.[1]
  }
  return drawing.marks.flatMap((mark, at): readonly LeaderSpan[] => {
    const leader = mark.kind === 'next' ? leaderOf(mark.letter) : undefined
    if (leader === undefined) return []
    const end = drawing.marks[at + 1]
    const toFrame = end?.frame ?? drawing.frames - 1
    return [
      { leader: Number(leader), fromFrame: mark.frame, toFrame, isOpenEnded: end === undefined },
    ]
  })
}

/** Draws a span between two positions; that of the leader itself is thick. */
export function renderLeaderBar(
  leader: number,
  isItself: boolean,
  [fromX, toX]: readonly [number, number],
  y: number,
): string {
  const height = isItself ? THICK : THIN
  const box = {
    x: fromX,
    y: y - height / 2,
    width: Math.max(toX - fromX, 0),
    height,
    rx: height / 2,
  }
  return element('rect', { ...box, class: nodeClass(leader) })
}
