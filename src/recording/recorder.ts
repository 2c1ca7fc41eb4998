/** Records the last events of a node in a bounded ring. */
import type { DeadReason, Outcome } from '../model/dead-letter.ts'
import { optionalFields, toReplyError } from '../model/envelope.ts'
import type {
  Envelope,
  EnvelopeHeaders,
  Incarnation,
  MsgId,
  ReplyError,
} from '../model/envelope.ts'
import type { LinkState, Peers } from '../model/peer.ts'
import type { RecordedPeer, Recording } from './recording.ts'
import type { Codec } from '../ports/codec.ts'
import type { Environment } from '../ports/environment.ts'
import type { NodeConfig } from '../config/config.ts'
import type { NodeEvent } from '../model/node-event.ts'
import type { Observable } from 'rxjs'
import type { NodeTraceEvent } from './trace-event.ts'
import type { Pid } from '../model/pid.ts'
import type { Probe, SentHeader } from '../ports/probe.ts'
import { RingQueue } from '../base/ring-queue.ts'
import { limitsOf } from '../model/limits.ts'
import { systemDate } from '../ports/system.ts'

/** The streams of a node that are recorded beside its envelopes. */
export interface RecordedStreams {
  readonly events: Observable<NodeEvent>
  readonly peers: Observable<Peers> & { readonly value: Peers }
}

/** An event, and the encoded message in it: `recording()` decodes it. */
interface RecordedEvent {
  readonly atMs: number
  readonly data: EventData
  readonly body: Uint8Array | undefined
  /** Whether the body is the error of a handler. */
  readonly isError: boolean
  /** Bytes that are freed with this event. The last event that shares a body owns its bytes. */
  bytes: number
}

/** An event without the fields that the recorder adds. */
type EventData<E = NodeTraceEvent> = E extends unknown
  ? Omit<E, 'atMs' | 'pid' | 'msg' | 'error'>
  : never

/** Keeps up to `recordEvents` events, with up to `recordBytes` of messages. */
export class Recorder implements Probe {
  readonly #environment: Environment
  readonly #config: NodeConfig
  readonly #incarnation: Incarnation
  readonly #codec: Codec
  readonly #next: Probe | undefined
  readonly #startedAt = systemDate()
  readonly #startedMs: number
  readonly #ring = new RingQueue<RecordedEvent>()
  /** The peers and their links before the first event in the ring. */
  #peers: Peers
  readonly #links = new Map<Pid, LinkState>()
  #last: RecordedEvent | undefined
  #bytes = 0
  #dropped = 0

  /** @param next is called after this recorder */
  constructor(
    environment: Environment,
    config: NodeConfig,
    incarnation: Incarnation,
    codec: Codec,
    next: Probe | undefined,
  ) {
    this.#environment = environment
    this.#config = config
    this.#incarnation = incarnation
    this.#codec = codec
    this.#next = next
    this.#peers = config.peers
    this.#startedMs = environment.monotonicMs()
    this.#record({ type: 'started', incarnation }, { atMs: 0 })
  }

  /** Subscribes to the streams. Must come before any other subscriber, so that the order holds. */
  attach({ events, peers }: RecordedStreams): void {
    events.subscribe((event) => {
      if (event.type === 'closed') this.#record({ type: 'closed' })
      else if (event.type === 'link') {
        const { pid: peer, state, reason } = event
        const data = { type: 'link', peer, state } as const
        this.#record(reason === undefined ? data : { ...data, reason })
      }
    })
    const first = peers.value
    peers.subscribe((current) => {
      if (current !== first) this.#record({ type: 'peers', peers: [...current.values()] })
    })
  }

  sent(
    to: Pid,
    header: SentHeader,
    decode: () => Pick<Envelope, 'msg' | 'error'>,
    bytes: () => Uint8Array,
  ): void {
    const { msgId, re, headers, isError } = header
    const data = { type: 'sent', to, msgId, ...optionalFields({ re, headers }) } as const
    this.#record(data, { borrowed: bytes(), isError })
    this.#next?.sent(to, header, decode, bytes)
  }

  dead(to: Pid, msgId: MsgId, reason: DeadReason, outcome: Outcome): void {
    this.#record({ type: 'dead', to, msgId, reason, outcome })
    this.#next?.dead(to, msgId, reason, outcome)
  }

