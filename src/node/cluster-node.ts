/** The node: what `createNode` and `openNode` return. */
/// <reference lib="esnext.disposable" preserve="true" />
import type { BehaviorSubject, Observable, Subject } from 'rxjs'
import type { DeadLetter } from '../model/dead-letter.ts'
import type { Envelope, Incarnation, OutgoingEnvelope } from '../model/envelope.ts'
import type { NodeEvent } from '../model/node-event.ts'
import type { Links, Peer, Peers } from '../model/peer.ts'
import type { Pid } from '../model/pid.ts'
import type { Recording } from '../recording/recording.ts'
import type { Stats } from '../model/stats.ts'
import type { Mailbox, Receipts } from '../ports/mailbox.ts'

/**
 * One process of a cluster: a post office with an inbox, an outbox and peers, all of them streams.
 */
export interface ClusterNode extends Mailbox, AsyncDisposable {
  readonly pid: Pid
  /** This life of the node: drawn at random when it opened. */
  readonly incarnation: Incarnation
  /**
   * Hot: what peers sent, in the order each of them sent it. `pid` is the sender.
   *
   * What arrives before the first subscription waits, up to `bufSize`, for that first subscriber;
   * after it, what is emitted to nobody counts as taken and adds to `stats().unheard`. Completes
   * with `close`.
   */
  readonly inbox: Observable<Envelope>
  /**
   * What is put here goes to its receiver; `pid` is the receiver, or `BROADCAST`.
   *
   * An envelope is encoded at once: changing the object later changes nothing. `complete()` changes
   * nothing, `error(e)` becomes an event; only `close` ends it.
   */
  readonly outbox: Subject<OutgoingEnvelope>
  /**
   * Everyone but me. `next(map)` opens and closes links; a map that is wrong anywhere is refused
   * whole, with an event.
   */
  readonly peers: BehaviorSubject<Peers>
  /**
   * How the link to each peer stands. Emits at most once per turn of the event loop, and only when
   * a state changed.
   */
  readonly links: BehaviorSubject<Links>
  /** Every envelope that will not arrive, and why. Hot; completes last of all. */
  readonly deadLetters: Observable<DeadLetter>
  /** What happens to the node besides mail. Hot. */
  readonly events: Observable<NodeEvent>
  /**
   * Adds a peer, or moves it to another address. While the node closes this changes nothing.
   *
   * @throws ClusterError `PEER_ADDRESS_UNKNOWN` for a bare pid whose address the config does not
   *   tell, `PEER_INVALID` for a peer that cannot be added; nothing has changed then
   */
  addPeer(peer: Pid | Peer): void
  /**
   * Removes a peer: what waits for it is dead-lettered, what it sends is refused. Removing a
   * stranger changes nothing.
   */
  removePeer(pid: Pid): void
  /**
   * Sends one envelope: emits a receipt and completes when the peer's inbox has taken it, errors
   * with `NOT_DELIVERED` or `DELIVERY_UNKNOWN` when it never will.
   *
   * The `msgId` is fixed when `deliver` is called (it is on what it returns), so subscribing again
   * while the envelope is on its way joins it, and a retry never duplicates. Unsubscribing
   * withdraws it if it has not been written. To `BROADCAST`: one receipt per peer.
   */
  deliver(envelope: OutgoingEnvelope): Receipts
  /** Emits once and completes when so many peers are up at once; default: all there are then. */
  ready(count?: number): Observable<Links>
  /**
   * Emits the endpoint this node listens at, once, and completes; errors with the `ClusterError` if
   * it cannot.
   */
  bound(): Observable<string>
  stats(): Stats
  /**
   * What it recorded up to now, also after `close`; undefined where its limit `record` is 0.
   * Decodes every message in it: not for every turn.
   */
  recording(): Recording | undefined
  /**
   * Stops the inbox: nothing is lost, senders wait, the node still answers. Pauses are counted.
   *
   * @returns resumes; works once
   */
  pause(): () => void
  /**
   * Sends what still waits, bounded by `closeTimeoutMs`, then closes; every call returns the same
   * promise.
   *
   * Envelopes put into the outbox from now on are dead letters (`closed`), and so is what has not
   * been acknowledged at the deadline. Then inbox, links, peers and events complete, and
   * `deadLetters` last.
   */
  close(): Promise<void>
}
