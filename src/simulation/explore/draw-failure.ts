/** Draws a failure as marbles: a lane for the network, and one for each node. */
import type { Cone } from './cone.ts'
import type { Pid } from '../../model/pid.ts'
import type { Plan } from './plan.ts'
import { type StoryMark, drawStory } from '../../marbles/story.ts'
import type { TraceEvent } from '../../model/trace-event.ts'
import type { Violation } from '../world.ts'

const NETWORK = 'network '
/** A longer story is told from so many moments before its end. */
const MOMENTS_MAX = 60

/**
 * Draws what a violation depends on, in the grammar of network lanes: a character is a millisecond,
 * blanks mean nothing, `(ab)` happens in one millisecond, ` 250ms ` lets time pass in which nothing
 * happens. `#` is the violation. What the letters mean stands below.
 */
export function drawFailure(plan: Plan, violation: Violation, cone: Cone): string {
  const marks = marksOf(plan, cone)
  const moments = [...new Set(marks.map(({ atMs }) => atMs))].toSorted((a, b) => a - b)
  const first = moments.at(-MOMENTS_MAX) ?? moments[0] ?? 0
  const left = Math.max(0, moments.length - MOMENTS_MAX)
  const lanes = [NETWORK, ...Array.from({ length: plan.peers }, (_, index) => nameOf(index + 1))]
  const shown = marks.filter(({ atMs }) => atMs >= first).toSorted((a, b) => a.atMs - b.atMs)
  // Behind what it came of, even if that was in the same millisecond.
  const atMs = Math.max(violation.atMs, (moments.at(-1) ?? -1) + 1)
  const end: StoryMark = { atMs, lane: NETWORK, what: violation.check, sign: '#' }
  return [
    ...(left === 0 ? [] : [`… ${left} moments before ${first} ms are not shown`]),
    ...drawStory([...shown, end], { lanes, fromMs: left === 0 ? 0 : first }),
  ].join('\n')
}

function nameOf(pid: Pid): string {
  return `node ${pid}`.padEnd(NETWORK.length)
}

function marksOf(plan: Plan, cone: Cone): readonly StoryMark[] {
  const told = plan.commands.map(({ atMs, pid, name, args }) => {
    const what = `told to ${name}${args === undefined ? '' : ` ${textOf(args)}`}`
    return { atMs: Math.floor(atMs), lane: nameOf(pid), what }
  })
  const marks: StoryMark[] = [...told]
  for (const event of cone.events) {
    const what = whatOf(event)
    if (what === undefined) continue
    const lane = 'pid' in event ? nameOf(event.pid) : NETWORK
    const mark = { atMs: Math.floor(event.atMs), lane, what }
    const last = marks.at(-1)
    // One message to several is one mark.
    if (event.type === 'sent' && last?.lane === lane && last.atMs === mark.atMs) {
      const [to = '', rest] = halves(last.what)
      if (to.startsWith('to ') && rest === halves(what)[1]) {
        marks[marks.length - 1] = { ...last, what: `${to}, ${event.to}: ${rest ?? ''}` }
        continue
      }
    }
    marks.push(mark)
  }
  return marks
}

function halves(what: string): readonly [string, string?] {
  const colon = what.indexOf(': ')
  return colon < 0 ? [what] : [what.slice(0, colon), what.slice(colon + 2)]
}

function whatOf(event: TraceEvent): string | undefined {
  switch (event.type) {
    case 'fault':
      return event.fault
    case 'sent':
      return `to ${event.to}: ${textOf(event.msg)}`
    case 'received':
      return `${event.from}: ${textOf(event.msg)}`
    case 'output':
      return `says ${textOf(event.value)}`
    case 'timer':
      return 'timer'
    case 'failed':
      return `fails: ${event.error}`
    default:
      // That it started, crashed or was paused is what a fault says.
      return undefined
  }
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return String(value)
  }
}
