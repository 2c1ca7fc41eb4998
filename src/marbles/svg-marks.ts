/** Marks in pictures: marbles, groups of them, completion, error, and subscriptions. */
import type { Mark, SignKind } from './drawing.ts'
import { element, px, textAt } from './svg-text.ts'
import { toneOf } from './svg-theme.ts'
import type { Extent } from './svg-time.ts'

/** The marks of one lane at one frame. */
export interface Cluster extends Extent {
  readonly letters: readonly string[]
  readonly signs: readonly SignKind[]
  /** How many marbles stand on top of each other. */
  readonly rows: number
}

/** The radius of a marble. */
export const RADIUS = 13
/** From marble to marble in a group. */
export const PITCH = 28
const ROWS_MAX = 4
const RIM = 4
const SIGN_ROOM: Readonly<Record<SignKind, number>> = {
  complete: 12,
  error: 20,
  subscribe: 19,
  unsubscribe: 19,
}

/** The marks of a lane, those of one frame together. */
export function clustersOf(marks: readonly Mark[]): readonly Cluster[] {
  const frames = [...new Set(marks.map(({ frame }) => frame))]
  return frames.map((frame) => {
    const here = marks.filter((mark) => mark.frame === frame)
    const letters = here.flatMap((mark) => (mark.kind === 'next' ? [mark.letter] : []))
    const signs = here.flatMap((mark) => (mark.kind === 'next' ? [] : [mark.kind]))
    const rows = Math.ceil(letters.length / columnsFor(letters.length))
    return { frame, letters, signs, rows, ...reachOf(letters, signs) }
  })
}

function columnsFor(count: number): number {
  return Math.max(Math.ceil(count / ROWS_MAX), 1)
}

function reachOf(
  letters: readonly string[],
  signs: readonly SignKind[],
): { readonly left: number; readonly right: number } {
  const isGroup = letters.length + signs.length > 1
  const rim = isGroup ? RIM : 0
  const wide = signs.reduce((sum, sign) => sum + SIGN_ROOM[sign], 0)
  if (letters.length === 0) {
    const half = (SIGN_ROOM[signs[0] ?? 'complete'] ?? 0) / 2
    return { left: half + rim, right: wide - half + rim }
  }
  const right = RADIUS + (columnsFor(letters.length) - 1) * PITCH + wide + rim
  return { left: RADIUS + rim, right }
}

/** Draws what stands at one frame, round a point. */
export function drawCluster(cluster: Cluster, x: number, y: number): string {
  const { letters, signs, rows, left, right } = cluster
  const parts: string[] = []
  const height = Math.max(rows, 1) * PITCH + 2 * (RIM - 1)
  if (letters.length + signs.length > 1) {
    const box = { x: x - left, y: y - height / 2, width: left + right, height }
    parts.push(element('rect', { ...box, rx: Math.min(height / 2, RADIUS + RIM), class: 'q' }))
  }
  for (const [index, letter] of letters.entries()) {
    const row = index % rows
    const column = Math.floor(index / rows)
    const top = y - ((rows - 1) * PITCH) / 2
    parts.push(drawMarble(letter, x + column * PITCH, top + row * PITCH))
  }
  const isAlone = letters.length === 0
  const first = isAlone ? x : x + RADIUS + (columnsFor(letters.length) - 1) * PITCH
  let at = isAlone ? first - SIGN_ROOM[signs[0] ?? 'complete'] / 2 : first
  for (const sign of signs) {
    const room = SIGN_ROOM[sign]
    parts.push(drawSign(sign, at + room / 2, y, Math.max(height - 12, 26)))
    at += room
  }
  return parts.join('')
}

/** Draws one marble with its letter; a small one for legends. */
export function drawMarble(letter: string, x: number, y: number, radius = RADIUS): string {
  const { face, rim } = toneOf(letter)
  const circle = { cx: x, cy: y, r: radius - 0.75, fill: face, stroke: rim, 'stroke-width': '1.5' }
  const isSmall = radius < RADIUS
  const label = textAt(x, y + (isSmall ? 3.8 : 4.7), letter, isSmall ? 'o m' : 'n m')
  return element('circle', circle) + label
}

/** Draws a sign, so high. */
export function drawSign(sign: SignKind, x: number, y: number, height: number): string {
  switch (sign) {
    case 'complete':
      return element('path', { d: `M${px(x)} ${px(y - height / 2)}v${px(height)}`, class: 'l' })
    case 'error': {
      const [left, top] = [px(x - 7), px(y - 7)]
      return element('path', { d: `M${left} ${top}l14 14m0-14l-14 14`, class: 'x' })
    }
    case 'subscribe':
      return badge(x, y, `M${px(x - 4)} ${px(y + 2.5)}l4-5 4 5`)
    case 'unsubscribe':
      return badge(x, y, `M${px(x)} ${px(y - 4.5)}v5m0 4v0.01`)
  }
}

function badge(x: number, y: number, d: string): string {
  const box = { x: x - 9, y: y - 9, width: 18, height: 18, rx: 5, class: 'v' }
  return element('rect', box) + element('path', { d, class: 'w' })
}
