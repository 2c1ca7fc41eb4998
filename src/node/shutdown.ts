/** Closing: drain, bounded by a deadline, then say goodbye. */
import type { Environment } from '../ports/environment.ts'

/** What closing needs from the node. */
export interface ShutdownHandler {
  /** Tells whether none of its own mail is in flight any more. */
  isDrained(): boolean
  /** The outbox goes deaf. */
  stopAccepting(): void
  /** Gives up what is left, hangs up and stops listening; `closed` of this farewell follows. */
  tearDown(): void
  /** Completes every stream. */
  complete(): void
}

/** The order in which a node closes. */
export class Shutdown {
  readonly #handler: ShutdownHandler
  readonly #environment: Environment
  readonly #timeoutMs: number
  #phase: 'open' | 'draining' | 'tearing-down' | 'closed' = 'open'
  #promise: Promise<void> | undefined
  #resolve: () => void = () => undefined
  #timer: { unsubscribe(): void } | undefined

  constructor(environment: Environment, timeoutMs: number, handler: ShutdownHandler) {
    this.#environment = environment
    this.#timeoutMs = timeoutMs
    this.#handler = handler
  }

  get isStarted(): boolean {
    return this.#phase !== 'open'
  }

  /** Begins, or tells when it will be over. */
  start(): Promise<void> {
    this.#promise ??= new Promise((resolve) => {
      this.#resolve = resolve
      this.#phase = 'draining'
      this.#handler.stopAccepting()
      this.#timer = this.#environment.scheduler.schedule(() => this.#tearDown(), this.#timeoutMs)
      // Never in the middle of what the caller is doing.
      this.#environment.microtask(() => this.onSettled())
    })
    return this.#promise
  }

  /** Something has left the queues. */
  onSettled(): void {
    if (this.#phase === 'draining' && this.#handler.isDrained()) this.#tearDown()
  }

  /** Nobody is listened to any more. */
  onReceiverClosed(): void {
    if (this.#phase !== 'tearing-down') return
    this.#phase = 'closed'
    this.#handler.complete()
    this.#resolve()
  }

  #tearDown(): void {
    if (this.#phase !== 'draining') return
    this.#phase = 'tearing-down'
    this.#timer?.unsubscribe()
    this.#handler.tearDown()
  }
}
