/** The links: how they stand, told at most once per turn of the event loop. */
import type { LinkState, Links } from '../model/peer.ts'
import { BehaviorSubject } from 'rxjs'
import type { Environment } from '../ports/environment.ts'
import type { Pid } from '../model/pid.ts'
import { frozenMap } from '../model/frozen-map.ts'

/**
 * Collects changes, and tells them together: copying a map for each of 700 links that come up at
 * once would take seconds.
 */
export class LinkStates {
  readonly subject: BehaviorSubject<Links>
  readonly #environment: Environment
  readonly #states = new Map<Pid, LinkState>()
  #due = false
  #ended = false

  constructor(environment: Environment, pids: Iterable<Pid>) {
    this.#environment = environment
    for (const pid of pids) this.#states.set(pid, 'connecting')
    this.subject = new BehaviorSubject<Links>(frozenMap(this.#states))
  }

  set(pid: Pid, state: LinkState): void {
    if (this.#states.get(pid) === state) return
    this.#states.set(pid, state)
    this.#tellSoon()
  }

  /** Those who are new are connecting; those who are gone are gone. */
  keep(pids: { has(pid: Pid): boolean } & Iterable<readonly [Pid, unknown]>): void {
    for (const pid of [...this.#states.keys()]) {
      if (pids.has(pid)) continue
      this.#states.delete(pid)
      this.#tellSoon()
    }
    for (const [pid] of pids) if (!this.#states.has(pid)) this.set(pid, 'connecting')
  }

  end(): void {
    this.#ended = true
    this.subject.complete()
  }

  #tellSoon(): void {
    if (this.#due) return
    this.#due = true
    this.#environment.scheduler.schedule(() => {
      this.#due = false
      if (!this.#ended) this.subject.next(frozenMap(this.#states))
    })
  }
}
