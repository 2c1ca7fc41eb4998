/**
 * Test harness for many sessions: several senders of one process, two links to one receiver, and a wire that can lose, double,
 * delay and reorder frames, and break. Checks the invariants after every step.
 */
import { NO_CHALLENGES, PLAIN_LINK, PLAIN_RECEIVER } from './plain.ts'
import type { Incarnation } from '../../src/model/envelope.ts'
import { type Entry, type Settlement } from '../../src/protocol/session/entries.ts'
import {
  type InboundSession,
  type InboundBatch,
} from '../../src/protocol/session/inbound-session.ts'
import {
  type Link,
  type LinkEvent,
  createLink,
  type LinkEffect,
} from '../../src/protocol/link/link-state.ts'
import { stepLink } from '../../src/protocol/link/link.ts'
import {
  type OutboundSession,
  type LocalNode,
  enqueue,
  createOutboundSession,
} from '../../src/protocol/session/outbound-session.ts'
import {
  type Receiver,
  type ReceiverEvent,
  createReceiver,
} from '../../src/protocol/receiver/receiver-state.ts'
import { stepReceiver } from '../../src/protocol/receiver/receiver.ts'
import { LINK_TUNING, type LinkTuning } from '../../src/protocol/link/tuning.ts'
import { EntryCursor, readEntryHeader, sizeOf } from '../../src/protocol/wire/entry.ts'
import type { Rejection } from '../../src/protocol/wire/frames.ts'
import { LIMITS, type WireFaults, entryOf } from './session-harness.ts'
import { decodeFrame } from '../../src/protocol/wire/decode-frame.ts'
import { countFramesOnWire } from '../../src/protocol/link/send.ts'
import { failAll } from '../../src/protocol/session/settlement.ts'
import { inFlight } from '../../src/protocol/session/outbound-session.ts'
import { nextDeadlineMs } from '../../src/protocol/link/timers.ts'
import { seededRandom } from '../../src/base/seeded-random.ts'

const RECEIVER = 9
/** Small limits, so that every limit is reached. */
const TUNING: LinkTuning = {
  ...LINK_TUNING,
  framesOnWireMax: 3,
  batchEntriesMax: 4,
  frameBatchesMax: 3,
  firstPartBytesMax: 200,
  frameBytesMax: 500,
}

/** One address of the receiver, with the link to it. */
interface TestLink {
  readonly name: string
  readonly link: Link
  connection: number
  reachable: boolean
}

interface SessionPair {
  readonly localNode: LocalNode
  session: OutboundSession
  testLink: TestLink | undefined
  sent: number
  delivered: number
  dead: number
}

/** A message, with the incarnations that it was delivered to and its outcomes. */
interface Message {
  readonly pid: number
  readonly bad: boolean
  readonly deliveredIn: number[]
  readonly outcomes: string[]
}

interface HeldBatch {
  readonly batch: InboundBatch
  readonly cursor: EntryCursor
  next: number
  left: number
  unreported: number
  rejections: Rejection[]
}

interface Timer {
  readonly atMs: number
  readonly order: number
  readonly work: () => void
}

export class ManySessions {
  readonly problems: string[] = []
  readonly messages: Message[] = []
  readonly pairs: SessionPair[]
  readonly testLinks: TestLink[]
  faults: WireFaults = { lose: 0, double: 0, delayMaxMs: 0 }
  nowMs = 0
  incarnation = 1
  /** The number of DATA frames, and the largest number of sessions in one of them. */
  dataFrames = 0
  batchesMax = 0
  receiver: Receiver
  readonly random: () => number
  readonly #resendOnRestart: boolean
  readonly #lastMsgIds = new Map<string, number>()
  #members: Set<number>
  readonly #flushing = new Set<OutboundSession>()
  #held: HeldBatch[] = []
  #paused = false
  #receiverEvents: ReceiverEvent[] | undefined
  #stopped = false
  #timers: Timer[] = []
  #order = 0

