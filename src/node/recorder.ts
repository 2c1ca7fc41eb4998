/** The recorder of a node: keeps the last events of its life in a bounded ring. */
import type { DeadReason, Outcome } from '../model/dead-letter.ts'
import type { Envelope, Incarnation, MsgId } from '../model/envelope.ts'
import type { LinkState, Peers } from '../model/peer.ts'
import type { RecordedPeer, Recording } from '../model/recording.ts'
import type { Codec } from '../ports/codec.ts'
import type { ClusterNode } from './cluster-node.ts'
import type { Environment } from '../ports/environment.ts'
import type { NodeConfig } from '../model/config.ts'
import type { NodeTraceEvent } from '../model/trace-event.ts'
import type { Pid } from '../model/pid.ts'
import type { Probe } from '../ports/probe.ts'
import { Queue } from '../core/queue.ts'
import { limitsOf } from '../model/limits.ts'
import { ambientDate } from '../ports/ambient.ts'

/** An event, and the message in it as it travelled: it is decoded when somebody reads it. */
interface Kept {
  readonly atMs: number
  readonly what: Unstamped
  readonly body: Uint8Array | undefined
  /** What goes with it; a body that several share goes with the last of them. */
  bytes: number
}

/** What does not follow from where and when it is kept. */
type Unstamped<E = NodeTraceEvent> = E extends unknown ? Omit<E, 'atMs' | 'pid' | 'msg'> : never

/** Hears all that happens to a node, and remembers the last of it. */
export class Recorder implements Probe {
  readonly #environment: Environment
  readonly #config: NodeConfig
  readonly #incarnation: Incarnation
  readonly #codec: Codec
  readonly #beside: Probe | undefined
  readonly #startedAt = ambientDate()
  readonly #startedMs: number
  readonly #ring = new Queue<Kept>()
  /** As they were before the first event in the ring. */
  #peers: Peers
  readonly #links = new Map<Pid, LinkState>()
  #last: Kept | undefined
  #bytes = 0
  #dropped = 0

  /** @param beside hears of the mail as well */
  constructor(
    environment: Environment,
    config: NodeConfig,
    incarnation: Incarnation,
    codec: Codec,
    beside: Probe | undefined,
  ) {
    this.#environment = environment
    this.#config = config
    this.#incarnation = incarnation
    this.#codec = codec
    this.#beside = beside
    this.#peers = config.peers
    this.#startedMs = environment.monotonicMs()
    this.#keep({ type: 'started', incarnation }, undefined, 0)
  }

  /** Listens to what happens besides mail; BEFORE anybody else does, so that the order holds. */
  follow({ events, peers }: Pick<ClusterNode, 'events' | 'peers'>): void {
    events.subscribe((event) => {
      if (event.type === 'closed') this.#keep({ type: 'closed' })
      else if (event.type === 'link') {
        this.#keep({ type: 'link', peer: event.pid, state: event.state })
      }
    })
    const first = peers.value
    peers.subscribe((now) => {
      if (now !== first) this.#keep({ type: 'peers', peers: [...now.values()] })
    })
  }

  sent(
    to: Pid,
    msgId: MsgId,
    re: MsgId | undefined,
    open: () => unknown,
    bytes: () => Uint8Array,
  ): void {
    const what = { type: 'sent', to, msgId } as const
    this.#keep(re === undefined ? what : { ...what, re }, bytes())
    this.#beside?.sent(to, msgId, re, open, bytes)
  }

  dead(to: Pid, msgId: MsgId, reason: DeadReason, outcome: Outcome): void {
    this.#keep({ type: 'dead', to, msgId, reason, outcome })
    this.#beside?.dead(to, msgId, reason, outcome)
  }

  received(envelope: Envelope, bytes: () => Uint8Array): void {
    const { pid: from, incarnation, msgId, re } = envelope
    const what = { type: 'received', from, incarnation, msgId } as const
    this.#keep(re === undefined ? what : { ...what, re }, bytes())
    this.#beside?.received(envelope, bytes)
  }

  /** What it remembers. Every message is decoded anew: this takes its time. */
  recording(): Recording {
    const { pid, cluster, bind } = this.#config
    const events: NodeTraceEvent[] = []
    for (let index = 0; index < this.#ring.length; index++) {
      const { atMs, what, body } = this.#ring.at(index) as Kept
      const msg = body === undefined ? {} : { msg: this.#codec.decode(body, 0, body.length) }
      events.push({ atMs, pid, ...what, ...msg } as NodeTraceEvent)
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

  #keep(what: Unstamped, lent?: Uint8Array, atMs = this.#elapsedMs()): void {
    const body = lent === undefined ? undefined : this.#own(what, lent)
    const kept = { atMs, what, body, bytes: body?.length ?? 0 }
    this.#ring.push(kept)
    this.#last = kept
    this.#bytes += kept.bytes
    const { record, recordBytes } = this.#config
    while (this.#ring.length > record || this.#bytes > recordBytes) this.#forget()
  }

  /** To the microsecond. */
  #elapsedMs(): number {
    return Math.round((this.#environment.monotonicMs() - this.#startedMs) * 1000) / 1000
  }

  /** A message to several is copied once. */
  #own(what: Unstamped, lent: Uint8Array): Uint8Array {
    const last = this.#last
    const before = last?.body
    const isRepeated =
      what.type === 'sent' && last?.what.type === 'sent' && last.what.msgId === what.msgId
    // Somebody may have chosen the same msgId for another message.
    if (!isRepeated || before === undefined || Buffer.compare(before, lent) !== 0) {
      return ownCopy(lent)
    }
    this.#bytes -= last.bytes
    last.bytes = 0
    return before
  }

  /** What the first event changed has been so before what is then the first. */
  #forget(): void {
    const { what, bytes } = this.#ring.shift() as Kept
    this.#bytes -= bytes
    this.#dropped++
    if (this.#ring.length === 0) this.#last = undefined
    if (what.type === 'link') this.#links.set(what.peer, what.state)
    else if (what.type === 'peers') {
      this.#peers = new Map(what.peers.map((peer) => [peer.pid, peer]))
      for (const pid of this.#links.keys()) if (!this.#peers.has(pid)) this.#links.delete(pid)
    }
  }
}

/** The recorder of a node that is to record itself; undefined for one that is not. */
export function recorderFor(
  environment: Environment,
  config: NodeConfig,
  incarnation: Incarnation,
  codec: Codec,
  beside: Probe | undefined,
): Recorder | undefined {
  if (config.record === 0) return undefined
  return new Recorder(environment, config, incarnation, codec, beside)
}

/** Small ones share memory with others of their age, which are forgotten with them. */
function ownCopy(lent: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = Buffer.from(lent)
  return new Uint8Array(buffer, byteOffset, length)
}
