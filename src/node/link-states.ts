/** The links: how they stand, told at most once per turn of the event loop. */
import { type BehaviorSubject, Observable } from 'rxjs'
import type { LinkState, Links } from '../model/peer.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { Environment } from '../ports/environment.ts'
import { LazySubject } from './lazy-subject.ts'
import type { Pid } from '../model/pid.ts'
import { frozenMap } from '../model/frozen-map.ts'

/** Somebody waits until so many peers are up; undefined: all there are then. */
interface Waiting {
  readonly count: number | undefined
  readonly ready: () => void
  readonly ended: () => void
}

const NOTHING_YET: Links = frozenMap([])

/**
 * Collects changes, and tells them together; and while nobody listens or asks, they are not even
 * put together: copying a map for each of 700 links that come up would take seconds, for each of
 * 700 nodes.
 */
export class LinkStates {
  readonly subject: BehaviorSubject<Links>
  readonly #environment: Environment
  readonly #states = new Map<Pid, LinkState>()
  readonly #waiting = new Set<Waiting>()
  #up = 0
  /** Since the subject was told; it has been told nothing yet. */
  #changed = true
  #due = false
  #ended = false

  constructor(environment: Environment, pids: Iterable<Pid>) {
    this.#environment = environment
    for (const pid of pids) this.#states.set(pid, 'connecting')
    this.subject = new LazySubject<Links>(NOTHING_YET, () => this.#publish())
  }

  set(pid: Pid, state: LinkState): void {
    const before = this.#states.get(pid)
    if (before === state) return
    if (before === 'up') this.#up--
    if (state === 'up') this.#up++
    this.#states.set(pid, state)
    this.#tellSoon()
  }

  /** Those who are new are connecting; those who are gone are gone. */
  keep(pids: { has(pid: Pid): boolean } & Iterable<readonly [Pid, unknown]>): void {
    for (const [pid, state] of [...this.#states]) {
      if (pids.has(pid)) continue
      if (state === 'up') this.#up--
      this.#states.delete(pid)
      this.#tellSoon()
    }
    for (const [pid] of pids) if (!this.#states.has(pid)) this.set(pid, 'connecting')
  }

  /**
   * Emits once and completes when so many peers are up; errors with `CLOSED` if the node ends
   * before.
   *
   * @param count default: all there are then
   */
  ready(count?: number): Observable<Links> {
    return new Observable((subscriber) => {
      const waiting: Waiting = {
        count,
        ready: () => {
          subscriber.next(this.subject.value)
          subscriber.complete()
        },
        ended: () => {
          const message = 'the node was closed before its peers were up'
          subscriber.error(new ClusterError('CLOSED', message))
        },
      }
      if (this.#ended) waiting.ended()
      // What is about to be told is told to everybody at once.
      else if (!this.#due && this.#isReady(waiting)) waiting.ready()
      else this.#waiting.add(waiting)
      return () => this.#waiting.delete(waiting)
    })
  }

  end(): void {
    this.#publish()
    this.#ended = true
    for (const waiting of [...this.#waiting]) waiting.ended()
    this.subject.complete()
  }

  #isReady({ count }: Waiting): boolean {
    return this.#up >= (count ?? this.#states.size)
  }

  #tellSoon(): void {
    this.#changed = true
    if (this.#due || !this.#isAwaited()) return
    this.#due = true
    this.#environment.scheduler.schedule(() => {
      this.#due = false
      if (this.#ended) return
      this.#publish()
      for (const waiting of [...this.#waiting]) if (this.#isReady(waiting)) waiting.ready()
    })
  }

  #isAwaited(): boolean {
    if (this.subject.observed) return true
    for (const waiting of this.#waiting) if (this.#isReady(waiting)) return true
    return false
  }

  #publish(): void {
    if (!this.#changed || this.#ended) return
    this.#changed = false
    this.subject.next(frozenMap(this.#states))
  }
}