  constructor(seed: number, count: number, resend: boolean) {
    this.random = seededRandom(seed)
    this.#resendOnRestart = resend
    this.testLinks = ['a', 'b'].map((name) => ({
      name,
      link: createLink({ cluster: 'lab', to: RECEIVER, ...PLAIN_LINK, tuning: TUNING }, 0),
      connection: 0,
      reachable: true,
    }))
    this.pairs = Array.from({ length: count }, (_, index) => {
      const limits = { ...LIMITS, windowBytes: 300, bufSize: 30, resendOnRestart: resend }
      const localNode = {
        pid: index + 1,
        incarnation: `00000000000000${10 + index}` as Incarnation,
        limits,
        lastEpoch: 0,
      }
      const session = createOutboundSession(localNode, RECEIVER, 0)
      return { localNode, session, testLink: undefined, sent: 0, delivered: 0, dead: 0 }
    })
    this.#members = this.allPids()
    this.receiver = this.#createReceiver()
    for (const pair of this.pairs) this.attach(pair, this.testLinks[0]!)
  }

  allPids(): Set<number> {
    return new Set(this.pairs.map(({ localNode }) => localNode.pid))
  }

  attach(pair: SessionPair, testLink: TestLink): void {
    pair.testLink = testLink
    this.atLink(testLink, { type: 'add', session: pair.session })
    this.#scheduleFlush(testLink, pair.session)
  }

  /** Moves a session to the other link. */
  migrate(pair: SessionPair, to: TestLink): void {
    const { testLink, session } = pair
    if (testLink === undefined || testLink === to) return
    this.atLink(testLink, { type: 'remove', session, migrates: true })
    this.#scheduleFlush(testLink)
    this.attach(pair, to)
  }

