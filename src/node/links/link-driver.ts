/** Drives a link: passes it events, time and random numbers, and performs its effects. */
import {
  type Link,
  type LinkEffect,
  type LinkEvent,
  createLink,
} from '../../protocol/link/link-state.ts'
import type {
  ConnectionHandler,
  Frame,
  Transport,
  TransportOptions,
} from '../../ports/transport.ts'
import { ClusterError } from '../../model/cluster-error.ts'
import type { Environment } from '../../ports/environment.ts'
import type { OutboundSession } from '../../protocol/session/outbound-session.ts'
import type { LinkState } from '../../model/peer.ts'
import type { RefusalReason } from '../../model/node-event.ts'
import type { Settlement } from '../../protocol/session/entries.ts'
import type { Pid } from '../../model/pid.ts'
import { DeadlineTimer } from './deadline-timer.ts'
import { FlushScheduler } from './flush-scheduler.ts'
import { EMPTY_LIST, append } from '../../base/list.ts'
import { LINK_TUNING } from '../../protocol/link/tuning.ts'
import { LinkConnection } from './link-connection.ts'
import { LinkKeys } from './link-keys.ts'
import { SerialQueue } from '../subjects/serial-queue.ts'
import { MalformedFrame } from '../../protocol/wire/frame-bytes.ts'
import { stepLink } from '../../protocol/link/link.ts'
import { decodeFrame } from '../../protocol/wire/decode-frame.ts'

/** How long LEAVE may take to leave. */
const LINGER_MS = 200

/** Observes what a link does for a session: the outbox of a peer. */
export interface SessionObserver {
  /**
   * Counts a settlement. Must not call back: every settlement of a step is counted before any of
   * them is reported.
   */
  recordSettlement(settlement: Settlement): void
  settled(settlement: Settlement): void
  linkState(linkState: LinkState, reason: string | undefined): void
  established(): void
  refused(reason: RefusalReason, detail: string): void
  badFrame(detail: string): void
  /** No socket could be opened for the link. Called once until one can. */
  linkFailed(error: ClusterError): void
}

/** The node that a link connects to, and the options of its connections. */
export interface LinkTarget {
  readonly cluster: string
  readonly to: Pid
  readonly endpoint: string
  /** Where the local node listens. */
  readonly ownEndpoint: string
  /** Whether the local node has keys. */
  readonly keyed: boolean
  readonly options: TransportOptions
}

/** Runs one step of its link at a time. */
export class LinkDriver implements ConnectionHandler {
  readonly #environment: Environment
  readonly #transport: Transport
  readonly #endpoint: string
  readonly #options: TransportOptions
  readonly #onLag: (lagMs: number, environment: Environment) => void
  readonly #queue = new SerialQueue<LinkEvent | 'close', LinkDriver>(LinkDriver.#handle, this)
  readonly #timer: DeadlineTimer<LinkDriver>
  readonly #flusher: FlushScheduler<LinkDriver>
  readonly #keys = new LinkKeys()
  #link: Link
  #connection: LinkConnection | undefined
  /** Sessions whose `add` waits in the queue. */
  #attaching: OutboundSession[] = EMPTY_LIST
  /** Sessions with new entries since the last flush; the link keeps those that may write. */
  #ready: OutboundSession[] = EMPTY_LIST
  #outOfDescriptors = false
  /** Whether the present connection has opened. */
  #hasOpened = false
  #closed = false

  /** @param onLag called when this process stalled for `lagMs` */
  constructor(
    environment: Environment,
    transport: Transport,
    target: LinkTarget,
    onLag: (lagMs: number, environment: Environment) => void,
  ) {
    const { cluster, to, ownEndpoint, keyed } = target
    this.#environment = environment
    this.#transport = transport
    this.#endpoint = target.endpoint
    this.#options = target.options
    const link = { cluster, to, ownEndpoint, keyed, tuning: LINK_TUNING }
    this.#link = createLink(link, environment.monotonicMs())
    this.#onLag = onLag
    // No closures: a process with 700 nodes has half a million links.
    this.#flusher = new FlushScheduler<LinkDriver>(environment, LinkDriver.#onFlushDue, this)
    this.#timer = new DeadlineTimer<LinkDriver>(environment, LinkDriver.#onDue, this)
  }

  static #handle(this: void, event: LinkEvent | 'close', driver: LinkDriver): void {
    if (event === 'close') driver.#disconnect()
    else if (event.type !== 'add' || driver.#removeAttaching(event.session)) driver.#step(event)
  }

