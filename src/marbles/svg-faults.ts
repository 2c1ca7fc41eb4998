/** The faults of a network lane as spans of time: each from its mark to the one that ends it. */
import { renderNotation } from './notation.ts'
import type { Definition, Lane } from './stanza.ts'

/** A fault and how long it lasts. */
export interface FaultSpan {
  /** As the stanza writes it: `partition 1,2|3`. */
  readonly text: string
  readonly look: 'cut' | 'dead' | 'slow' | 'other'
  readonly fromFrame: number
  /** Where it ends; the same frame where it only happens, the last frame where nothing ends it. */
  readonly toFrame: number
  /** What ends it: `heal`. */
  readonly ending?: string
  /** The nodes that it happens to; none where it happens to all of them. */
  readonly pids: readonly number[]
  /** Nothing ends it. */
  readonly isOpen: boolean
}

/** The name of the lane that faults are drawn on. */
export const NETWORK_LANE = 'network'

interface Said {
  readonly frame: number
  readonly text: string
  readonly verb: string
  readonly rest: string
}

const SHAPES = ['drop', 'duplicate', 'reorder', 'delay', 'bandwidth']
const LOOKS: Readonly<Record<string, FaultSpan['look']>> = {
  partition: 'cut',
  cut: 'cut',
  reset: 'cut',
  crash: 'dead',
  pause: 'dead',
  ...Object.fromEntries(SHAPES.map((verb) => [verb, 'slow' as const])),
  skew: 'slow',
}
const OF_NODES = new Set(['crash', 'pause', 'skew', 'cut', 'reset'])
const ENDINGS = new Set(['heal', 'mend', 'resume', 'restart'])

/**
 * Reads the spans from what the letters of the lane stand for; a letter that stands for nothing
 * is drawn as it is, and what is no known fault lasts to the end.
 */
export function faultSpans(lane: Lane, definitions: readonly Definition[]): readonly FaultSpan[] {
  const lastFrame = Math.max(lane.drawing.frames - 1, 0)
  const all = lane.drawing.marks.flatMap((mark) => {
    if (mark.kind !== 'next') return []
    const value = definitions.find(({ letter }) => letter === mark.letter)?.value
    const text = value === undefined ? mark.letter : renderNotation(value).replaceAll('"', '')
    return text.split(';').map((one) => saidAt(mark.frame, one.trim()))
  })
  const endings = new Set<Said>()
  const spans = all.flatMap((said, at): readonly FaultSpan[] => {
    if (ENDINGS.has(said.verb)) return []
    const look = LOOKS[said.verb] ?? 'other'
    const span = { text: said.text, look, fromFrame: said.frame, pids: pidsOf(said) }
    if (said.verb === 'reset') return [{ ...span, toFrame: said.frame, isOpen: false }]
    const end = all.slice(at + 1).find((later) => ends(said, later))
    if (end === undefined) return [{ ...span, toFrame: lastFrame, isOpen: true }]
    const isNamed = ENDINGS.has(end.verb) && !endings.has(end)
    if (isNamed) endings.add(end)
    const ending = isNamed ? { ending: end.text } : {}
    return [{ ...span, toFrame: end.frame, isOpen: false, ...ending }]
  })
  const stray = all
    .filter((said) => ENDINGS.has(said.verb) && !endings.has(said))
    .filter((said) => !all.some((one) => one.frame < said.frame && ends(one, said)))
    .map((said) => happened(said))
  return [...spans, ...stray].toSorted((a, b) => a.fromFrame - b.fromFrame)
}

/** What only happens: an end of nothing that was drawn. */
function happened({ text, frame }: Said): FaultSpan {
  const look = 'other' as const
  return { text, look, fromFrame: frame, toFrame: frame, pids: [], isOpen: false }
}

function pidsOf({ verb, rest }: Said): readonly number[] {
  const [nodes = ''] = rest.split(' ')
  return OF_NODES.has(verb) ? nodes.split(/[->]/).map(Number) : []
}

function saidAt(frame: number, text: string): Said {
  const [verb = '', ...rest] = text.split(' ')
  return { frame, text, verb, rest: rest.join(' ') }
}

/** Tells whether one fault is over with another. */
function ends(fault: Said, later: Said): boolean {
  if (later.verb === 'heal') return ['partition', 'cut', ...SHAPES].includes(fault.verb)
  switch (fault.verb) {
    case 'partition':
      return later.verb === 'partition'
    case 'cut':
      return later.verb === 'mend' && pairOf(later) === pairOf(fault)
    case 'pause':
      return ['resume', 'crash'].includes(later.verb) && later.rest === fault.rest
    case 'crash':
      return later.verb === 'restart' && later.rest === fault.rest
    case 'skew':
      return later.verb === 'skew' && later.rest.split(' ')[0] === fault.rest.split(' ')[0]
    default:
      return (
        SHAPES.includes(fault.verb) && later.verb === fault.verb && wayOf(later) === wayOf(fault)
      )
  }
}

function pairOf({ rest }: Said): string {
  return rest.includes('>') ? rest : rest.split('-').toSorted().join('-')
}

/** The way behind the number of a condition: `1>2` of `drop 30% 1>2`. */
function wayOf({ rest }: Said): string {
  return rest.split(' ').slice(1).join(' ')
}
