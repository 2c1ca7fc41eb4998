/** Mail that a failure can do without. */
import type { Annotated, Cone } from './cone.ts'
import type { Withheld } from './plan.ts'

/** One envelope, by its way and its count on it. */
export interface Mail {
  readonly from: number
  readonly to: number
  readonly count: number
}

/** The mail of a cone: leaving out what is not in it would change nothing. */
export function withholdable(annotated: readonly Annotated[], cone: Cone): readonly Mail[] {
  const inside = new Set(cone.events)
  return annotated.flatMap(({ event, count }) =>
    event.type === 'received' && count !== undefined && inside.has(event)
      ? [{ from: event.from, to: event.pid, count }]
      : [],
  )
}

/** What is withheld where only a part of the mail is let through. */
export function withheldOf(all: readonly Mail[], part: readonly Mail[]): readonly Withheld[] {
  const kept = new Set(part)
  const ways = new Map<string, { from: number; to: number; counts: number[] }>()
  for (const mail of all) {
    if (kept.has(mail)) continue
    const { from, to, count } = mail
    const key = `${from}>${to}`
    const way = ways.get(key) ?? { from, to, counts: [] }
    way.counts.push(count)
    ways.set(key, way)
  }
  return [...ways.values()]
}
