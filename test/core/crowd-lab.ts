/**
 * A crowd for sessions: several senders of one process, two links to one receiver, and a wire that can lose, double, delay and
 * reorder frames, and break. After every step everything that must always hold is looked at.
 */
import { type Entry, type Settlement } from '../../src/core/entries.ts'
import { type Inbound, type Run } from '../../src/core/inbound.ts'
import { type Link, type LinkEvent, openLink, stepLink } from '../../src/core/link.ts'
import { type Outbound, type Sender, enqueue, openOutbound } from '../../src/core/outbound.ts'
import { type Reception, type ReceptionEvent } from '../../src/core/reception.ts'
import { openReception, stepReception } from '../../src/core/reception.ts'
import { LINK_TUNING, type LinkTuning } from '../../src/core/link-tuning.ts'
import { EntryCursor, readEntryHeader, sizeOf } from '../../src/core/wire/entry.ts'
import type { LinkEffect } from '../../src/core/link.ts'
import type { Rejection } from '../../src/core/wire/frames.ts'
import { LIMITS, type WireFaults, entryOf } from './lab.ts'
import { decodeFrame } from '../../src/core/wire/decode-frame.ts'
import { framesUnderWay } from '../../src/core/link-writer.ts'
import { giveUpAll } from '../../src/core/settle.ts'
import { inFlight } from '../../src/core/outbound.ts'
import { nextWakeMs } from '../../src/core/link-clock.ts'
import { seededChance } from '../../src/core/chance.ts'

const RECEIVER = 9
/** Everything is small, so that every bound is met. */
const TUNING: LinkTuning = {
  ...LINK_TUNING,
  framesMax: 3,
  batchEntries: 4,
  batchRuns: 3,
  batchBytes: 200,
  frameBytes: 500,
}

/** One address of the receiver, as the process calls it. */
interface Line {
  readonly name: string
  readonly link: Link
  connection: number
  reachable: boolean
}

interface Pair {
  readonly sender: Sender
  session: Outbound
  line: Line | undefined
  sent: number
  delivered: number
  dead: number
}

/** A message, and all that was heard of it. */
interface Letter {
  readonly pid: number
  readonly bad: boolean
  readonly takenIn: number[]
  readonly ends: string[]
}

interface Held {
  readonly run: Run
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

export class Crowd {
  readonly problems: string[] = []
  readonly letters: Letter[] = []
  readonly pairs: Pair[]
  readonly lines: Line[]
  faults: WireFaults = { lose: 0, double: 0, delayMaxMs: 0 }
  nowMs = 0
  life = 1
  /** Frames of DATA, and the most runs in one of them. */
  frames = 0
  runsMost = 0
  reception: Reception
  readonly chance: () => number
  readonly #resend: boolean
  readonly #latest = new Map<string, number>()
  #members: Set<number>
  readonly #flushing = new Set<Outbound>()
  #held: Held[] = []
  #paused = false
  #deaf = false
  #timers: Timer[] = []
  #order = 0

  constructor(seed: number, count: number, resend: boolean) {
    this.chance = seededChance(seed)
    this.#resend = resend
    this.lines = ['a', 'b'].map((name) => ({
      name,
      link: openLink({ cluster: 'lab', to: RECEIVER, tuning: TUNING }, 0),
      connection: 0,
      reachable: true,
    }))
    this.pairs = Array.from({ length: count }, (_, index) => {
      const limits = { ...LIMITS, windowBytes: 300, bufSize: 30, resendOnRestart: resend }
      const sender = {
        pid: index + 1,
        incarnation: `00000000000000${10 + index}`,
        limits,
        lastEpoch: 0,
      }
      const session = openOutbound(sender, RECEIVER, 0)
      return { sender, session, line: undefined, sent: 0, delivered: 0, dead: 0 }
    })
    this.#members = this.everybody()
    this.reception = this.#newReception()
    for (const pair of this.pairs) this.join(pair, this.lines[0]!)
  }

  everybody(): Set<number> {
    return new Set(this.pairs.map(({ sender }) => sender.pid))
  }

  join(pair: Pair, line: Line): void {
    pair.line = line
    this.atLink(line, { type: 'add', session: pair.session })
    this.#flushSoon(line, pair.session)
  }

  /** A session goes on at the other address. */
  move(pair: Pair, to: Line): void {
    const { line, session } = pair
    if (line === undefined || line === to) return
    this.atLink(line, { type: 'remove', session, moves: true })
    this.#flushSoon(line)
    this.join(pair, to)
  }

