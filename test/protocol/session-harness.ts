/**
 * Test harness for one session: a link and a receiver on a virtual clock, with a wire that can lose, double and delay frames,
 * and break. Records deliveries and the end of every entry.
 */
import { NO_CHALLENGES, PLAIN_LINK, PLAIN_RECEIVER } from './plain.ts'
import { type Entry, type Settlement } from '../../src/protocol/session/entries.ts'
import {
  type Link,
  type LinkEffect,
  type LinkEvent,
  createLink,
} from '../../src/protocol/link/link-state.ts'
import { stepLink } from '../../src/protocol/link/link.ts'
import {
  type OutboundSession,
  type OutboundLimits,
  type LocalNode,
  enqueue,
  createOutboundSession,
} from '../../src/protocol/session/outbound-session.ts'
import {
  type Receiver,
  type ReceiverEffect,
  type ReceiverEvent,
  createReceiver,
} from '../../src/protocol/receiver/receiver-state.ts'
import { stepReceiver } from '../../src/protocol/receiver/receiver.ts'
import type { Incarnation } from '../../src/model/envelope.ts'
import { LINK_TUNING, type LinkTuning } from '../../src/protocol/link/tuning.ts'
import { EntryCursor, readEntryHeader } from '../../src/protocol/wire/entry.ts'
import { decodeFrame } from '../../src/protocol/wire/decode-frame.ts'
import { entryWith } from './entries.ts'
import { seededRandom } from '../../src/base/seeded-random.ts'

/** Probabilities and delay of faults per frame. */
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
  peerTimeoutMs: 60_000,
}

/** Creates node 1, the sender. */
export function localNodeOf(limits: Partial<OutboundLimits> = {}): LocalNode {
  const incarnation = '00000000000000aa' as Incarnation
  return { pid: 1, incarnation, limits: { ...LIMITS, ...limits }, lastEpoch: 0 }
}

interface Timer {
  readonly atMs: number
  readonly order: number
  readonly work: () => void
}

export class SessionHarness {
  nowMs = 0
  readonly random: () => number
  readonly link: Link
  readonly session: OutboundSession
  receiver: Receiver
  /** Every delivered message, with the incarnation of the receiver. */
  readonly deliveries: { incarnation: number; msgId: number }[] = []
  readonly settled: {
    delivered: number
    dead: { msgId: number; reason: string; outcome: string; detail?: string }[]
  } = {
    delivered: 0,
    dead: [],
  }
  readonly linkEffects: LinkEffect[] = []
  readonly receiverEffects: ReceiverEffect[] = []
  sent = 0
  faults: WireFaults = { lose: 0, double: 0, delayMaxMs: 0 }
  incarnation = 1
  reachable = true
  /** The receiver answers and grants credit, but settles nothing. */
  neverSettles = false
  #connection = 0
  #timers: Timer[] = []
  #order = 0
  #paused: (() => void)[] | undefined
  #receiverEvents: ReceiverEvent[] | undefined

  constructor(
    seed: number,
    limits: Partial<OutboundLimits> = {},
    tuning: Partial<LinkTuning> = {},
  ) {
    this.random = seededRandom(seed)
    this.link = createLink({ cluster: 'lab', to: 2, ...PLAIN_LINK, tuning: { ...LINK_TUNING, ...tuning } }, 0)
    this.session = createOutboundSession(localNodeOf(limits), 2, 0)
    this.receiver = this.#createReceiver()
    this.setMembers([1])
  }

  /** Restarts the receiver as a new incarnation without sessions. */
  restart(): void {
    this.cut()
    this.incarnation++
    this.#paused = undefined
    this.receiver = this.#createReceiver()
    this.setMembers([1])
  }

