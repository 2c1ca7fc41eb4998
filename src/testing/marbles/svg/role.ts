/** What a marble stands for: it decides its shape and its color. */
import { NETWORK_LANE } from './network.ts'
import type { MarbleTest } from '../marble-test.ts'
import { renderNotation } from '../notation.ts'

/**
 * What a marble stands for:
 *
 * - `value`: a value of the application, a circle in the color of its letter
 * - `up`, `down`, `waiting`: a state of a link or a peer, a rounded square in green, red or amber
 * - `dead`: a dead letter or a dropped value, a grey circle with a cross
 * - `frame`: a frame of the protocol, a square in indigo
 * - `error`: an error that is drawn as a value, a cross
 */
export type MarbleRole = 'value' | 'up' | 'down' | 'waiting' | 'dead' | 'frame' | 'error'

/** States of links, and the verdicts of a failure detector. */
const STATES: Readonly<Record<string, MarbleRole>> = {
  up: 'up',
  down: 'down',
  connecting: 'waiting',
  unresponsive: 'waiting',
  alive: 'up',
  suspect: 'waiting',
}
/** `2 up`, `{2:down}`, `3 is a suspect` and `{pid:3,phi:6.5,verdict:suspect}`. */
const STATE = /^(?:\d[\d, ]* (?:is (?:a )?)?|\{\d+:|\{pid:\d+,phi:[^,]+,verdict:)(\w+)\b/

/** The failed receipt of the lane `receipts`. */
const FAILED_RECEIPT = 'x'

/** Returns the role of each letter on a lane, given its name. */
export function rolesOf(test: MarbleTest): (lane: string, letter: string) => MarbleRole {
  const texts = new Map(
    [...test.given.definitions, ...test.expected.definitions].map(({ letter, value }) => {
      return [letter, renderNotation(value).replaceAll('"', '')] as const
    }),
  )
  return (lane, letter) => {
    if (/^(dead\d*|dropped|rejected)$/.test(lane)) return 'dead'
    if (/^frames\d*$/.test(lane)) return 'frame'
    if (lane === 'receipts' && letter === FAILED_RECEIPT) return 'error'
    const [, state = ''] = STATE.exec(texts.get(letter) ?? '') ?? []
    return STATES[state] ?? 'value'
  }
}

/** Returns the role of each letter in the legend: that of its lanes, if they agree. */
export function legendRolesOf(test: MarbleTest): (letter: string) => MarbleRole {
  const roleOf = rolesOf(test)
  const roles = new Map<string, Set<MarbleRole>>()
  for (const { name, drawing } of [...test.given.lanes, ...test.expected.lanes]) {
    if (name === NETWORK_LANE) continue
    for (const mark of drawing.marks) {
      if (mark.kind !== 'next') continue
      const known = roles.get(mark.letter) ?? new Set<MarbleRole>()
      roles.set(mark.letter, known.add(roleOf(name, mark.letter)))
    }
  }
  return (letter) => {
    const [role = 'value', ...others] = roles.get(letter) ?? []
    return others.length === 0 ? role : 'value'
  }
}
