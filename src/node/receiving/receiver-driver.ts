/** Drives the receiver of a node: binds it, passes it frames, and performs its effects. */
import type {
  BindOptions,
  Binding,
  ConnectionId,
  Frame,
  Transport,
  TransportOptions,
} from '../../ports/transport.ts'
import type {
  Receiver,
  ReceiverContext,
  ReceiverEffect,
  ReceiverEvent,
} from '../../protocol/receiver/receiver-state.ts'
import { ClusterError } from '../../model/cluster-error.ts'
import type { Environment } from '../../ports/environment.ts'
import type { Incarnation } from '../../model/envelope.ts'
import type { InboundBatch } from '../../protocol/session/inbound-session.ts'
import { MalformedFrame } from '../../protocol/wire/frame-bytes.ts'
import type { NodeEvent } from '../../model/node-event.ts'
import type { Pid } from '../../model/pid.ts'
import { CHALLENGE_BYTES } from '../../protocol/wire/frames.ts'
import { randomBytes } from '../../ports/environment.ts'
import { SerialQueue } from '../subjects/serial-queue.ts'
import type { Subject } from 'rxjs'
import { decodeFrame } from '../../protocol/wire/decode-frame.ts'
import { admitsKey } from '../../protocol/receiver/receiver-keys.ts'
import { stepReceiver } from '../../protocol/receiver/receiver.ts'

/** Binding is retried for this long: the system frees the port of a closed socket late. */
const BIND_RETRY_MAX_MS = 1_000
const BIND_RETRY_MS = 20

/** How long an acknowledgement may wait for others, unless it is urgent. */
const ACK_DELAY_MS = 5

const NO_MEMBERS: ReadonlySet<Pid> = new Set()

/** What the inbox reports of a session: entries that it settled, or that it discarded the rest. */
export type InboxReport = Extract<ReceiverEvent, { readonly type: 'settled' | 'discarded' }>

/** Takes the batches that a receiver accepts: the inbox. */
export interface BatchConsumer {
  /** Adds a batch behind the pending ones. Its bytes are borrowed until `copyBorrowed`. */
  enqueue(batch: InboundBatch): void
  /**
   * Takes the next pending batch, as far as it can. Only the driver calls it, one call at a time.
   *
   * @returns a report; undefined when nothing more can be taken now
   */
  take(): InboxReport | undefined
  /** Copies what is pending from the memory of the transport, which is lent for one call. */
  copyBorrowed(): void
  /**
   * Drops what is pending of senders that are not members, even the rest of the batch that is being
   * taken.
   *
   * @returns a report of the entries of that batch that were taken before
   */
  discardNonMembers(members: Pick<ReadonlySet<Pid>, 'has'>): InboxReport | undefined
}

/** Learns which incarnations connect to this node. */
export interface SenderObserver {
  senderAccepted(pid: Pid, incarnation: Incarnation): void
}

/** What a receiver driver uses. */
export interface ReceiverParts {
  readonly environment: Environment
  readonly transport: Transport
  readonly endpoint: string
  readonly options: TransportOptions
  readonly receiver: Receiver
  readonly senders: SenderObserver
  readonly events: Pick<Subject<NodeEvent>, 'next'>
  /** Emits the endpoint and completes, or errors where binding fails. */
  readonly bound: Pick<Subject<string>, 'next' | 'complete' | 'error'>
}

/** A receiver event, or what the driver does between two of them. */
type Work = ReceiverEvent | 'take' | 'unbind'

/**
 * Runs one step of the receiver at a time. The batches of a step are taken after its effects, and
 * each report of the inbox is a step of its own.
 */
