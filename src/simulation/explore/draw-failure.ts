/** Draws a failure as marbles: a lane for the network, and one for each node. */
import type { Cone } from './cone.ts'
import type { Pid } from '../../model/pid.ts'
import type { Plan } from './plan.ts'
import type { TraceEvent } from '../../model/trace-event.ts'
import type { Violation } from '../world.ts'

const NETWORK = 0
/** A longer story is told from so many moments before its end. */
const MOMENTS_MAX = 60
/** So many frames in which nothing happens are drawn as such; more are a time. */
const IDLE_FRAMES_MAX = 3
const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789']

/** Something to be seen in a lane. */
interface Marble {
  readonly atMs: number
  readonly lane: Pid | typeof NETWORK
  readonly what: string
}

/**
 * Draws what a violation depends on, in the grammar of network lanes: a character is a millisecond,
 * blanks mean nothing, `(ab)` happens in one millisecond, ` 250ms ` lets time pass in which nothing
 * happens. `#` is the violation. What the letters mean stands below.
 */
export function drawFailure(plan: Plan, violation: Violation, cone: Cone): string {
  const marbles = marblesOf(plan, cone)
  const moments = [...new Set(marbles.map(({ atMs }) => atMs))].toSorted((a, b) => a - b)
  const shown = moments.slice(-MOMENTS_MAX)
  const letters = new Letters()
  const lanes = [NETWORK, ...Array.from({ length: plan.peers }, (_, index) => index + 1)]
  const drawn = new Map<number, string>(lanes.map((lane) => [lane, '']))
  const append = (cellOf: (lane: number) => string): void => {
    const cells = lanes.map((lane) => [lane, cellOf(lane)] as const)
    const width = Math.max(...cells.map(([, cell]) => cell.length))
    for (const [lane, cell] of cells) drawn.set(lane, `${drawn.get(lane)}${cell.padEnd(width)}`)
  }
  let nextMs = shown.length < moments.length ? (shown[0] ?? 0) : 0
  for (const atMs of shown) {
    append(() => idle(atMs - nextMs))
    const now = marbles.filter((marble) => marble.atMs === atMs)
    append((lane) => letters.cell(now.filter((marble) => marble.lane === lane)))
    nextMs = atMs + 1
  }
  const endMs = Math.floor(violation.atMs)
  append(() => idle(endMs - nextMs))
  append((lane) => (lane === NETWORK ? '#' : ''))
  const left = moments.length - shown.length
  return [
    ...(left === 0 ? [] : [`… ${left} moments before ${shown[0]} ms are not shown`]),
    ...lanes.map((lane) => `${nameOf(lane)} ${drawn.get(lane) ?? ''}`.trimEnd()),
    ...letters.legend(),
  ].join('\n')
}

function nameOf(lane: number): string {
  return (lane === NETWORK ? 'network' : `node ${lane}`).padEnd(8)
}

function idle(frames: number): string {
  if (frames <= 0) return ''
  if (frames <= IDLE_FRAMES_MAX) return '-'.repeat(frames)
  return frames % 1_000 === 0 ? ` ${frames / 1_000}s ` : ` ${frames}ms `
}

/** Which letter stands for what. */
class Letters {
  readonly #letters = new Map<string, string>()

  cell(marbles: readonly Marble[]): string {
    const letters = marbles.map(({ what }) => this.#letter(what)).join('')
    if (letters === '') return '-'
    return letters.length === 1 ? letters : `(${letters})`
  }

  legend(): readonly string[] {
    return [...this.#letters].map(([what, letter]) => `${letter} = ${what}`)
  }

  #letter(what: string): string {
    const letter = this.#letters.get(what) ?? LETTERS[this.#letters.size] ?? '?'
    this.#letters.set(what, letter)
    return letter
  }
}

function marblesOf(plan: Plan, cone: Cone): readonly Marble[] {
  const told = plan.commands.map(({ atMs, pid, name, args }) => {
    const what = `told to ${name}${args === undefined ? '' : ` ${textOf(args)}`}`
    return { atMs: Math.floor(atMs), lane: pid, what }
  })
  const marbles: Marble[] = [...told]
  for (const event of cone.events) {
    const what = whatOf(event)
    if (what === undefined) continue
    const lane = 'pid' in event ? event.pid : NETWORK
    const marble = { atMs: Math.floor(event.atMs), lane, what }
    const last = marbles.at(-1)
    // One message to several is one marble.
    if (event.type === 'sent' && last?.lane === lane && last.atMs === marble.atMs) {
      const [to = '', rest] = halves(last.what)
      if (to.startsWith('to ') && rest === halves(what)[1]) {
        marbles[marbles.length - 1] = { ...last, what: `${to}, ${event.to}: ${rest ?? ''}` }
        continue
      }
    }
    marbles.push(marble)
  }
  return marbles
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
