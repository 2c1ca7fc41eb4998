/** A link in the world: gives the pure link its connection, clock and dice, and acts for it. */
import { type Link, type LinkEffect, type LinkEvent, openLink, stepLink } from '../core/link.ts'
import type { Caller, Frame, Transport, TransportOptions } from '../ports/transport.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { Environment } from '../ports/environment.ts'
import type { Outbound } from '../core/outbound.ts'
import type { Pid } from '../model/pid.ts'
import type { SessionOwner } from './session-owner.ts'
import { Alarm } from './alarm.ts'
import { FlushPace } from './flush-pace.ts'
import { EMPTY_ROW, appended } from '../core/row.ts'
import { LAG_MS, LINK_TUNING } from '../core/link-tuning.ts'
import { LinkCall } from './link-call.ts'
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

/** Drives one link. */
export class LinkDriver implements Caller {
  readonly #environment: Environment
  readonly #transport: Transport
  readonly #endpoint: string
  readonly #options: TransportOptions
  readonly #lagged: (lagMs: number, environment: Environment) => void
  readonly #turns = new Turns<LinkEvent | 'close', LinkDriver>(LinkDriver.#take, this)
  readonly #alarm: Alarm<LinkDriver>
  readonly #pace: FlushPace<LinkDriver>
  #link: Link
  #call: LinkCall | undefined
  /** Who joins as soon as what is being told has been told. */
  #joining: Outbound[] = EMPTY_ROW
  /** Who has something new to write. */
  #ready: Outbound[] = EMPTY_ROW
  #short = false
  #closed = false

  /** @param lagged is told that this process did not run for so many milliseconds */
  constructor(
    environment: Environment,
    transport: Transport,
    names: LinkNames,
    lagged: (lagMs: number, environment: Environment) => void,
  ) {
    const { cluster, to } = names
    this.#environment = environment
    this.#transport = transport
    this.#endpoint = names.endpoint
    this.#options = names.options
    this.#link = openLink({ cluster, to, tuning: LINK_TUNING }, environment.monotonicMs())
    this.#lagged = lagged
    // No closures: a process with 700 nodes has half a million links.
    this.#pace = new FlushPace<LinkDriver>(environment, LinkDriver.#flushLater, this)
    this.#alarm = new Alarm<LinkDriver>(environment, LinkDriver.#ring, this)
  }

  static #take(this: void, event: LinkEvent | 'close', driver: LinkDriver): void {
    if (event === 'close') driver.#hangUp()
    else if (event.type !== 'add' || driver.#joins(event.session)) driver.#step(event)
  }

  static #ring(this: void, lagMs: number, driver: LinkDriver): void {
    if (lagMs >= LAG_MS) driver.#lagged(lagMs, driver.#environment)
    driver.#turns.take({ type: 'tick', lagMs })
  }

  /** What was to be said is said when the link closes. */
  static #flushLater(this: void, driver: LinkDriver): void {
    if (!driver.#closed) LinkDriver.#flush(driver)
  }

  static #flush(driver: LinkDriver): void {
    const sessions = driver.#ready
    driver.#ready = EMPTY_ROW
    driver.#turns.take({ type: 'flush', sessions })
  }

  get endpoint(): string {
    return this.#endpoint
  }

  /** Tells whether it calls the same node, for the same cluster, with the same options. */
  calls({ cluster, to, endpoint, options }: LinkNames): boolean {
    const mine = this.#link
    if (mine.to !== to || this.#endpoint !== endpoint || mine.cluster !== cluster) return false
    return this.#options.maxPartBytes === options.maxPartBytes
  }

  /** Tells whether it carries nobody. */
  get idle(): boolean {
    return this.#link.sessions.size + this.#joining.length === 0
  }

  /** Tells whether a local node of this pid is on it. */
  carries(pid: Pid): boolean {
    if (this.#link.sessions.has(pid)) return true
    return this.#joining.some(({ sender }) => sender.pid === pid)
  }

  add(session: Outbound): void {
    this.#joining = appended(this.#joining, session)
    this.#turns.take({ type: 'add', session })
    this.#pace.soon()
  }

  remove(session: Outbound, moves: boolean): void {
    // At once, whatever is being told: from now on its owner hears nothing more of this link.
    this.#joins(session)
    this.#advance({ type: 'remove', session, moves })
    this.#pace.soon()
  }

  /** Writes what is waiting in a session, soon; sooner where somebody waits for it. */
  flush(session: Outbound, awaited: boolean): void {
    // A flood puts in thousands in a row.
    if (this.#ready[this.#ready.length - 1] !== session) {
      this.#ready = appended(this.#ready, session)
    }
    this.#pace.put(awaited)
  }

  /** Its connection is open. */
  opened(): void {
    this.#short = false
    this.#turns.take({ type: 'opened' })
  }

  /** A frame came in. */
  frame(frame: Frame): void {
    try {
      this.#turns.take({ type: 'frame', frame: decodeFrame(frame) })
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      this.#each((owner) => owner.badFrame(error.message))
    }
  }

  /** Its connection is over, and it was not the link that hung up. */
  closed(reason: string, error?: Error & { readonly code?: string | undefined }): void {
    this.#call = undefined
    if (error?.code === 'EMFILE') this.#outOfDescriptors(error)
    this.#turns.take({ type: 'closed', reason })
  }

  /** Hangs up for good, after everything that was to be said before. */
  close(): void {
    this.#closed = true
    this.#alarm.cancel()
    LinkDriver.#flush(this)
    this.#turns.take('close')
  }

  /** It waits no longer. @returns whether it did */
  #joins(session: Outbound): boolean {
    const index = this.#joining.indexOf(session)
    if (index < 0) return false
    if (this.#joining.length === 1) this.#joining = EMPTY_ROW
    else this.#joining.splice(index, 1)
    return true
  }

  #hangUp(lingerMs = LINGER_MS): void {
    this.#call?.hangUp(lingerMs)
    this.#call = undefined
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
    let owners: SessionOwner[] = EMPTY_ROW
    for (const effect of effects) {
      if (effect.type !== 'settled') continue
      const owner = effect.session.owner as SessionOwner
      owner.count(effect.settlement)
      owners = appended(owners, owner)
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
        this.#call?.send(effect.frame)
        return
      case 'dial':
        if (!this.#closed) this.#dial()
        return
      case 'hang-up':
        this.#hangUp(0)
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
    this.#call = new LinkCall(this)
    this.#call.dial(this.#transport, this.#endpoint, this.#options)
  }

  #outOfDescriptors(cause: Error): void {
    if (this.#short) return
    this.#short = true
    const error = new ClusterError('DESCRIPTORS_EXHAUSTED', cause.message, { cause })
    this.#each((owner) => owner.failed(error))
  }
}