export class ReceiverDriver {
  readonly #environment: Environment
  readonly #transport: Transport
  readonly #endpoint: string
  readonly #options: TransportOptions
  readonly #senders: SenderObserver
  readonly #events: Pick<Subject<NodeEvent>, 'next'>
  readonly #bound: ReceiverParts['bound']
  readonly #queue = new SerialQueue<Work, ReceiverDriver>(ReceiverDriver.#run, this)
  readonly #startedMs: number
  readonly #context: ReceiverContext
  #receiver: Receiver
  #inbox: BatchConsumer | undefined
  #binding: Binding | undefined
  #flushScheduled = false
  #flushDelayed = false
  #lingerMs = 0
  #onClosed: (() => void) | undefined

  constructor(parts: ReceiverParts) {
    this.#environment = parts.environment
    this.#transport = parts.transport
    this.#endpoint = parts.endpoint
    this.#options = parts.options
    this.#senders = parts.senders
    this.#events = parts.events
    this.#bound = parts.bound
    this.#receiver = parts.receiver
    this.#startedMs = parts.environment.monotonicMs()
    this.#context = { challenge: () => randomBytes(parts.environment, CHALLENGE_BYTES) }
  }

  static #run(this: void, work: Work, driver: ReceiverDriver): void {
    if (work === 'take') driver.#takePending()
    else if (work === 'unbind') driver.#unbind()
    else if (work.type === 'settled' || work.type === 'discarded') driver.#applyReport(work)
    else driver.#step(work)
  }

  /** Binds, and passes the batches of all senders to the inbox. */
  start(inbox: BatchConsumer): void {
    this.#inbox = inbox
    this.#bind()
  }

  /** Accepts these senders from now on, and takes no more entries of others. */
  setMembers(pids: ReadonlySet<Pid>): void {
    this.#discardNonMembers(pids)
    this.#queue.run({ type: 'members', pids })
  }

  /** Takes no more entries of a sender that has proven a key which its pid has no more. */
  keysChanged(): void {
    this.#queue.run({ type: 'keys' })
  }

  /** Accepts one more sender. */
  addMember(pid: Pid): void {
    this.#queue.run({ type: 'add-member', pid })
  }

  /** Takes no more entries of a sender. */
  removeMember(pid: Pid): void {
    this.#discardNonMembers({ has: (other) => other !== pid })
    this.#queue.run({ type: 'remove-member', pid })
  }

  /** Takes what is pending in the inbox. */
  takePending(): void {
    this.#queue.run('take')
  }

  setPaused(paused: boolean): void {
    this.#queue.run({ type: 'pause', paused })
  }

  /**
   * Sends BYE to all senders, with what was taken of each, and unbinds after `lingerMs` at most.
   *
   * @param onClosed called once everything is released
   */
  close(lingerMs: number, onClosed: () => void): void {
    if (this.#onClosed !== undefined) return
    this.#lingerMs = lingerMs
    this.#onClosed = onClosed
    this.#discardNonMembers(NO_MEMBERS)
    this.#queue.run({ type: 'bye' })
    this.#queue.run('unbind')
  }

  /** BYE and the last ACK of a former member contain this report: it goes first. */
  #discardNonMembers(members: Pick<ReadonlySet<Pid>, 'has'>): void {
    const report = this.#inbox?.discardNonMembers(members)
    if (report !== undefined) this.#queue.run(report)
  }

  #bind(): void {
    const binding = this.#transport.bind(this.#endpoint, this.#bindOptions(), {
      bound: (endpoint) => this.#onBound(endpoint),
      failed: (error) => this.#onBindFailed(error),
      frame: (connection, frame) => this.#onFrame(connection, frame),
      disconnected: (connection) => this.#queue.run({ type: 'disconnected', connection }),
      closed: () => {
        // A binding that failed closes too, during or after the next attempt.
        if (this.#binding !== binding) return
        this.#binding = undefined
        this.#onClosed?.()
      },
    })
    this.#binding = binding
  }

  #bindOptions(): BindOptions {
    const { keys, cluster, pid } = this.#receiver
    if (keys === undefined) return this.#options
    const admits = (publicKey: Uint8Array): boolean => admitsKey(this.#receiver, publicKey)
    return { ...this.#options, security: { keys: keys.pair, domain: `${cluster} ${pid}`, admits } }
  }

  #unbind(): void {
    if (this.#binding === undefined) this.#onClosed?.()
    else this.#binding.close(this.#lingerMs)
  }

  #onBound(endpoint: string): void {
    this.#events.next({ type: 'bound', endpoint })
    this.#bound.next(endpoint)
    this.#bound.complete()
  }

  #onBindFailed(cause: Error & { readonly code?: string | undefined }): void {
    this.#binding = undefined
    const inUse = cause.code === 'EADDRINUSE'
    const { scheduler, monotonicMs } = this.#environment
    if (this.#onClosed !== undefined) {
      this.#onClosed()
    } else if (inUse && monotonicMs() - this.#startedMs < BIND_RETRY_MAX_MS) {
      scheduler.schedule(() => {
        if (this.#onClosed === undefined) this.#bind()
      }, BIND_RETRY_MS)
    } else {
      const message = inUse
        ? `${this.#endpoint} is in use: stop its process, or give this pid another address`
        : `cannot listen at ${this.#endpoint}: ${cause.message}`
      const code = inUse ? 'ADDRESS_IN_USE' : 'BIND_FAILED'
      const error = new ClusterError(code, message, { cause })
      this.#events.next({ type: 'bind-failed', error })
      this.#bound.error(error)
    }
  }

  #onFrame(connection: ConnectionId, parts: Frame): void {
    try {
      this.#queue.run({ type: 'frame', connection, frame: decodeFrame(parts) })
    } catch (error) {
      if (!(error instanceof MalformedFrame)) throw error
      this.#events.next({ type: 'bad-frame', detail: error.message })
    }
  }

  #step(event: ReceiverEvent): void {
    const [receiver, effects] = stepReceiver(this.#receiver, event, this.#context)
    this.#receiver = receiver
    let hasBatches = false
    for (const effect of effects) {
      if (effect.type === 'deliver') {
        this.#inbox?.enqueue(effect.batch)
        hasBatches = true
      } else {
        this.#perform(effect)
      }
    }
    if (hasBatches) {
      this.#takePending()
      this.#inbox?.copyBorrowed()
    }
    this.#scheduleAcks()
  }

  #takePending(): void {
    for (;;) {
      const report = this.#inbox?.take()
      if (report === undefined) return
      this.#applyReport(report)
    }
  }

  #applyReport(report: InboxReport): void {
    this.#step(report)
    if (report.type !== 'settled') return
    const { session, rejections } = report
    for (const { reason, detail } of rejections) {
      this.#events.next({ type: 'bad-frame', pid: session.pid, detail: `${reason}: ${detail}` })
    }
  }

  #perform(effect: Exclude<ReceiverEffect, { readonly type: 'deliver' }>): void {
    if (effect.type === 'send') this.#binding?.send(effect.connection, effect.frame)
    else if (effect.type === 'accepted-sender') {
      this.#senders.senderAccepted(effect.pid, effect.incarnation)
    } else this.#events.next(effect)
  }

  #scheduleAcks(): void {
    const { pendingAcks, ackNow } = this.#receiver
    if (pendingAcks.length === 0) return
    if (ackNow) this.#scheduleFlush()
    else this.#delayFlush()
  }

  /** One ACK frame acknowledges all entries that are taken in the same task. */
  #scheduleFlush(): void {
    if (this.#flushScheduled) return
    this.#flushScheduled = true
    this.#environment.microtask(() => {
      this.#flushScheduled = false
      this.#queue.run({ type: 'flush' })
    })
  }

  #delayFlush(): void {
    if (this.#flushDelayed) return
    this.#flushDelayed = true
    this.#environment.scheduler.schedule(() => {
      this.#flushDelayed = false
      this.#queue.run({ type: 'flush' })
    }, ACK_DELAY_MS)
  }
}
