/** The type of a node, as `createNode` and `openNode` return it. */
/// <reference lib="esnext.disposable" preserve="true" />
import type { BehaviorSubject, Observable, Subject, Subscription } from 'rxjs'
import type { DeadLetter } from '../model/dead-letter.ts'
import type { Envelope, Incarnation, OutgoingEnvelope } from '../model/envelope.ts'
import type { NodeEvent } from '../model/node-event.ts'
import type { Links, Peer, Peers } from '../model/peer.ts'
import type { Pid } from '../model/pid.ts'
import type { Recording } from '../recording/recording.ts'
import type { Stats } from '../model/stats.ts'
import type { Mailbox, Receipts, ReplyConsumer } from '../ports/mailbox.ts'

/** Options of `ready`. */
export interface ReadyOptions {
  /** How many peers must be up: an integer of at least 0. Default: all of them. */
  readonly count?: number | undefined
  /** How long to wait, in milliseconds. Default: Infinity. */
  readonly timeoutMs?: number | undefined
}

/** A node of a cluster: an inbox, an outbox and peers, all of them streams. */
export interface ClusterNode extends Mailbox, AsyncDisposable {
  readonly pid: Pid
  /** Identifies this process lifetime: random, chosen when the node opened. */
  readonly incarnation: Incarnation
  /**
   * Hot: the envelopes of all peers, in the order in which each sent them. `pid` is the sender.
   *
   * Up to `bufSize` envelopes that arrive before the first subscription are buffered. They are
   * emitted in the microtask after it: everything that subscribes in the same turn gets them, and a
   * subscription after an `await` may miss them. Later, an envelope without a subscriber counts as
   * received, and in `stats().unobserved`. Replies that a `request` waits for are not emitted.
   * Completes with `close`.
   */
  readonly inbox: Observable<Envelope>
  /**
   * Sends each envelope to its `pid`, or to every peer for `BROADCAST`.
   *
   * Encodes an envelope at once: later changes of the object have no effect. `complete()` has no
   * effect, and `error(e)` becomes an event, or throws `e` where nothing subscribes to `events`.
   * Only `close` ends the outbox.
   */
  readonly outbox: Subject<OutgoingEnvelope>
  /**
   * All peers, without this node. `next(map)` opens and closes links; an entry for this node is
   * left out. A map with any invalid peer changes nothing: it becomes an event, or an error of
   * `next` where nothing is subscribed to `events`. A stream of maps can be subscribed with it.
   */
  readonly peers: BehaviorSubject<Peers>
  /**
   * The link to each peer: its state, since when, and why it is down. Emits changes, at most once
   * per task of the event loop; `value` is the present map.
   */
  readonly links: Observable<Links> & { readonly value: Links }
  /** Hot: every envelope that will not be delivered, and the reason. Completes last. */
  readonly deadLetters: Observable<DeadLetter>
  /** Hot: what happens to the node besides envelopes. */
  readonly events: Observable<NodeEvent>
  /**
   * Adds a peer, or moves it to another address. Has no effect once the node is closing.
   *
   * @throws ClusterError `PEER_ADDRESS_UNKNOWN` for a pid without an address in the config,
   *   `PEER_INVALID` for a peer that cannot be added, `DESCRIPTORS_EXHAUSTED`. The peers have not
   *   changed then.
   */
  addPeer(peer: Pid | Peer): void
  /**
   * Removes a peer: its queued envelopes become dead letters, and its own envelopes are refused.
   * The pid of no peer changes nothing.
   *
   * @throws ClusterError `INVALID_ARGUMENT` for what is not a pid, such as text
   */
  removePeer(pid: Pid): void
  /**
   * Sends one envelope at the first subscription. Emits a receipt and completes when the inbox of
   * the peer has taken it. Errors with `NOT_DELIVERED`, or with `DELIVERY_UNKNOWN` if it may have
   * arrived.
   *
   * `deliver` itself fixes the `msgId`, which the result carries. So another subscription joins an
   * envelope that is in flight, and a retry never duplicates it. Unsubscribing cancels an envelope
   * that is still queued. For `BROADCAST` it emits one receipt per peer.
   */
  deliver(envelope: OutgoingEnvelope): Receipts
  consumeReplies(pid: Pid, consumer: ReplyConsumer): () => void
  /**
   * Emits once and completes when `count` peers are up at the same time. Default: all peers of that
   * time. This node does not count.
   *
   * Errors with `CLOSED`, or with `NOT_READY` after `timeoutMs`: its message names every peer that
   * is not up, and why.
   *
   * @param options a number is the `count`
   * @throws ClusterError `INVALID_ARGUMENT` for an option that is not valid
   */
  ready(options?: number | ReadyOptions): Observable<Links>
  /** Emits the endpoint where the node listens and completes, or errors with a `ClusterError`. */
  bound(): Observable<string>
  stats(): Stats
  /**
   * Returns the recorded events, also after `close`; undefined where `recordEvents` is 0. Decodes
   * every recorded message: do not call it often.
   */
  recording(): Recording | undefined
  /**
   * Stops the inbox. Nothing is lost: senders wait, and the node still answers their links. Several
   * pauses add up.
   *
   * @returns resumes when it is unsubscribed, or at the end of `using paused = node.pause()`
   */
  pause(): Subscription & Disposable
  /**
   * Sends what is queued, for up to `closeTimeoutMs`, and closes the node. Every call returns the
   * same promise.
   *
   * Later outgoing envelopes become dead letters (`closed`), and so do those unacknowledged
   * at the deadline. Then inbox, links, peers and events complete, and last `deadLetters`.
   */
  close(): Promise<void>
}
