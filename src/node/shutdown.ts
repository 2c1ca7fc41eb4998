/**
 * Closes a node: waits up to `closeTimeoutMs` until nothing is in flight, disconnects, completes
 * the streams.
 */
import type { Dispatcher } from './sending/dispatcher.ts'
import type { Environment } from '../ports/environment.ts'
import type { ReceiverDriver } from './receiving/receiver-driver.ts'

/** How long BYE and LEAVE may take to leave. */
const LINGER_MS = 200

/** Takes the parts of a node through the phases of closing. */
export class Shutdown {
  readonly #environment: Environment
  readonly #timeoutMs: number
  readonly #dispatcher: Dispatcher
  readonly #receiver: ReceiverDriver
  readonly #complete: () => void
  #phase: 'open' | 'draining' | 'tearing-down' | 'closed' = 'open'
  #promise: Promise<void> | undefined
  #resolve: () => void = () => undefined
  #timer: { unsubscribe(): void } | undefined

  /** @param complete completes the streams of the node */
  constructor(
    environment: Environment,
    timeoutMs: number,
    dispatcher: Dispatcher,
    receiver: ReceiverDriver,
    complete: () => void,
  ) {
    this.#environment = environment
    this.#timeoutMs = timeoutMs
    this.#dispatcher = dispatcher
    this.#receiver = receiver
    this.#complete = complete
  }

  get isStarted(): boolean {
    return this.#phase !== 'open'
  }

  /** Starts to close. Every call returns the same promise. */
  start(): Promise<void> {
    this.#promise ??= new Promise((resolve) => {
      this.#resolve = resolve
      this.#phase = 'draining'
      this.#timer = this.#environment.scheduler.schedule(() => this.#tearDown(), this.#timeoutMs)
      this.#dispatcher.drain(() => this.#tearDown())
    })
    return this.#promise
  }

  #tearDown(): void {
    if (this.#phase !== 'draining') return
    this.#phase = 'tearing-down'
    this.#timer?.unsubscribe()
    this.#dispatcher.close()
    this.#receiver.close(LINGER_MS, () => this.#onReceiverClosed())
  }

  #onReceiverClosed(): void {
    if (this.#phase !== 'tearing-down') return
    this.#phase = 'closed'
    this.#complete()
    this.#resolve()
  }
}
