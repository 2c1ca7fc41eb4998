/** Closing: drain, bounded by a deadline, then say goodbye. */
import type { Environment } from '../ports/environment.ts'

/** What closing needs from the node. */
export interface FarewellOwner {
  /** Tells whether none of its own mail is in flight any more. */
  drained(): boolean
  /** The outbox goes deaf. */
  shut(): void
  /** Gives up what is left, hangs up and stops listening; `closed` of this farewell follows. */
  leave(): void
  /** Completes every stream. */
  end(): void
}

/** The order in which a node closes. */
export class Farewell {
  readonly #owner: FarewellOwner
  readonly #environment: Environment
  readonly #timeoutMs: number
  #phase: 'open' | 'draining' | 'leaving' | 'closed' = 'open'
  #promise: Promise<void> | undefined
  #resolve: () => void = () => undefined
  #deadline: { unsubscribe(): void } | undefined

  constructor(environment: Environment, timeoutMs: number, owner: FarewellOwner) {
    this.#environment = environment
    this.#timeoutMs = timeoutMs
    this.#owner = owner
  }

  get begun(): boolean {
    return this.#phase !== 'open'
  }

  /** Begins, or tells when it will be over. */
  begin(): Promise<void> {
    this.#promise ??= new Promise((resolve) => {
      this.#resolve = resolve
      this.#phase = 'draining'
      this.#owner.shut()
      this.#deadline = this.#environment.scheduler.schedule(() => this.#leave(), this.#timeoutMs)
      // Never in the middle of what the caller is doing.
      this.#environment.soon(() => this.settled())
    })
    return this.#promise
  }

  /** Something has left the queues. */
  settled(): void {
    if (this.#phase === 'draining' && this.#owner.drained()) this.#leave()
  }

  /** Nobody is listened to any more. */
  closed(): void {
    if (this.#phase !== 'leaving') return
    this.#phase = 'closed'
    this.#owner.end()
    this.#resolve()
  }

  #leave(): void {
    if (this.#phase !== 'draining') return
    this.#phase = 'leaving'
    this.#deadline?.unsubscribe()
    this.#owner.leave()
  }
}
