/**
 * A lab for sessions: one caller's link and one node's reception, joined by a wire that can lose, double and delay frames and
 * break, on a virtual clock. What the receiver takes is written down, and so is every end of an entry.
 */
import { type Entry, type Settlement } from '../../src/core/entries.ts'
import {
  type Link,
  type LinkEffect,
  type LinkEvent,
  openLink,
  stepLink,
} from '../../src/core/link.ts'
import {
  type Outbound,
  type OutboundLimits,
  type Sender,
  enqueue,
  openOutbound,
} from '../../src/core/outbound.ts'
import {
  type Reception,
  type ReceptionEffect,
  type ReceptionEvent,
  openReception,
  stepReception,
} from '../../src/core/reception.ts'
import { LINK_TUNING, type LinkTuning } from '../../src/core/link-tuning.ts'
import { EntryCursor, readEntryHeader } from '../../src/core/wire/entry.ts'
import { decodeFrame } from '../../src/core/wire/decode-frame.ts'
import { entryWith } from './entries.ts'
import { seededChance } from '../../src/core/chance.ts'

/** What the wire does to a frame. */
export interface WireFaults {
  readonly lose: number
  readonly double: number
  readonly delayMaxMs: number
}

export const LIMITS: OutboundLimits = {
  bufSize: 10_000,
  bufBytes: 1e9,
  overflow: 'drop-newest',
  windowBytes: 4_000,
  resendOnRestart: false,
  peerGoneMs: 60_000,
}

/** The sender of all sessions here. */
export function senderOf(limits: Partial<OutboundLimits> = {}): Sender {
  const incarnation = '00000000000000aa'
  return { pid: 1, incarnation, limits: { ...LIMITS, ...limits }, lastEpoch: 0 }
}

interface Timer {
  readonly atMs: number
  readonly order: number
  readonly work: () => void
}

export class Lab {
  nowMs = 0
  readonly chance: () => number
  readonly link: Link
  readonly session: Outbound
  reception: Reception
  /** Every message that was taken, by the life of the receiver that took it. */
  readonly taken: { life: number; msgId: number }[] = []
  readonly settled: {
    delivered: number
    dead: { msgId: number; reason: string; outcome: string; detail?: string }[]
  } = {
    delivered: 0,
    dead: [],
  }
  readonly linkEffects: LinkEffect[] = []
  readonly receptionEffects: ReceptionEffect[] = []
  sent = 0
  faults: WireFaults = { lose: 0, double: 0, delayMaxMs: 0 }
  life = 1
  reachable = true
  /** The receiver answers and gives credit, and takes nothing. */
  hoarding = false
  #connection = 0
  #timers: Timer[] = []
  #order = 0
  #paused: (() => void)[] | undefined

  constructor(
    seed: number,
    limits: Partial<OutboundLimits> = {},
    tuning: Partial<LinkTuning> = {},
  ) {
    this.chance = seededChance(seed)
    this.link = openLink({ cluster: 'lab', to: 2, tuning: { ...LINK_TUNING, ...tuning } }, 0)
    this.session = openOutbound(senderOf(limits), 2, 0)
    this.reception = this.#newReception()
    this.members([1])
  }

  /** The receiver restarts: it remembers nothing. */
  restart(): void {
    this.cut()
    this.life++
    this.#paused = undefined
    this.reception = this.#newReception()
    this.members([1])
  }