  /** A sender gives the receiver up, and adds it again: at once, or by and by. */
  leave(pair: Pair): void {
    const { line, session } = pair
    if (line === undefined) return
    this.atLink(line, { type: 'remove', session, moves: false })
    this.#flushSoon(line)
    pair.line = undefined
    this.#bury(pair, {
      delivered: 0,
      receipts: [],
      dead: giveUpAll(session, 'peer-removed'),
    } as never)
    pair.session = openOutbound(pair.sender, RECEIVER, this.nowMs)
  }

  send(pair: Pair, bytes: number, ttlMs: number): void {
    if (pair.line === undefined) return
    const msgId = this.letters.length
    // The last word of an expulsion counts on the ACK before it: it needs a wire that keeps order.
    const bad = this.chance() < 0.05 && this.faults.lose === 0
    this.letters.push({ pid: pair.sender.pid, bad, takenIn: [], ends: [] })
    const entry: Entry = { ...entryOf(msgId, bytes, this.nowMs + ttlMs), ticket: msgId }
    pair.sent++
    this.#bury(pair, {
      delivered: 0,
      receipts: [],
      dead: enqueue(pair.session, entry),
    } as never)
    this.#flushSoon(pair.line, pair.session)
  }

  cut(line: Line): void {
    if (line.link.phase === 'waiting') return
    line.connection++
    this.atReception({ type: 'gone', connection: `${line.name}${line.connection - 1}` })
    this.atLink(line, { type: 'closed', reason: 'cut' })
  }

  restart(polite: boolean): void {
    if (polite) {
      // Its farewell takes with it what was not taken.
      this.#held = []
      this.atReception({ type: 'bye' })
      this.#deaf = true
      this.run(20)
    }
    this.#deaf = false
    this.life++
    this.#held = []
    this.#paused = false
    this.reception = this.#newReception()
    for (const line of this.lines) this.cut(line)
  }

  members(pids: Set<number>): void {
    this.#members = pids
    for (const held of this.#held) {
      if (pids.has(held.run.session.pid)) continue
      this.#report(held)
      held.left = 0
    }
    this.#held = this.#held.filter(({ left }) => left > 0)
    this.atReception({ type: 'members', pids: new Set(pids) })
  }

  get present(): Set<number> {
    return this.#members
  }

  pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.atReception({ type: 'withhold', withheld: true })
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#take()
    this.#tellPause()
  }

  atLink(line: Line, event: LinkEvent): void {
    const { link } = line
    const [, effects] = stepLink(link, event, { nowMs: this.nowMs, chance: this.chance })
    if (event.type === 'remove' && effects.length > 0) this.problems.push('a removal has effects')
    for (const effect of effects) this.#performLink(line, effect)
    this.#inspect(line, event)
    this.#wake(line)
  }

  atReception(event: ReceptionEvent): void {
    const { life } = this
    const [state, effects] = stepReception(this.reception, event)
    this.reception = state
    for (const effect of effects) {
      if (effect.type === 'send') this.#back(effect.connection, effect.frame)
      if (effect.type === 'take') this.#offer(effect.run)
    }
    if (state.due.length > 0) {
      this.later(0, () => life === this.life && this.atReception({ type: 'flush' }))
    }
    for (const session of state.sessions.values()) this.#inspectInbound(session)
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

  /** What must be true once everything has had its time. */
  judge(): void {
    for (const { session, sender } of this.pairs) {
      const { pid } = sender
      if (session.state !== 'up') this.problems.push(`${pid} is ${session.state}`)
      if (inFlight(session) > 0) this.problems.push(`${pid} has ${inFlight(session)} in flight`)
    }
    for (const [msgId, { pid, bad, takenIn, ends }] of this.letters.entries()) {
      const say = (what: string): void => void this.problems.push(`${what}: ${msgId} of ${pid}`)
      if (ends.length !== 1) say(`${ends.length} ends (${ends.join()})`)
      const [end] = ends
      if (end === 'delivered' && takenIn.length === 0)
        say(bad ? 'rejected, and delivered' : 'a false receipt')
      if (end?.endsWith('not-delivered') === true && takenIn.length > 0) say(`a lie (${end})`)
      if (!this.#resend && takenIn.length > 1) say('two lives')
    }
  }

  #tellPause(): void {
    this.atReception({ type: 'withhold', withheld: this.#paused })
  }

  #flushSoon(line: Line, ...sessions: Outbound[]): void {
    for (const session of sessions) this.#flushing.add(session)
    this.later(0, () => {
      for (const session of sessions) this.#flushing.delete(session)
      this.atLink(line, { type: 'flush', sessions })
    })
  }

  #newReception(): Reception {
    const reception = openReception({
      pid: RECEIVER,
      incarnation: `00000000000000b${this.life % 10}`,
      cluster: 'lab',
      windowBytes: 400,
      maxMessageBytes: 1_000,
    })
    for (const pid of this.#members) reception.members.add(pid)
    return reception
  }

  #wake(line: Line): void {
    const { wakeAtMs } = line.link
    if (wakeAtMs === Infinity) return
    this.later(Math.max(0, wakeAtMs - this.nowMs), () => {
      if (line.link.wakeAtMs <= this.nowMs) this.atLink(line, { type: 'tick', lagMs: 0 })
    })
  }

  #performLink(line: Line, effect: LinkEffect): void {
    if (effect.type === 'dial') {
      const connection = ++line.connection
      this.later(1, () => {
        if (connection !== line.connection) return
        if (line.reachable) this.atLink(line, { type: 'opened' })
        else this.atLink(line, { type: 'closed', reason: 'refused' })
      })
    } else if (effect.type === 'hang-up') {
      line.connection++
    } else if (effect.type === 'send') {
      this.#there(line, effect.frame)
    } else if (effect.type === 'settled') {
      const pair = this.pairs.find(({ session }) => session === effect.session)
      if (pair === undefined) this.problems.push('somebody who is gone is told of a settlement')
      else this.#bury(pair, effect.settlement)
    }
  }

  #there(line: Line, bytes: readonly Uint8Array[]): void {
    const { connection } = line
    const { life } = this
    const frame = decodeFrame(bytes)
    if (frame.type === 'data') {
      this.frames++
      if (frame.runs.length > TUNING.batchRuns) this.problems.push(`${frame.runs.length} runs`)
      this.runsMost = Math.max(this.runsMost, new Set(frame.runs.map(({ pid }) => pid)).size)
    }
    this.#carry(() => {
      if (this.#deaf || connection !== line.connection || life !== this.life) return
      this.atReception({
        type: 'frame',
        connection: `${line.name}${connection}`,
        frame: decodeFrame(bytes),
      })
    })
  }

  #back(connection: string, bytes: readonly Uint8Array[]): void {
    const line = this.lines.find(({ name }) => connection.startsWith(name))!
    const { life } = this
    this.#carry(() => {
      if (connection !== `${line.name}${line.connection}` || life !== this.life) return
      this.atLink(line, { type: 'frame', frame: decodeFrame(bytes) })
    })
  }

  #carry(arrive: () => void): void {
    const { lose, double, delayMaxMs } = this.faults
    if (this.chance() < lose) return
    this.later(1 + this.chance() * delayMaxMs, arrive)
    if (this.chance() < double) this.later(1 + this.chance() * delayMaxMs, arrive)
  }

  #offer(run: Run): void {
    const cursor = new EntryCursor(run.entries)
    for (let { skip } = run; skip > 0; skip--) cursor.next()
    const held = { run, cursor, next: run.first, left: run.count, unreported: 0, rejections: [] }
    this.#held.push(held)
    if (this.#paused) cursor.keep()
    else this.#take()
  }

  #take(): void {
    while (this.#held.length > 0 && !this.#paused) {
      const held = this.#held[0]!
      while (held.left > 0 && !this.#paused) this.#takeEntry(held)
      this.#report(held)
      if (held.left === 0) this.#held.shift()
    }
  }

  #takeEntry(held: Held): void {
    held.cursor.next()
    const sequence = held.next++
    held.left--
    held.unreported++
    const letter = this.letters[held.cursor.msgId]!
    const { pid, epoch } = held.run.session
    if (letter.pid !== pid)
      this.problems.push(`${held.cursor.msgId} of ${letter.pid} came as ${pid}'s`)
    if (letter.bad) {
      held.rejections.push({ sequence, reason: 'undecodable', detail: '' })
      return
    }
    if (letter.takenIn.includes(this.life)) this.problems.push(`twice: ${held.cursor.msgId}`)
    letter.takenIn.push(this.life)
    const key = `${pid} ${this.life} ${epoch}`
    if ((this.#latest.get(key) ?? -1) > held.cursor.msgId)
      this.problems.push(`overtaken: ${held.cursor.msgId}`)
    this.#latest.set(key, held.cursor.msgId)
    // It may be paused in the middle of a run.
    if (this.faults.lose > 0 && this.chance() < 0.02) {
      this.#paused = true
      this.later(0, () => this.#tellPause())
      this.later(this.chance() * 3_000, () => this.resume())
    }
  }

  #report(held: Held): void {
    const { run, unreported, rejections } = held
    held.unreported = 0
    held.rejections = []
    if (unreported === 0) return
    const bytes = held.left === 0 ? run.bytes : 0
    this.atReception({ type: 'taken', session: run.session, count: unreported, bytes, rejections })
  }

  #bury(pair: Pair, { delivered, receipts, dead }: Settlement): void {
    pair.delivered += delivered
    pair.dead += dead.length
    if (receipts.length !== delivered) this.problems.push('a receipt is missing')
    for (const { ticket } of receipts) this.letters[ticket as number]!.ends.push('delivered')
    for (const { entry, reason, outcome } of dead) {
      this.letters[readEntryHeader(entry).msgId]!.ends.push(`${reason} ${outcome}`)
    }
  }

  /** What holds after every step of a link. */
  #inspect({ link, name }: Line, event: LinkEvent): void {
    const say = (what: string): void =>
      void this.problems.push(`${what} on ${name} after ${event.type} at ${this.nowMs}`)
    // While it is open, a wake-up may come so much later than it could.
    const latestMs = link.phase === 'open' ? this.nowMs + TUNING.probeAfterMs : 0
    const dueMs = Math.max(nextWakeMs(link), latestMs)
    if (link.wakeAtMs > dueMs) say(`wakes at ${link.wakeAtMs}, not ${dueMs} (${link.phase})`)
    const full = framesUnderWay(link) >= link.tuning.framesMax
    if (link.underWay.length > link.tuning.framesMax) say('too many frames are under way')
    if (link.moved.length > 0 || link.stirred) say('somebody has moved and was not told of')
    for (const session of link.line.values()) {
      if (link.sessions.get(session.sender.pid) !== session)
        say('somebody who is gone stands in the line')
    }
    for (const session of link.sessions.values()) {
      const { mail, written, writtenBytes, credit, sender } = session
      const next = mail.at(written) ?? mail.waitingAt(0)
      if (next === undefined || session.standing !== 'welcome' || link.phase !== 'open') continue
      const window = Math.min(sender.limits.windowBytes, credit)
      const may = writtenBytes + sizeOf(next) <= window || (writtenBytes === 0 && window > 0)
      // What was put in a moment ago has its flush under way.
      if (!may || link.line.has(session) || this.#flushing.has(session)) continue
      say(`${sender.pid} could write and is not in the line${full ? ', full' : ''}`)
    }
    this.law()
  }

  #inspectInbound({ pid, settled, received, heldBytes }: Inbound): void {
    if (settled > received) this.problems.push(`${pid} has settled ${settled} of ${received}`)
    if (heldBytes < 0) this.problems.push(`${pid} holds ${heldBytes} bytes`)
    if (settled === received && heldBytes !== 0)
      this.problems.push(`${pid} leaks ${heldBytes} bytes`)
  }

  /** sent = delivered + dead + in flight, of each and in all; and the bytes are those of the entries. */
  law(): void {
    let [sent, ended] = [0, 0]
    for (const { session, sender, sent: mine, delivered, dead } of this.pairs) {
      if (mine !== delivered + dead + inFlight(session))
        this.problems.push(`the law, ${sender.pid}`)
      sent += mine
      ended += delivered + dead + inFlight(session)
      const { mail, waitingBytes, unackedBytes, written, writtenBytes } = session
      const bytes = (count: number, at: (index: number) => Entry | undefined): number =>
        Array.from({ length: count }, (_, index) => sizeOf(at(index)!)).reduce((a, b) => a + b, 0)
      if (
        waitingBytes !== bytes(mail.waiting, (index) => mail.waitingAt(index)) ||
        unackedBytes !== bytes(mail.unacked, (index) => mail.at(index)) ||
        writtenBytes !== bytes(written, (index) => mail.at(index))
      ) {
        this.problems.push(`the bytes of ${sender.pid}`)
      }
    }
    if (sent !== ended) this.problems.push('the law, in all')
  }
}
