/** A reception in the world: binds it, brings it the frames, and performs its effects. */
import type {
  Binding,
  ConnectionId,
  Frame,
  Transport,
  TransportOptions,
} from '../../ports/transport.ts'
import type { InboundSession, InboundBatch } from '../../protocol/session/inbound-session.ts'
import type {
  Receiver,
  ReceiverEffect,
  ReceiverEvent,
} from '../../protocol/receiver/receiver-state.ts'
import { stepReceiver } from '../../protocol/receiver/receiver.ts'
import type { Environment } from '../../ports/environment.ts'
import type { NodeEvent } from '../../model/node-event.ts'
import type { Pid } from '../../model/pid.ts'
import type { Rejection } from '../../protocol/wire/frames.ts'
import { ClusterError } from '../../model/cluster-error.ts'
import { SerialQueue } from '../subjects/serial-queue.ts'
import { MalformedFrame } from '../../protocol/wire/bytes.ts'
import { decodeFrame } from '../../protocol/wire/decode-frame.ts'

/** A port that was closed a moment ago is not free at once: binding is tried again for so long. */
const BIND_RETRY_MAX_MS = 1_000
const BIND_RETRY_MS = 20

/** An acknowledgement that nobody waits for may wait for so long. */
const ACK_DELAY_MS = 5

/** What the node behind a reception is told. */
export interface ReceiverHandler {
  received(batch: InboundBatch): void
  event(event: NodeEvent): void
  bound(endpoint: string): void
  failed(error: ClusterError): void
  /** Everything is released. */
  closed(): void
}

/** Drives the reception of one node. */
export class ReceiverDriver {
  readonly #environment: Environment
  readonly #transport: Transport
  readonly #endpoint: string
  readonly #options: TransportOptions
  readonly #handler: ReceiverHandler
  readonly #queue = new SerialQueue<ReceiverEvent | (() => void), undefined>((event) => {
    if (typeof event === 'function') event()
    else this.#step(event)
  }, undefined)
  readonly #startedMs: number
  #receiver: Receiver
  #binding: Binding | undefined
  #flushScheduled = false
  #flushDelayed = false
  #closing = false

  constructor(
    environment: Environment,
    transport: Transport,
    target: { readonly endpoint: string; readonly options: TransportOptions },
    receiver: Receiver,
    handler: ReceiverHandler,
  ) {
    this.#environment = environment
    this.#transport = transport
    this.#endpoint = target.endpoint
    this.#options = target.options
    this.#receiver = receiver
    this.#handler = handler
    this.#startedMs = environment.monotonicMs()
    this.#bind()
  }

  setMembers(pids: ReadonlySet<Pid>): void {
    this.#queue.run({ type: 'members', pids })
  }

  /** It only counts, and nobody hears of it before the flush: it need not wait for its turn. */
  settled(
    session: InboundSession,
    count: number,
    bytes: number,
    rejections: readonly Rejection[],
  ): void {
    this.#step({ type: 'settled', session, count, bytes, rejections })
  }

  /** The same. */
  discarded(session: InboundSession): void {
    this.#step({ type: 'discarded', session })
  }

  setPaused(paused: boolean): void {
    this.#queue.run({ type: 'pause', paused })
  }

  /**
   * Says BYE to everybody and stops listening; what was said has `lingerMs` milliseconds to leave.
   */
  close(lingerMs: number): void {
    if (this.#closing) return
    this.#closing = true
    this.#queue.run({ type: 'bye' })
    // After the farewell, which may have to wait for its turn.
    this.#queue.run(() => {
      if (this.#binding === undefined) this.#handler.closed()
      else this.#binding.close(lingerMs)
    })
  }

  #bind(): void {
    const binding = this.#transport.bind(this.#endpoint, this.#options, {
      bound: (endpoint) => this.#handler.bound(endpoint),
      failed: (error) => this.#onBindFailed(error),
      frame: (connection, frame) => this.#onFrame(connection, frame),
      disconnected: (connection) => this.#queue.run({ type: 'disconnected', connection }),
      closed: () => {
        // A binding that failed closes too, while the next attempt is under way or given up.
        if (this.#binding !== binding) return
        this.#binding = undefined
        if (this.#closing) this.#handler.closed()
      },
    })
    this.#binding = binding
  }

  #onBindFailed(error: Error & { readonly code?: string | undefined }): void {
    this.#binding = undefined
    const inUse = error.code === 'EADDRINUSE'
    const { scheduler, monotonicMs } = this.#environment
    if (this.#closing) {
      this.#handler.closed()
    } else if (inUse && monotonicMs() - this.#startedMs < BIND_RETRY_MAX_MS) {
      scheduler.schedule(() => {
        if (!this.#closing) this.#bind()
      }, BIND_RETRY_MS)
    } else {
      const message = inUse
        ? `${this.#endpoint} is taken: stop whoever listens there, or give this pid another address`
        : `cannot listen at ${this.#endpoint}: ${error.message}`
      const code = inUse ? 'ADDRESS_IN_USE' : 'BIND_FAILED'
      this.#handler.failed(new ClusterError(code, message, { cause: error }))
    }
  }

  #onFrame(connection: ConnectionId, parts: Frame): void {
    try {
      this.#queue.run({ type: 'frame', connection, frame: decodeFrame(parts) })
    } catch (error) {
      if (!(error instanceof MalformedFrame)) throw error
      this.#handler.event({ type: 'bad-frame', detail: error.message })
    }
  }

  #step(event: ReceiverEvent): void {
    const [receiver, effects] = stepReceiver(this.#receiver, event)
    this.#receiver = receiver
    for (const effect of effects) this.#perform(effect)
    if (receiver.pendingAcks.length === 0) return
    if (receiver.ackNow) this.#scheduleFlush()
    else this.#delayFlush()
  }

  /** One ACK for all that is taken in one go. */
  #scheduleFlush(): void {
    if (this.#flushScheduled) return
    this.#flushScheduled = true
    this.#environment.microtask(() => {
      this.#flushScheduled = false
      this.#queue.run({ type: 'flush' })
    })
  }

  /** Nobody waits for it: it may as well be one for many. */
  #delayFlush(): void {
    if (this.#flushDelayed) return
    this.#flushDelayed = true
    this.#environment.scheduler.schedule(() => {
      this.#flushDelayed = false
      this.#queue.run({ type: 'flush' })
    }, ACK_DELAY_MS)
  }

  #perform(effect: ReceiverEffect): void {
    switch (effect.type) {
      case 'send':
        this.#binding?.send(effect.connection, effect.frame)
        return
      case 'deliver':
        this.#handler.received(effect.batch)
        return
      case 'refused-peer':
        this.#handler.event(effect)
        return
      case 'peer-restarted':
        this.#handler.event({ ...effect, type: 'peer-restarted' })
        return
      case 'bad-frame':
        this.#handler.event(effect)
    }
  }
}