  /** Removes a session from its link for good, and creates the next one. */
  detach(pair: SessionPair): void {
    const { testLink, session } = pair
    if (testLink === undefined) return
    this.atLink(testLink, { type: 'remove', session, migrates: false })
    this.#scheduleFlush(testLink)
    pair.testLink = undefined
    this.#recordSettlement(pair, {
      delivered: 0,
      receipts: [],
      dead: failAll(session, 'peer-removed'),
    } as never)
    pair.session = createOutboundSession(pair.localNode, RECEIVER, this.nowMs)
  }

  send(pair: SessionPair, bytes: number, ttlMs: number): void {
    if (pair.testLink === undefined) return
    const msgId = this.messages.length
    // The final position in REFUSED needs the rejections in the ACK before it: no losses.
    const bad = this.random() < 0.05 && this.faults.lose === 0
    this.messages.push({ pid: pair.localNode.pid, bad, deliveredIn: [], outcomes: [] })
    const entry: Entry = { ...entryOf(msgId, bytes, this.nowMs + ttlMs), waiter: msgId }
    pair.sent++
    this.#recordSettlement(pair, {
      delivered: 0,
      receipts: [],
      dead: enqueue(pair.session, entry),
    } as never)
    this.#scheduleFlush(pair.testLink, pair.session)
  }

  cut(testLink: TestLink): void {
    if (testLink.link.phase === 'disconnected') return
    testLink.connection++
    this.atReceiver({
      type: 'disconnected',
      connection: `${testLink.name}${testLink.connection - 1}`,
    })
    this.atLink(testLink, { type: 'closed', reason: 'cut' })
  }

  restart(graceful: boolean): void {
    if (graceful) {
      // BYE ends the session for entries that are not delivered.
      this.#held = []
      this.atReceiver({ type: 'bye' })
      this.#stopped = true
      this.run(20)
    }
    this.#stopped = false
    this.incarnation++
    this.#held = []
    this.#paused = false
    this.receiver = this.#createReceiver()
    for (const testLink of this.testLinks) this.cut(testLink)
  }

  setMembers(pids: Set<number>): void {
    this.#members = pids
    for (const held of this.#held) {
      if (pids.has(held.batch.session.pid)) continue
      this.#reportSettled(held)
      held.left = 0
    }
    this.#held = this.#held.filter(({ left }) => left > 0)
    this.atReceiver({ type: 'members', pids: new Set(pids) })
  }

  get present(): Set<number> {
    return this.#members
  }

  pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.atReceiver({ type: 'pause', paused: true })
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#deliver()
    this.#reportPause()
  }

  atLink(testLink: TestLink, event: LinkEvent): void {
    const { link } = testLink
    const [, effects] = stepLink(link, event, { nowMs: this.nowMs, random: this.random })
    if (event.type === 'remove' && effects.length > 0) this.problems.push('a removal has effects')
    for (const effect of effects) this.#performLink(testLink, effect)
    this.#inspect(testLink, event)
    this.#wake(testLink)
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
    const { incarnation } = this
    const [receiver, effects] = stepReceiver(this.receiver, event, NO_CHALLENGES)
    this.receiver = receiver
    for (const effect of effects) {
      if (effect.type === 'send') this.#toLink(effect.connection, effect.frame)
      if (effect.type === 'deliver') this.#enqueue(effect.batch)
    }
    if (receiver.pendingAcks.length > 0) {
      this.later(0, () => incarnation === this.incarnation && this.atReceiver({ type: 'flush' }))
    }
    for (const session of receiver.sessions.values()) this.#inspectInbound(session)
  }

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

  /** Checks what must be true when every timeout has passed. */
  checkFinalState(): void {
    for (const { session, localNode } of this.pairs) {
      const { pid } = localNode
      if (session.reportedState !== 'up') this.problems.push(`${pid} is ${session.reportedState}`)
      if (inFlight(session) > 0) this.problems.push(`${pid} has ${inFlight(session)} in flight`)
    }
    for (const [msgId, { pid, bad, deliveredIn, outcomes }] of this.messages.entries()) {
      const addProblem = (problem: string): void =>
        void this.problems.push(`${problem}: ${msgId} of ${pid}`)
      if (outcomes.length !== 1) addProblem(`${outcomes.length} ends (${outcomes.join()})`)
      const [end] = outcomes
      if (end === 'delivered' && deliveredIn.length === 0)
        addProblem(
          bad ? 'rejected, but reported as delivered' : 'reported as delivered, but was not',
        )
      if (end?.endsWith('not-delivered') === true && deliveredIn.length > 0)
        addProblem(`delivered, but reported as ${end}`)
      if (!this.#resendOnRestart && deliveredIn.length > 1)
        addProblem('delivered to two incarnations')
    }
  }

  #reportPause(): void {
    this.atReceiver({ type: 'pause', paused: this.#paused })
  }

  #scheduleFlush(testLink: TestLink, ...sessions: OutboundSession[]): void {
    for (const session of sessions) this.#flushing.add(session)
    this.later(0, () => {
      for (const session of sessions) this.#flushing.delete(session)
      this.atLink(testLink, { type: 'flush', sessions })
    })
  }

  #createReceiver(): Receiver {
    const receiver = createReceiver({
      pid: RECEIVER,
      incarnation: `00000000000000b${this.incarnation % 10}` as Incarnation,
      cluster: 'lab',
      windowBytes: 400,
      maxMessageBytes: 1_000,
      ...PLAIN_RECEIVER,
    })
    for (const pid of this.#members) receiver.members.add(pid)
    return receiver
  }

  #wake(testLink: TestLink): void {
    const { nextTickMs } = testLink.link
    if (nextTickMs === Infinity) return
    this.later(Math.max(0, nextTickMs - this.nowMs), () => {
      if (testLink.link.nextTickMs <= this.nowMs) this.atLink(testLink, { type: 'tick', lagMs: 0 })
    })
  }

  #performLink(testLink: TestLink, effect: LinkEffect): void {
    if (effect.type === 'dial') {
      const connection = ++testLink.connection
      this.later(1, () => {
        if (connection !== testLink.connection) return
        if (testLink.reachable) this.atLink(testLink, { type: 'opened' })
        else this.atLink(testLink, { type: 'closed', reason: 'refused' })
      })
    } else if (effect.type === 'disconnect') {
      testLink.connection++
    } else if (effect.type === 'send') {
      this.#toReceiver(testLink, effect.frame)
    } else if (effect.type === 'settled') {
      const pair = this.pairs.find(({ session }) => session === effect.session)
      if (pair === undefined) this.problems.push('settlement of a removed session')
      else this.#recordSettlement(pair, effect.settlement)
    }
  }

  #toReceiver(testLink: TestLink, bytes: readonly Uint8Array[]): void {
    const { connection } = testLink
    const { incarnation } = this
    const frame = decodeFrame(bytes)
    if (frame.type === 'data') {
      this.dataFrames++
      if (frame.batches.length > TUNING.frameBatchesMax)
        this.problems.push(`${frame.batches.length} batches in a frame`)
      this.batchesMax = Math.max(this.batchesMax, new Set(frame.batches.map(({ pid }) => pid)).size)
    }
    this.#transmit(() => {
      if (this.#stopped || connection !== testLink.connection || incarnation !== this.incarnation)
        return
      this.atReceiver({
        type: 'frame',
        connection: `${testLink.name}${connection}`,
        frame: decodeFrame(bytes),
      })
    })
  }

  #toLink(connection: string, bytes: readonly Uint8Array[]): void {
    const testLink = this.testLinks.find(({ name }) => connection.startsWith(name))!
    const { incarnation } = this
    this.#transmit(() => {
      if (
        connection !== `${testLink.name}${testLink.connection}` ||
        incarnation !== this.incarnation
      )
        return
      this.atLink(testLink, { type: 'frame', frame: decodeFrame(bytes) })
    })
  }

  #transmit(arrive: () => void): void {
    const { lose, double, delayMaxMs } = this.faults
    if (this.random() < lose) return
    this.later(1 + this.random() * delayMaxMs, arrive)
    if (this.random() < double) this.later(1 + this.random() * delayMaxMs, arrive)
  }

  #enqueue(batch: InboundBatch): void {
    const cursor = new EntryCursor(batch.entries)
    for (let { skip } = batch; skip > 0; skip--) cursor.next()
    const held = {
      batch,
      cursor,
      next: batch.first,
      left: batch.count,
      unreported: 0,
      rejections: [],
    }
    this.#held.push(held)
    if (this.#paused) cursor.copyBorrowed()
    else this.#deliver()
  }

  #deliver(): void {
    while (this.#held.length > 0 && !this.#paused) {
      const held = this.#held[0]!
      while (held.left > 0 && !this.#paused) this.#deliverEntry(held)
      this.#reportSettled(held)
      if (held.left === 0) this.#held.shift()
    }
  }

  #deliverEntry(held: HeldBatch): void {
    held.cursor.next()
    const sequence = held.next++
    held.left--
    held.unreported++
    const message = this.messages[held.cursor.msgId]!
    const { pid, epoch } = held.batch.session
    if (message.pid !== pid)
      this.problems.push(`${held.cursor.msgId} of ${message.pid} arrived in the session of ${pid}`)
    if (message.bad) {
      held.rejections.push({ sequence, reason: 'undecodable', detail: '' })
      return
    }
    if (message.deliveredIn.includes(this.incarnation))
      this.problems.push(`delivered twice: ${held.cursor.msgId}`)
    message.deliveredIn.push(this.incarnation)
    const key = `${pid} ${this.incarnation} ${epoch}`
    if ((this.#lastMsgIds.get(key) ?? -1) > held.cursor.msgId)
      this.problems.push(`delivered out of order: ${held.cursor.msgId}`)
    this.#lastMsgIds.set(key, held.cursor.msgId)
    // Pause in the middle of a batch.
    if (this.faults.lose > 0 && this.random() < 0.02) {
      this.#paused = true
      this.later(0, () => this.#reportPause())
      this.later(this.random() * 3_000, () => this.resume())
    }
  }

  #reportSettled(held: HeldBatch): void {
    const { batch, unreported, rejections } = held
    held.unreported = 0
    held.rejections = []
    if (unreported === 0) return
    const bytes = held.left === 0 ? batch.bytes : 0
    this.atReceiver({
      type: 'settled',
      session: batch.session,
      count: unreported,
      bytes,
      rejections,
    })
  }

  #recordSettlement(pair: SessionPair, { delivered, receipts, dead }: Settlement): void {
    pair.delivered += delivered
    pair.dead += dead.length
    if (receipts.length !== delivered) this.problems.push('a receipt is missing')
    for (const { waiter } of receipts) this.messages[waiter as number]!.outcomes.push('delivered')
    for (const { entry, reason, outcome } of dead) {
      this.messages[readEntryHeader(entry).msgId]!.outcomes.push(`${reason} ${outcome}`)
    }
  }

  /** Checks what must hold after every step of a link. */
  #inspect({ link, name }: TestLink, event: LinkEvent): void {
    const addProblem = (problem: string): void =>
      void this.problems.push(`${problem} on ${name} after ${event.type} at ${this.nowMs}`)
    // While the link is open, a tick may be up to probeTimeoutMs late.
    const lastAllowedMs = link.phase === 'open' ? this.nowMs + TUNING.probeTimeoutMs : 0
    const dueMs = Math.max(nextDeadlineMs(link), lastAllowedMs)
    if (link.nextTickMs > dueMs)
      addProblem(`next tick at ${link.nextTickMs}, not ${dueMs} (${link.phase})`)
    const full = countFramesOnWire(link) >= link.tuning.framesOnWireMax
    if (link.framesOnWire.length > link.tuning.framesOnWireMax)
      addProblem('too many frames on the wire')
    if (link.dirty.length > 0 || link.allDirty) addProblem('a state was not emitted')
    if (link.pingSentMs !== undefined && link.phase !== 'open') addProblem('PING before open')
    if (link.unresponsive && link.pingSentMs === undefined) addProblem('unresponsive without PING')
    const helloSent = link.phase === 'handshake' || link.phase === 'open'
    if (link.pendingJoins.length + link.pendingLeaves.length > 0 && !helloSent)
      addProblem('JOIN or LEAVE is pending before HELLO')
    for (const session of link.readyQueue.values()) {
      if (link.sessions.get(session.localNode.pid) !== session)
        addProblem('a removed session is ready')
    }
    for (const session of link.sessions.values()) {
      const { buffer, written, writtenBytes, credit, localNode } = session
      for (const problem of outboundProblems(session)) addProblem(`${localNode.pid}: ${problem}`)
      const next = buffer.at(written) ?? buffer.queuedAt(0)
      if (next === undefined || session.status !== 'established' || link.phase !== 'open') continue
      const window = Math.min(localNode.limits.windowBytes, credit)
      const mayWrite = writtenBytes + sizeOf(next) <= window || (writtenBytes === 0 && window > 0)
      // The flush of a new entry is scheduled.
      if (!mayWrite || link.readyQueue.has(session) || this.#flushing.has(session)) continue
      addProblem(`${localNode.pid} could send and is not ready${full ? ', full' : ''}`)
    }
    this.checkCounters()
  }

  #inspectInbound(session: InboundSession): void {
    const { pid, settled, received, bufferedBytes, missingFrom, rejections } = session
    if (settled > received) this.problems.push(`${pid} has settled ${settled} of ${received}`)
    if (missingFrom !== undefined && missingFrom !== received + 1)
      this.problems.push(`${pid} misses ${missingFrom} after ${received}`)
    if (rejections.some(({ sequence }) => sequence > settled))
      this.problems.push(`${pid} rejects beyond ${settled}`)
    if (session.ackPending !== this.receiver.pendingAcks.includes(session))
      this.problems.push(`${pid} has a wrong ackPending`)
    if (bufferedBytes < 0) this.problems.push(`${pid} holds ${bufferedBytes} bytes`)
    if (settled === received && bufferedBytes !== 0)
      this.problems.push(`${pid} leaks ${bufferedBytes} bytes`)
  }

  /** Checks sent = delivered + dead + in flight, and that byte counts are sums of entry sizes. */
  checkCounters(): void {
    let [sent, ended] = [0, 0]
    for (const { session, localNode, sent: sentByPair, delivered, dead } of this.pairs) {
      if (sentByPair !== delivered + dead + inFlight(session))
        this.problems.push(`${localNode.pid} has lost count`)
      sent += sentByPair
      ended += delivered + dead + inFlight(session)
      const { buffer, queuedBytes, unackedBytes, written, writtenBytes } = session
      const bytes = (count: number, at: (index: number) => Entry | undefined): number =>
        Array.from({ length: count }, (_, index) => sizeOf(at(index)!)).reduce((a, b) => a + b, 0)
      if (
        queuedBytes !== bytes(buffer.queued, (index) => buffer.queuedAt(index)) ||
        unackedBytes !== bytes(buffer.unacked, (index) => buffer.at(index)) ||
        writtenBytes !== bytes(written, (index) => buffer.at(index))
      ) {
        this.problems.push(`wrong byte counts of ${localNode.pid}`)
      }
    }
    if (sent !== ended) this.problems.push('wrong counts in total')
  }
}

/** The invariants of an outbound session that a link carries. */
function outboundProblems(session: OutboundSession): string[] {
  const { settled, received, written, buffer, status, disconnectedSinceMs, nextExpiryMs } = session
  const problems: string[] = []
  if (settled > received) problems.push(`settled ${settled} > received ${received}`)
  if (written > buffer.unacked) problems.push(`written ${written} > unacked ${buffer.unacked}`)
  if (status === 'established' && disconnectedSinceMs !== undefined)
    problems.push('established and disconnected')
  for (let index = 0; index < buffer.queued; index++) {
    if (buffer.queuedAt(index)!.expiresAtMs < nextExpiryMs) problems.push('an expiry is missed')
  }
  return problems
}
