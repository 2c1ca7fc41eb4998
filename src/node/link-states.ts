/** The states of all links of a node, published at most once per task of the event loop. */
import { Observable } from 'rxjs'
import type { Link, LinkState, Links } from '../model/peer.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { ReadyOptions } from './cluster-node.ts'
import { checkOptions, integerFrom, numberFrom } from '../model/check-arguments.ts'
import type { Environment } from '../ports/environment.ts'
import { LazySubject } from './subjects/lazy-subject.ts'
import { ReadOnlySubject } from './subjects/read-only-subject.ts'
import type { Pid } from '../model/pid.ts'
import { scheduleAfter } from '../ports/long-timer.ts'
import { frozenMap } from '../base/frozen-map.ts'

const READY_OPTIONS = {
  optional: { count: integerFrom({ min: 0 }), timeoutMs: numberFrom({ min: 0 }) },
}
/** A message names up to this many peers. */
const PEERS_NAMED_MAX = 20

/** A subscriber of `ready`. A `count` of undefined means all peers. */
interface ReadyWaiter {
  readonly count: number | undefined
  readonly onReady: () => void
  readonly onClosed: () => void
}

const NO_LINKS: Links = frozenMap([])

/**
 * Collects changes and publishes them together, and only for a subscriber or reader. In a process
 * with 700 nodes, copying the map for each of the 700 links of each would take minutes.
 */
export class LinkStates {
  /** For the application. */
  readonly published: ReadOnlySubject<Links>
  readonly #subject: LazySubject<Links>
  readonly #environment: Environment
  readonly #links = new Map<Pid, Link>()
  /** Links whose state began at the same time share it. */
  #latest: Link | undefined
  readonly #waiters = new Set<ReadyWaiter>()
  #up = 0
  /** Whether a state differs from the last published ones. */
  #changed = true
  #publishScheduled = false
  #ended = false

  constructor(environment: Environment, pids: Iterable<Pid>) {
    this.#environment = environment
    for (const pid of pids) this.#links.set(pid, this.#link('connecting', this.#nowMs(), undefined))
    this.#subject = new LazySubject<Links>(NO_LINKS, () => this.#publish())
    this.published = new ReadOnlySubject(this.#subject)
  }

  set(pid: Pid, state: LinkState, reason?: string): void {
    const previous = this.#links.get(pid)
    const sameState = previous?.state === state
    if (sameState && previous.reason === reason) return
    if (previous?.state === 'up') this.#up--
    if (state === 'up') this.#up++
    this.#links.set(pid, this.#link(state, sameState ? previous.sinceMs : this.#nowMs(), reason))
    this.#schedulePublish()
  }

  /** Adds a peer as `connecting`, if it is new. */
  add(pid: Pid): void {
    if (!this.#links.has(pid)) this.set(pid, 'connecting')
  }

  /** Removes the state of a former peer. */
  remove(pid: Pid): void {
    if (this.#links.get(pid)?.state === 'up') this.#up--
    if (this.#links.delete(pid)) this.#schedulePublish()
  }

  /** Adds new peers as `connecting`, and removes the states of former ones. */
  syncPeers(pids: { has(pid: Pid): boolean } & Iterable<readonly [Pid, unknown]>): void {
    for (const pid of [...this.#links.keys()]) if (!pids.has(pid)) this.remove(pid)
    for (const [pid] of pids) this.add(pid)
  }

  /**
   * Emits once and completes when `count` peers are up; errors with `CLOSED` if the node closes
   * first, with `NOT_READY` after `timeoutMs`.
   */
  ready(options: number | ReadyOptions = {}): Observable<Links> {
    const given = typeof options === 'number' ? { count: options } : options
    checkOptions('ready', given, READY_OPTIONS)
    const { count, timeoutMs = Infinity }: ReadyOptions = given
    return new Observable((subscriber) => {
      const waiter: ReadyWaiter = {
        count,
        onReady: () => {
          subscriber.next(this.published.value)
          subscriber.complete()
        },
        onClosed: () => {
          const message = 'the node was closed before its peers were up'
          subscriber.error(new ClusterError('CLOSED', message))
        },
      }
      if (this.#ended) waiter.onClosed()
      // A pending publication completes all waiters together.
      else if (!this.#publishScheduled && this.#isReady(waiter)) waiter.onReady()
      else {
        this.#waiters.add(waiter)
        subscriber.add(() => this.#waiters.delete(waiter))
        const onTimeout = (): void => subscriber.error(this.#notReady(count, timeoutMs))
        subscriber.add(scheduleAfter(this.#environment.scheduler, onTimeout, timeoutMs))
      }
    })
  }

  #notReady(count: number | undefined, timeoutMs: number): ClusterError {
    const missing = [...this.#links].filter(([, { state }]) => state !== 'up')
    const issues = missing.map(
      ([pid, { state, reason }]) =>
        `peer ${pid} is ${state}${reason === undefined ? '' : ` (${reason})`}`,
    )
    const wanted = count === undefined ? 'all peers are' : `${count} peers are`
    const named = issues.slice(0, PEERS_NAMED_MAX).join(', ') || 'the node has no other peer'
    const others = issues.length - PEERS_NAMED_MAX
    const more = others > 0 ? ` and ${others} others are not up` : ''
    const message = `not ${wanted} up after ${timeoutMs} ms: ${named}${more}`
    return new ClusterError('NOT_READY', message, { issues })
  }

  end(): void {
    this.#publish()
    this.#ended = true
    for (const waiter of [...this.#waiters]) waiter.onClosed()
    this.#subject.complete()
  }

  /** Whole milliseconds take no memory of their own, unlike fractions. */
  #nowMs(): number {
    return Math.floor(this.#environment.monotonicMs())
  }

  #link(state: LinkState, sinceMs: number, reason: string | undefined): Link {
    const { state: latestState, sinceMs: latestMs, reason: latestReason } = this.#latest ?? {}
    if (latestState !== state || latestMs !== sinceMs || latestReason !== reason) {
      this.#latest = Object.freeze(
        reason === undefined ? { state, sinceMs } : { state, sinceMs, reason },
      )
    }
    return this.#latest as Link
  }

  #isReady({ count }: ReadyWaiter): boolean {
    return this.#up >= (count ?? this.#links.size)
  }

  #schedulePublish(): void {
    this.#changed = true
    if (this.#publishScheduled || !this.#isObserved()) return
    this.#publishScheduled = true
    this.#environment.scheduler.schedule(() => {
      this.#publishScheduled = false
      if (this.#ended) return
      this.#publish()
      for (const waiter of [...this.#waiters]) if (this.#isReady(waiter)) waiter.onReady()
    })
  }

  #isObserved(): boolean {
    if (this.#subject.observed) return true
    for (const waiter of this.#waiters) if (this.#isReady(waiter)) return true
    return false
  }

  #publish(): void {
    if (!this.#changed || this.#ended) return
    this.#changed = false
    this.#subject.next(frozenMap(this.#links))
  }
}
