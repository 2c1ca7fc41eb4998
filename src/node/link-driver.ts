/**
 * A link in the world: gives the pure link its connection, its clock and its dice, and performs its
 * effects.
 */
import type { LinkEffect, LinkEvent } from '../core/link.ts'
import { type Link, openLink, stepLink } from '../core/link.ts'
import type { Connection, Frame, Transport, TransportOptions } from '../ports/transport.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { Environment } from '../ports/environment.ts'
import type { Outbound } from '../core/outbound.ts'
import type { Pid } from '../model/pid.ts'
import { Call, type CallOwner } from './link-call.ts'
import type { SessionOwner } from './session-owner.ts'
import { Alarm, type AlarmOwner } from './alarm.ts'
import { type FlushOwner, FlushPace } from './flush-pace.ts'
import { LAG_MS, LINK_TUNING } from '../core/link-tuning.ts'
import { Turns } from './turns.ts'
import { Unreadable } from '../core/wire/bytes.ts'
import { decodeFrame } from '../core/wire/decode-frame.ts'

/** LEAVE has so long to get out. */
const LINGER_MS = 200

/** Whom a link calls, and how. */
export interface LinkNames {
  readonly cluster: string
  readonly to: Pid
  readonly endpoint: string
  readonly options: TransportOptions
}

/** Who is told that this process has stood still. */
export interface LagOwner {
  lagged(environment: Environment, lagMs: number): void
}