  static #onDue(this: void, lagMs: number, driver: LinkDriver): void {
    if (lagMs >= LINK_TUNING.lagMinMs) driver.#onLag(lagMs, driver.#environment)
    driver.#queue.run({ type: 'tick', lagMs })
  }

  /** `close` flushes, too. */
  static #onFlushDue(this: void, driver: LinkDriver): void {
    if (!driver.#closed) LinkDriver.#flush(driver)
  }

  static #flush(driver: LinkDriver): void {
    const sessions = driver.#ready
    driver.#ready = EMPTY_LIST
    driver.#queue.run({ type: 'flush', sessions })
  }

  get endpoint(): string {
    return this.#endpoint
  }

  /** Returns whether it connects to the same node of the same cluster with the same options. */
  matches({ cluster, to, endpoint, keyed, options }: LinkTarget): boolean {
    const link = this.#link
    if (link.to !== to || this.#endpoint !== endpoint || link.cluster !== cluster) return false
    if (link.keyed !== keyed) return false
    return this.#options.maxPartBytes === options.maxPartBytes
  }

  /** Whether it carries no session. */
  get isIdle(): boolean {
    return this.#link.sessions.size + this.#attaching.length === 0
  }

  /** Returns whether it carries a session of a local node with this pid. */
  hasLocal(pid: Pid): boolean {
    if (this.#link.sessions.has(pid)) return true
    return this.#attaching.some(({ localNode }) => localNode.pid === pid)
  }

  add(session: OutboundSession): void {
    this.#attaching = append(this.#attaching, session)
    this.#queue.run({ type: 'add', session })
    this.#flusher.schedule()
  }

  remove(session: OutboundSession, migrates: boolean): void {
    // Not queued: no observer may be called for the session after this returns.
    this.#removeAttaching(session)
    this.#applyEvent({ type: 'remove', session, migrates })
    this.#flusher.schedule()
  }

  /** Schedules a flush of a session. @param awaited whether the sender of the new entry waits */
  flush(session: OutboundSession, awaited: boolean): void {
    // Thousands of entries in a row are common.
    if (this.#ready[this.#ready.length - 1] !== session) {
      this.#ready = append(this.#ready, session)
    }
    this.#flusher.enqueued(awaited)
  }

  opened(): void {
    this.#outOfDescriptors = false
    this.#hasOpened = true
    this.#queue.run({ type: 'opened' })
  }

  frame(frame: Frame): void {
    try {
      this.#queue.run({ type: 'frame', frame: decodeFrame(frame) })
    } catch (error) {
      if (!(error instanceof MalformedFrame)) throw error
      this.#notifyAll((observer) => observer.badFrame(error.message))
    }
  }

  /** The connection is closed, and not by `LinkConnection.detach`. */
  closed(reason: string, error?: Error & { readonly code?: string | undefined }): void {
    this.#connection = undefined
    if (error?.code === 'EMFILE') this.#onOutOfDescriptors(error)
    else if (!this.#hasOpened) this.#keys.failed(error?.code)
    this.#queue.run({ type: 'closed', reason })
  }

  /** Closes the link for good, after a flush and all queued events. */
  close(): void {
    this.#closed = true
    this.#timer.cancel()
    LinkDriver.#flush(this)
    this.#queue.run('close')
  }

  /** @returns whether the session was waiting */
  #removeAttaching(session: OutboundSession): boolean {
    const index = this.#attaching.indexOf(session)
    if (index < 0) return false
    if (this.#attaching.length === 1) this.#attaching = EMPTY_LIST
    else this.#attaching.splice(index, 1)
    return true
  }

  #disconnect(lingerMs = LINGER_MS): void {
    this.#connection?.detach(lingerMs)
    this.#connection = undefined
  }

  #applyEvent(event: LinkEvent): readonly LinkEffect[] {
    const { monotonicMs, random } = this.#environment
    const context = { nowMs: monotonicMs(), random }
    const [link, effects] = stepLink(this.#link, event, context)
    this.#link = link
    return effects
  }

  /** @returns undefined for a session that has left the link */
  #observerOf(session: OutboundSession): SessionObserver | undefined {
    const isPresent = this.#link.sessions.get(session.localNode.pid) === session
    return isPresent ? (session.observer as SessionObserver) : undefined
  }

  #notifyAll(notify: (observer: SessionObserver) => void): void {
    for (const { observer } of [...this.#link.sessions.values()])
      notify(observer as SessionObserver)
  }

  #step(event: LinkEvent): void {
    const effects = this.#applyEvent(event)
    // Count all settlements before any is reported: an observer may read the counters. Report all
    // that are counted, even if an observer removes a session from the link meanwhile.
    let observers: SessionObserver[] = EMPTY_LIST
    for (const effect of effects) {
      if (effect.type !== 'settled') continue
      const observer = effect.session.observer as SessionObserver
      observer.recordSettlement(effect.settlement)
      observers = append(observers, observer)
    }
    let notified = 0
    for (const effect of effects) {
      if (effect.type === 'settled') observers[notified++]?.settled(effect.settlement)
      else this.#perform(effect)
    }
    if (!this.isIdle) this.#timer.set(this.#link.nextTickMs)
  }

  #perform(effect: Exclude<LinkEffect, { readonly type: 'settled' }>): void {
    switch (effect.type) {
      case 'send':
        this.#connection?.send(effect.frame)
        return
      case 'dial':
        if (!this.#closed) this.#dial()
        return
      case 'disconnect':
        this.#disconnect(0)
        return
      case 'state':
        this.#observerOf(effect.session)?.linkState(effect.state, effect.reason)
        return
      case 'established':
        this.#observerOf(effect.session)?.established()
        return
      case 'refused':
        this.#observerOf(effect.session)?.refused(effect.reason, effect.detail)
        return
      case 'bad-frame':
        this.#notifyAll((observer) => observer.badFrame(effect.detail))
    }
  }

  #dial(): void {
    const security = this.#keys.next(this.#link.sessions.values())
    if (security === undefined && this.#link.keyed) {
      // Never without keys: any process that answers would get the envelopes unencrypted.
      const reason = `this node has no public key of peer ${this.#link.to}`
      this.#queue.run({ type: 'closed', reason })
      return
    }
    const options = security === undefined ? this.#options : { ...this.#options, security }
    this.#hasOpened = false
    this.#connection = new LinkConnection(this)
    this.#connection.dial(this.#transport, this.#endpoint, options)
  }

  #onOutOfDescriptors(cause: Error): void {
    if (this.#outOfDescriptors) return
    this.#outOfDescriptors = true
    const error = new ClusterError('DESCRIPTORS_EXHAUSTED', cause.message, { cause })
    this.#notifyAll((observer) => observer.linkFailed(error))
  }
}