  members(pids: number[]): void {
    // What is held of somebody who is expelled is never taken.
    if (this.#paused !== undefined && !pids.includes(1)) this.#paused = []
    this.atReception({ type: 'members', pids: new Set(pids) })
  }

  start(): void {
    this.atLink({ type: 'add', session: this.session })
    this.#flushLink()
  }

  /** Puts the next message into the queue: its msgId counts from 1. */
  send(bytes = 10, ttlMs = 1e9): void {
    const entry = entryOf(++this.sent, bytes, this.nowMs + ttlMs)
    for (const dead of enqueue(this.session, entry))
      this.#bury({ delivered: 0, receipts: [], large: [], dead: [dead] })
    this.#flushLink()
  }

  /** The connection breaks: what is under way is lost. */
  cut(): void {
    if (this.#connection === 0 || this.link.phase === 'waiting') return
    this.#connection++
    this.atLink({ type: 'closed', reason: 'cut' })
  }

  /** The inbox stops taking. */
  pause(): void {
    this.#paused ??= []
    this.atReception({ type: 'withhold', withheld: true })
  }

  resume(): void {
    const held = this.#paused ?? []
    this.#paused = undefined
    for (const work of held) work()
    this.atReception({ type: 'withhold', withheld: false })
  }

  atLink(event: LinkEvent): void {
    const [, effects] = stepLink(this.link, event, { nowMs: this.nowMs, chance: this.chance })
    this.linkEffects.push(...effects)
    for (const effect of effects) this.#performLink(effect)
    this.#wakeLink()
  }

  atReception(event: ReceptionEvent): void {
    const life = this.life
    const [state, effects] = stepReception(this.reception, event)
    this.reception = state
    this.receptionEffects.push(...effects)
    for (const effect of effects) this.#performReception(effect)
    if (state.due.length > 0)
      this.later(0, () => life === this.life && this.atReception({ type: 'flush' }))
  }

  /** Lets the virtual time pass. */
  run(ms: number): void {
    const endMs = this.nowMs + ms
    for (;;) {
      this.#timers.sort((a, b) => a.atMs - b.atMs || a.order - b.order)
      const next = this.#timers[0]
      if (next === undefined || next.atMs > endMs) break
      this.#timers.shift()
      this.nowMs = Math.max(this.nowMs, next.atMs)
      next.work()
    }
    this.nowMs = endMs
  }

  later(ms: number, work: () => void): void {
    this.#timers.push({ atMs: this.nowMs + ms, order: this.#order++, work })
  }

  #flushLink(): void {
    this.atLink({ type: 'flush', sessions: [this.session] })
  }

  #newReception(): Reception {
    const incarnation = `00000000000000b${this.life % 10}`
    return openReception({
      pid: 2,
      incarnation,
      cluster: 'lab',
      windowBytes: 4_000,
      maxMessageBytes: 1_000,
    })
  }

  #wakeLink(): void {
    const { wakeAtMs } = this.link
    if (wakeAtMs === Infinity) return
    this.later(Math.max(0, wakeAtMs - this.nowMs), () => {
      if (this.link.wakeAtMs <= this.nowMs) this.atLink({ type: 'tick', lagMs: 0 })
    })
  }

  #performLink(effect: LinkEffect): void {
    if (effect.type === 'dial') {
      const connection = ++this.#connection
      this.later(1, () => {
        if (connection !== this.#connection) return
        if (this.reachable) this.atLink({ type: 'opened' })
        else this.atLink({ type: 'closed', reason: 'refused' })
      })
    } else if (effect.type === 'hang-up') {
      this.#connection++
    } else if (effect.type === 'send') {
      const connection = this.#connection
      const { life } = this
      this.#carry(() => {
        if (connection !== this.#connection || life !== this.life) return
        this.atReception({
          type: 'frame',
          connection: `c${connection}`,
          frame: decodeFrame(effect.frame),
        })
      })
    } else if (effect.type === 'settled') {
      this.#bury(effect.settlement)
    }
  }

  #performReception(effect: ReceptionEffect): void {
    if (effect.type === 'send') {
      const { life } = this
      this.#carry(() => {
        if (effect.connection !== `c${this.#connection}` || life !== this.life) return
        this.atLink({ type: 'frame', frame: decodeFrame(effect.frame) })
      })
    } else if (effect.type === 'take' && !this.hoarding) {
      const { life } = this
      const take = (): void => {
        if (life !== this.life) return
        const { run } = effect
        const cursor = new EntryCursor(run.entries)
        for (let skip = run.skip; skip > 0; skip--) cursor.next()
        for (let left = run.count; left > 0; left--) {
          cursor.next()
          this.taken.push({ life, msgId: cursor.msgId })
        }
        const { session, count, bytes } = run
        this.atReception({ type: 'taken', session, count, bytes, rejections: [] })
      }
      if (this.#paused === undefined) take()
      else this.#paused.push(take)
    }
  }

  #carry(arrive: () => void): void {
    const { lose, double, delayMaxMs } = this.faults
    if (this.chance() < lose) return
    this.later(1 + this.chance() * delayMaxMs, arrive)
    if (this.chance() < double) this.later(1 + this.chance() * delayMaxMs, arrive)
  }

  #bury({ delivered, dead }: Settlement): void {
    this.settled.delivered += delivered
    for (const { entry, reason, outcome, detail } of dead) {
      const { msgId } = readEntryHeader(entry)
      const one = { msgId, reason, outcome }
      this.settled.dead.push(detail === undefined ? one : { ...one, detail })
    }
  }
}

/** An entry whose body is so many zeros. */
export function entryOf(msgId: number, bytes: number, expiresAtMs: number): Entry {
  return { ...entryWith(new Uint8Array(bytes), msgId), expiresAtMs, ticket: undefined }
}