  setMembers(pids: number[]): void {
    // The batches of a removed member are never delivered.
    if (this.#paused !== undefined && !pids.includes(1)) this.#paused = []
    this.atReceiver({ type: 'members', pids: new Set(pids) })
  }

  start(): void {
    this.atLink({ type: 'add', session: this.session })
    this.#flushLink()
  }

  /** Enqueues the next message; msgIds count from 1. */
  send(bytes = 10, ttlMs = 1e9, toIncarnation?: Incarnation): void {
    const plain = entryOf(++this.sent, bytes, this.nowMs + ttlMs)
    const entry = toIncarnation === undefined ? plain : { ...plain, toIncarnation }
    for (const dead of enqueue(this.session, entry))
      this.#recordSettlement({ delivered: 0, receipts: [], large: [], dead: [dead] })
    this.#flushLink()
  }

  /** Breaks the connection: frames in flight are lost. */
  cut(): void {
    if (this.#connection === 0 || this.link.phase === 'disconnected') return
    this.#connection++
    this.atLink({ type: 'closed', reason: 'cut' })
  }

  pause(): void {
    this.#paused ??= []
    this.atReceiver({ type: 'pause', paused: true })
  }

  resume(): void {
    const pending = this.#paused ?? []
    this.#paused = undefined
    for (const work of pending) work()
    this.atReceiver({ type: 'pause', paused: false })
  }

  atLink(event: LinkEvent): void {
    const [, effects] = stepLink(this.link, event, { nowMs: this.nowMs, random: this.random })
    this.linkEffects.push(...effects)
    for (const effect of effects) this.#performLink(effect)
    this.#wakeLink()
  }

  /** Steps the receiver, after the effects of a step that is not finished. */
  atReceiver(event: ReceiverEvent): void {
    if (this.#receiverEvents !== undefined) {
      this.#receiverEvents.push(event)
      return
    }
    const events = (this.#receiverEvents = [event])
    for (let next = events.shift(); next !== undefined; next = events.shift())
      this.#stepReceiver(next)
    this.#receiverEvents = undefined
  }

  #stepReceiver(event: ReceiverEvent): void {
    const incarnation = this.incarnation
    const [receiver, effects] = stepReceiver(this.receiver, event, NO_CHALLENGES)
    this.receiver = receiver
    this.receiverEffects.push(...effects)
    for (const effect of effects) this.#performReceiver(effect)
    if (receiver.pendingAcks.length > 0)
      this.later(0, () => incarnation === this.incarnation && this.atReceiver({ type: 'flush' }))
  }

  /** Advances the virtual clock. */
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

  #createReceiver(): Receiver {
    const incarnation = `00000000000000b${this.incarnation % 10}` as Incarnation
    return createReceiver({
      pid: 2,
      incarnation,
      cluster: 'lab',
      windowBytes: 4_000,
      maxMessageBytes: 1_000,
      ...PLAIN_RECEIVER,
    })
  }

  #wakeLink(): void {
    const { nextTickMs } = this.link
    if (nextTickMs === Infinity) return
    this.later(Math.max(0, nextTickMs - this.nowMs), () => {
      if (this.link.nextTickMs <= this.nowMs) this.atLink({ type: 'tick', lagMs: 0 })
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
    } else if (effect.type === 'disconnect') {
      this.#connection++
    } else if (effect.type === 'send') {
      const connection = this.#connection
      const { incarnation } = this
      this.#transmit(() => {
        if (connection !== this.#connection || incarnation !== this.incarnation) return
        this.atReceiver({
          type: 'frame',
          connection: `c${connection}`,
          frame: decodeFrame(effect.frame),
        })
      })
    } else if (effect.type === 'settled') {
      this.#recordSettlement(effect.settlement)
    }
  }

  #performReceiver(effect: ReceiverEffect): void {
    if (effect.type === 'send') {
      const { incarnation } = this
      this.#transmit(() => {
        if (effect.connection !== `c${this.#connection}` || incarnation !== this.incarnation) return
        this.atLink({ type: 'frame', frame: decodeFrame(effect.frame) })
      })
    } else if (effect.type === 'deliver' && !this.neverSettles) {
      const { incarnation } = this
      const deliver = (): void => {
        if (incarnation !== this.incarnation) return
        const { batch } = effect
        const cursor = new EntryCursor(batch.entries)
        for (let toSkip = batch.skip; toSkip > 0; toSkip--) cursor.next()
        for (let remaining = batch.count; remaining > 0; remaining--) {
          cursor.next()
          this.deliveries.push({ incarnation, msgId: cursor.msgId })
        }
        const { session, count, bytes } = batch
        this.atReceiver({ type: 'settled', session, count, bytes, rejections: [] })
      }
      if (this.#paused === undefined) deliver()
      else this.#paused.push(deliver)
    }
  }

  #transmit(arrive: () => void): void {
    const { lose, double, delayMaxMs } = this.faults
    if (this.random() < lose) return
    this.later(1 + this.random() * delayMaxMs, arrive)
    if (this.random() < double) this.later(1 + this.random() * delayMaxMs, arrive)
  }

  #recordSettlement({ delivered, dead }: Settlement): void {
    this.settled.delivered += delivered
    for (const { entry, reason, outcome, detail } of dead) {
      const { msgId } = readEntryHeader(entry)
      const deadEntry = { msgId, reason, outcome }
      this.settled.dead.push(detail === undefined ? deadEntry : { ...deadEntry, detail })
    }
  }
}

/** Creates an entry with a body of `bytes` zeros. */
export function entryOf(msgId: number, bytes: number, expiresAtMs: number): Entry {
  return { ...entryWith(new Uint8Array(bytes), msgId), expiresAtMs, waiter: undefined }
}