/** Drives one link. */
export class LinkDriver implements AlarmOwner, CallOwner, FlushOwner {
  readonly #environment: Environment
  readonly #transport: Transport
  readonly #names: LinkNames
  readonly #turns = new Turns<LinkEvent | 'close'>((event) => {
    if (event === 'close') this.#hangUp()
    else if (event.type !== 'add') this.#step(event)
    else if (this.#joining?.delete(event.session) === true) this.#step(event)
  })
  readonly #alarm: Alarm
  readonly #pace: FlushPace
  readonly #lags: LagOwner
  #link: Link
  #connection: Connection | undefined
  /** Who joins as soon as what is being told has been told: seldom anybody. */
  #joining: Set<Outbound> | undefined
  /** Who has something new to write. */
  #ready: Outbound[] = []
  #short = false
  #closed = false

  constructor(environment: Environment, transport: Transport, names: LinkNames, lags: LagOwner) {
    const { cluster, to } = names
    this.#environment = environment
    this.#transport = transport
    this.#names = names
    this.#link = openLink({ cluster, to, tuning: LINK_TUNING }, environment.monotonicMs())
    this.#lags = lags
    this.#pace = new FlushPace(environment, this)
    this.#alarm = new Alarm(environment, this)
  }

  ring(lagMs: number): void {
    if (lagMs >= LAG_MS) this.#lags.lagged(this.#environment, lagMs)
    this.#turns.take({ type: 'tick', lagMs })
  }

  get endpoint(): string {
    return this.#names.endpoint
  }

  /** Tells whether it calls the same node, for the same cluster, with the same options. */
  calls({ cluster, to, endpoint, options }: LinkNames): boolean {
    const mine = this.#names
    if (mine.to !== to || mine.endpoint !== endpoint || mine.cluster !== cluster) return false
    return mine.options.maxPartBytes === options.maxPartBytes
  }

  /** Tells whether it carries nobody. */
  get idle(): boolean {
    return this.#link.sessions.size + (this.#joining?.size ?? 0) === 0
  }

  /** Tells whether a local node of this pid is on it. */
  carries(pid: Pid): boolean {
    if (this.#link.sessions.has(pid)) return true
    return [...(this.#joining ?? [])].some(({ sender }) => sender.pid === pid)
  }

  add(session: Outbound): void {
    this.#joining ??= new Set()
    this.#joining.add(session)
    this.#turns.take({ type: 'add', session })
    if (this.#joining.size === 0) this.#joining = undefined
    this.#pace.soon()
  }

  remove(session: Outbound, moves: boolean): void {
    // At once, whatever is being told: from now on its owner hears nothing more of this link.
    this.#joining?.delete(session)
    this.#advance({ type: 'remove', session, moves })
    this.#pace.soon()
  }

  /** Writes what is waiting in a session, soon; sooner where somebody waits for it. */
  flush(session: Outbound, awaited: boolean): void {
    // A flood puts in thousands in a row.
    const ready = this.#ready
    if (ready.length === 0) this.#ready = [session]
    else if (ready[ready.length - 1] !== session) ready.push(session)
    this.#pace.put(awaited)
  }

  /** Hangs up for good, after everything that was to be said before. */
  close(): void {
    this.#closed = true
    this.#alarm.cancel()
    this.flushNow()
    this.#turns.take('close')
  }

  flushNow(): void {
    const sessions = this.#ready
    this.#ready = []
    this.#turns.take({ type: 'flush', sessions })
  }

  #hangUp(): void {
    this.#connection?.close(LINGER_MS)
    this.#connection = undefined
  }

  #advance(event: LinkEvent): readonly LinkEffect[] {
    const { monotonicMs, chance } = this.#environment
    const at = { nowMs: monotonicMs(), chance }
    const [link, effects] = stepLink(this.#link, event, at)
    this.#link = link
    return effects
  }

  /** Those who are left hear nothing more. */
  #ownerOf(session: Outbound): SessionOwner | undefined {
    const present = this.#link.sessions.get(session.sender.pid) === session
    return present ? (session.owner as SessionOwner) : undefined
  }

  #each(tell: (owner: SessionOwner) => void): void {
    for (const { owner } of [...this.#link.sessions.values()]) tell(owner as SessionOwner)
  }

  #step(event: LinkEvent): void {
    const effects = this.#advance(event)
    // What is counted must be told, even if one of those who are told takes a session off the link.
    const owners: SessionOwner[] = []
    for (const effect of effects) {
      if (effect.type !== 'settled') continue
      const owner = effect.session.owner as SessionOwner
      owner.count(effect.settlement)
      owners.push(owner)
    }
    let told = 0
    for (const effect of effects) {
      if (effect.type === 'settled') owners[told++]?.settled(effect.settlement)
      else this.#perform(effect)
    }
    if (!this.idle) this.#alarm.set(this.#link.wakeAtMs)
  }

  #perform(effect: Exclude<LinkEffect, { readonly type: 'settled' }>): void {
    switch (effect.type) {
      case 'send':
        this.#connection?.send(effect.frame)
        return
      case 'dial':
        if (!this.#closed) this.#dial()
        return
      case 'hang-up':
        this.#connection?.close(0)
        this.#connection = undefined
        return
      case 'state':
        this.#ownerOf(effect.session)?.state(effect.state)
        return
      case 'welcomed':
        this.#ownerOf(effect.session)?.welcomed(effect.restarted)
        return
      case 'refused':
        this.#ownerOf(effect.session)?.refused(effect.reason, effect.detail)
        return
      case 'bad-frame':
        this.#each((owner) => owner.badFrame(effect.detail))
    }
  }

  #dial(): void {
    const { endpoint, options } = this.#names
    const call = new Call(this)
    const connection = this.#transport.connect(endpoint, options, call)
    call.connection = connection
    this.#connection = connection
  }

  /** A connection that was hung up may still have something to say: nobody listens then. */
  #isMine({ connection }: Call): boolean {
    return connection !== undefined && this.#connection === connection
  }

  opened(call: Call): void {
    this.#short = false
    if (this.#isMine(call)) this.#turns.take({ type: 'opened' })
  }

  frame(call: Call, frame: Frame): void {
    if (this.#isMine(call)) this.#hear(frame)
  }

  lost(
    call: Call,
    reason: string,
    error: (Error & { readonly code?: string | undefined }) | undefined,
  ): void {
    if (!this.#isMine(call)) return
    this.#connection = undefined
    if (error?.code === 'EMFILE') this.#outOfDescriptors(error)
    this.#turns.take({ type: 'closed', reason })
  }

  #outOfDescriptors(cause: Error): void {
    if (this.#short) return
    this.#short = true
    const error = new ClusterError('DESCRIPTORS_EXHAUSTED', cause.message, { cause })
    this.#each((owner) => owner.failed(error))
  }

  #hear(bytes: Frame): void {
    try {
      this.#turns.take({ type: 'frame', frame: decodeFrame(bytes) })
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      this.#each((owner) => owner.badFrame(error.message))
    }
  }
}