  received(envelope: Envelope, bytes: () => Uint8Array): void {
    const { pid: from, incarnation, msgId, re, error } = envelope
    // A copy: the application may change its own.
    const headers = envelope.headers === undefined ? undefined : { ...envelope.headers }
    const optional = optionalFields({ re, headers })
    const data = { type: 'received', from, incarnation, msgId, ...optional } as const
    this.#record(data, { borrowed: bytes(), isError: error !== undefined })
    this.#next?.received(envelope, bytes)
  }

  /** Decodes every message in the ring: costs time in proportion to their bytes. */
  recording(): Recording {
    const { pid, cluster, bind } = this.#config
    const events: NodeTraceEvent[] = []
    for (let index = 0; index < this.#ring.length; index++) {
      const { atMs, data, ...message } = this.#ring.at(index) as RecordedEvent
      events.push({ atMs, pid, ...data, ...this.#decode(message) } as NodeTraceEvent)
    }
    return {
      pid,
      incarnation: this.#incarnation,
      cluster,
      bind,
      startedAt: this.#startedAt,
      limits: limitsOf(this.#config),
      dropped: this.#dropped,
      peers: [...this.#peers.values()].map(({ pid: peer, endpoint }): RecordedPeer => {
        return { pid: peer, endpoint, link: this.#links.get(peer) ?? 'connecting' }
      }),
      events,
    }
  }

  #decode({ body, isError }: Pick<RecordedEvent, 'body' | 'isError'>): Partial<Envelope> {
    if (body === undefined) return {}
    const msg = this.#codec.decode(body, 0, body.length)
    return isError ? { error: toReplyError(msg as ReplyError), msg: undefined } : { msg }
  }

  #record(
    data: EventData,
    {
      borrowed,
      isError = false,
      atMs = this.#elapsedMs(),
    }: { borrowed?: Uint8Array; isError?: boolean; atMs?: number } = {},
  ): void {
    const body = borrowed === undefined ? undefined : this.#copyBody(data, borrowed)
    const headers = 'headers' in data ? headerBytes(data.headers) : 0
    const recorded = { atMs, data, body, isError, bytes: (body?.length ?? 0) + headers }
    this.#ring.push(recorded)
    this.#last = recorded
    this.#bytes += recorded.bytes
    const { recordEvents, recordBytes } = this.#config
    while (this.#ring.length > recordEvents || this.#bytes > recordBytes) this.#dropOldest()
  }

  /** Rounded to the microsecond. */
  #elapsedMs(): number {
    return Math.round((this.#environment.monotonicMs() - this.#startedMs) * 1000) / 1000
  }

  /** A message to several receivers is copied once. */
  #copyBody(data: EventData, borrowed: Uint8Array): Uint8Array {
    const last = this.#last
    const previous = last?.body
    const isRepeated =
      data.type === 'sent' && last?.data.type === 'sent' && last.data.msgId === data.msgId
    // A user may have given the same msgId to another message.
    if (!isRepeated || previous === undefined || Buffer.compare(previous, borrowed) !== 0) {
      return copyBytes(borrowed)
    }
    this.#bytes -= previous.length
    last.bytes -= previous.length
    return previous
  }

  /** Applies the oldest event to the state before the ring, and drops it. */
  #dropOldest(): void {
    const { data, bytes } = this.#ring.shift() as RecordedEvent
    this.#bytes -= bytes
    this.#dropped++
    if (this.#ring.length === 0) this.#last = undefined
    if (data.type === 'link') this.#links.set(data.peer, data.state)
    else if (data.type === 'peers') {
      this.#peers = new Map(data.peers.map((peer) => [peer.pid, peer]))
      for (const pid of this.#links.keys()) if (!this.#peers.has(pid)) this.#links.delete(pid)
    }
  }
}

/** Creates the recorder of a node; undefined where `recordEvents` is 0. */
export function createRecorder(
  environment: Environment,
  config: NodeConfig,
  incarnation: Incarnation,
  codec: Codec,
  next: Probe | undefined,
): Recorder | undefined {
  if (config.recordEvents === 0) return undefined
  return new Recorder(environment, config, incarnation, codec, next)
}

/** Returns the bytes of all keys and values. */
function headerBytes(headers: EnvelopeHeaders | undefined): number {
  let bytes = 0
  for (const text of Object.entries(headers ?? {}).flat()) bytes += Buffer.byteLength(text)
  return bytes
}

/** Small copies share the pool of `Buffer` with copies of the same age, dropped together. */
function copyBytes(borrowed: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = Buffer.from(borrowed)
  return new Uint8Array(buffer, byteOffset, length)
}
