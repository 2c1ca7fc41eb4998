/** Records of lanes: what is drawn below the line of a stanza of a cluster. */
import { type Drawn, MailLetters, words } from './mail-letters.ts'
import { type LaneMark, frameOf, laneMarks } from '../../marbles/trace-lanes.ts'
import { drawnTwice, lettersFor } from '../../marbles/letters.ts'
import { frameWords } from './frame-words.ts'
import type { ClusterCommand, Shown } from './cluster-command.ts'
import type { Frame } from '../../ports/transport.ts'
import type { Lane, Part, Stanza } from '../../marbles/stanza.ts'
import type { Letters } from '../../marbles/letters.ts'
import type { Mark } from '../../marbles/drawing.ts'
import { BROADCAST, type Pid } from '../../model/pid.ts'
import type { TraceEvent } from '../../model/trace-event.ts'
import { decodeFrame } from '../../core/wire/decode-frame.ts'
import { Noted, valueOf } from '../../marbles/values.ts'

interface SentFrame {
  readonly atMs: number
  readonly from: Pid
  readonly text: string
}

/** Keeps what happens in a simulated cluster, and draws it. */
export class LaneRecord {
  readonly mail = new MailLetters()
  readonly #command: ClusterCommand
  readonly #events: TraceEvent[] = []
  readonly #frames: SentFrame[] = []
  /** What each event is, as it was known when it happened. */
  readonly #drawn = new Map<TraceEvent, Drawn>()

  constructor(command: ClusterCommand) {
    this.#command = command
  }

  /** The story begins: what happened before is not drawn. */
  begin(): void {
    this.#events.length = 0
    this.#frames.length = 0
  }

  /** Something happened. */
  see(event: TraceEvent): void {
    this.#events.push(event)
    if (!('pid' in event)) return
    this.mail.see(event)
    if (event.type === 'received') this.#drawn.set(event, this.mail.received(event))
    if (event.type === 'dead') this.#drawn.set(event, this.mail.dead(event))
  }

  /** A node sent a frame, whether it arrives or not; or it called, which has none. */
  send(atMs: number, from: Pid, to: Pid, parts?: Frame): void {
    const receiver = this.#command.pids.length > 2 ? ` to ${to}` : ''
    const text = parts === undefined ? 'CALL' : frameWords(decodeFrame(parts))
    this.#frames.push({ atMs, from, text: text + receiver })
  }

  /**
   * Draws it.
   *
   * @param fromMs when frame 0 is
   * @param frames how many are drawn
   */
  draw(stanza: Stanza, fromMs: number, frames: number): Part {
    const { tickMs, pids, show } = this.#command
    const at = (atMs: number): number => frameOf(atMs, fromMs, tickMs)
    const lanes = pids.flatMap((pid) => {
      const shown = show.filter((one) => (one.pid ?? pid) === pid)
      return shown.map(({ kind }) => {
        const marks = this.#marks(kind, pid, at)
        return { name: `${kind}${pid}`, marks: marks.filter(({ frame }) => isIn(frame, frames)) }
      })
    })
    const known = knownOf(stanza)
    return drawnTwice(stanza.expected.definitions, (before) => {
      const letters = lettersFor(known, before)
      const drawn = lanes.map(({ name, marks }): Lane => {
        const drawing = { marks: marks.map((mark) => markOf(mark, letters)), frames }
        return { name, drawing }
      })
      return { lanes: drawn, definitions: letters.given, failures: [] }
    })
  }

  #marks(kind: Shown['kind'], pid: Pid, at: (atMs: number) => number): readonly LaneMark<Drawn>[] {
    if (kind === 'frames') return this.#sent(pid, at)
    return laneMarks(kind, pid, this.#events, ({ atMs }) => at(atMs), {
      inbox: (event) => this.#drawnOf(event),
      dead: (event) => this.#drawnOf(event),
      output: ({ value }) => ({ value }),
      links: (changes) => ({ value: words(linkWords(changes)), wish: linkWish(changes) }),
    })
  }

  /** What is sent in one tick is one mark. */
  #sent(pid: Pid, at: (atMs: number) => number): readonly LaneMark<Drawn>[] {
    const ticks = new Map<number, SentFrame[]>()
    for (const sent of this.#frames.filter(({ from }) => from === pid)) {
      const frame = at(sent.atMs)
      ticks.set(frame, [...(ticks.get(frame) ?? []), sent])
    }
    return [...ticks].map(([frame, sent]) => {
      const value = words(sent.map(({ text }) => text).join('; '))
      return { frame, kind: 'next', value: { value, wish: sent[0]?.text.charAt(0) } }
    })
  }

  #drawnOf(event: TraceEvent): Drawn {
    return this.#drawn.get(event) ?? { value: undefined }
  }
}

/** What stands above the line; a letter that is not defined there says itself. */
function knownOf({ given }: Stanza): readonly (readonly [letter: string, value: unknown])[] {
  const defined = given.definitions.map(({ letter, value }) => {
    return [letter, value.kind === 'words' ? new Noted(value) : valueOf(letter, value)] as const
  })
  const drawn = given.lanes.flatMap(({ drawing }) =>
    drawing.marks.flatMap((mark) => (mark.kind === 'next' ? [mark.letter] : [])),
  )
  const others = [...new Set(drawn)].filter((one) => defined.every(([letter]) => letter !== one))
  return [...defined, ...others.map((one) => [one, { pid: BROADCAST, msg: one }] as const)]
}

function isIn(frame: number, frames: number): boolean {
  return frame >= 0 && frame < frames
}

function markOf(mark: LaneMark<Drawn>, letters: Letters): Mark {
  const { frame } = mark
  if (mark.kind === 'complete') return { frame, kind: 'complete' }
  const { value: drawn } = mark
  const letter = 'letter' in drawn ? drawn.letter : letters.of(drawn.value, drawn.wish)
  return { frame, kind: 'next', letter }
}

/** `2, 3 up; 4 down` */
function linkWords(changes: Readonly<Record<Pid, string>>): string {
  const states = new Map<string, string[]>()
  for (const [peer, state] of Object.entries(changes)) {
    states.set(state, [...(states.get(state) ?? []), peer])
  }
  return [...states].map(([state, peers]) => `${peers.join(', ')} ${state}`).join('; ')
}

function linkWish(changes: Readonly<Record<Pid, string>>): string | undefined {
  const [first, ...others] = new Set(Object.values(changes))
  return others.length === 0 ? first?.charAt(0) : undefined
}
