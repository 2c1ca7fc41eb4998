/** A reception in the world: binds it, brings it the frames, and performs its effects. */
import type {
  Binding,
  ConnectionId,
  Frame,
  Transport,
  TransportOptions,
} from '../ports/transport.ts'
import type { Inbound, Run } from '../core/inbound.ts'
import { type Reception, stepReception } from '../core/reception.ts'
import type { ReceptionEffect, ReceptionEvent } from '../core/reception.ts'
import type { Environment } from '../ports/environment.ts'
import type { NodeEvent } from '../model/node-event.ts'
import type { Pid } from '../model/pid.ts'
import type { Rejection } from '../core/wire/frames.ts'
import { ClusterError } from '../model/cluster-error.ts'
import { Turns } from './turns.ts'
import { Unreadable } from '../core/wire/bytes.ts'
import { decodeFrame } from '../core/wire/decode-frame.ts'

/** A port that was closed a moment ago is not free at once: binding is tried again for so long. */
const BIND_PATIENCE_MS = 1_000
const BIND_RETRY_MS = 20

/** An acknowledgement that nobody waits for may wait for so long. */
const ACK_DELAY_MS = 5

/** What the node behind a reception is told. */
export interface ReceptionOwner {
  take(run: Run): void
  event(event: NodeEvent): void
  bound(endpoint: string): void
  failed(error: ClusterError): void
  /** Everything is released. */
  closed(): void
}

/** Drives the reception of one node. */
export class ReceptionDriver {
  readonly #environment: Environment
  readonly #transport: Transport
  readonly #endpoint: string
  readonly #options: TransportOptions
  readonly #owner: ReceptionOwner
  readonly #turns = new Turns<ReceptionEvent | (() => void), undefined>((event) => {
    if (typeof event === 'function') event()
    else this.#step(event)
  }, undefined)
  readonly #bornMs: number
  #state: Reception
  #binding: Binding | undefined
  #flushing = false
  #delayed = false
  #closing = false

  constructor(
    environment: Environment,
    transport: Transport,
    at: { readonly endpoint: string; readonly options: TransportOptions },
    state: Reception,
    owner: ReceptionOwner,
  ) {
    this.#environment = environment
    this.#transport = transport
    this.#endpoint = at.endpoint
    this.#options = at.options
    this.#state = state
    this.#owner = owner
    this.#bornMs = environment.monotonicMs()
    this.#bind()
  }

  members(pids: ReadonlySet<Pid>): void {
    this.#turns.take({ type: 'members', pids })
  }

  /** It only counts, and nobody hears of it before the flush: it need not wait for its turn. */
  taken(session: Inbound, count: number, bytes: number, rejections: readonly Rejection[]): void {
    this.#step({ type: 'taken', session, count, bytes, rejections })
  }

  /** The same. */
  dropped(session: Inbound): void {
    this.#step({ type: 'dropped', session })
  }

  withhold(withheld: boolean): void {
    this.#turns.take({ type: 'withhold', withheld })
  }

  /**
   * Says BYE to everybody and stops listening; what was said has `lingerMs` milliseconds to leave.
   */
  close(lingerMs: number): void {
    if (this.#closing) return
    this.#closing = true
    this.#turns.take({ type: 'bye' })
    // After the farewell, which may have to wait for its turn.
    this.#turns.take(() => {
      if (this.#binding === undefined) this.#owner.closed()
      else this.#binding.close(lingerMs)
    })
  }

  #bind(): void {
    const binding = this.#transport.bind(this.#endpoint, this.#options, {
      bound: (endpoint) => this.#owner.bound(endpoint),
      failed: (error) => this.#failed(error),
      frame: (connection, frame) => this.#hear(connection, frame),
      gone: (connection) => this.#turns.take({ type: 'gone', connection }),
      closed: () => {
        // A binding that failed closes too, while the next attempt is under way or given up.
        if (this.#binding !== binding) return
        this.#binding = undefined
        if (this.#closing) this.#owner.closed()
      },
    })
    this.#binding = binding
  }

  #failed(error: Error & { readonly code?: string | undefined }): void {
    this.#binding = undefined
    const inUse = error.code === 'EADDRINUSE'
    const { scheduler, monotonicMs } = this.#environment
    if (this.#closing) {
      this.#owner.closed()
    } else if (inUse && monotonicMs() - this.#bornMs < BIND_PATIENCE_MS) {
      scheduler.schedule(() => {
        if (!this.#closing) this.#bind()
      }, BIND_RETRY_MS)
    } else {
      const message = inUse
        ? `${this.#endpoint} is taken: stop whoever listens there, or give this pid another address`
        : `cannot listen at ${this.#endpoint}: ${error.message}`
      const code = inUse ? 'ADDRESS_IN_USE' : 'BIND_FAILED'
      this.#owner.failed(new ClusterError(code, message, { cause: error }))
    }
  }

  #hear(connection: ConnectionId, bytes: Frame): void {
    try {
      this.#turns.take({ type: 'frame', connection, frame: decodeFrame(bytes) })
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      this.#owner.event({ type: 'bad-frame', detail: error.message })
    }
  }

  #step(event: ReceptionEvent): void {
    const [state, effects] = stepReception(this.#state, event)
    this.#state = state
    for (const effect of effects) this.#perform(effect)
    if (state.due.length === 0) return
    if (state.urgent) this.#flushSoon()
    else this.#flushLater()
  }

  /** One ACK for all that is taken in one go. */
  #flushSoon(): void {
    if (this.#flushing) return
    this.#flushing = true
    this.#environment.soon(() => {
      this.#flushing = false
      this.#turns.take({ type: 'flush' })
    })
  }

  /** Nobody waits for it: it may as well be one for many. */
  #flushLater(): void {
    if (this.#delayed) return
    this.#delayed = true
    this.#environment.scheduler.schedule(() => {
      this.#delayed = false
      this.#turns.take({ type: 'flush' })
    }, ACK_DELAY_MS)
  }

  #perform(effect: ReceptionEffect): void {
    switch (effect.type) {
      case 'send':
        this.#binding?.send(effect.connection, effect.frame)
        return
      case 'take':
        this.#owner.take(effect.run)
        return
      case 'turned-away':
        this.#owner.event(effect)
        return
      case 'restarted':
        this.#owner.event({ ...effect, type: 'peer-restarted' })
        return
      case 'bad-frame':
        this.#owner.event(effect)
    }
  }
}
