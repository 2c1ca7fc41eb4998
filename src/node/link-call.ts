/** Calls: the connections that a link has had, each of which may still have something to say. */
import type { Caller, Connection, Frame } from '../ports/transport.ts'

/** Who called. */
export interface CallOwner {
  opened(call: Call): void
  frame(call: Call, frame: Frame): void
  lost(call: Call, ...why: Parameters<Caller['closed']>): void
}

/** One call of a link: an object and not three closures, since there are many. */
export class Call implements Caller {
  readonly #owner: CallOwner
  connection: Connection | undefined

  constructor(owner: CallOwner) {
    this.#owner = owner
  }

  opened(): void {
    this.#owner.opened(this)
  }

  frame(frame: Frame): void {
    this.#owner.frame(this, frame)
  }

  closed(...[reason, error]: Parameters<Caller['closed']>): void {
    this.#owner.lost(this, reason, error)
  }
}
