/**
 * Creates the parts of a node and connects them.
 *
 *     outbox ──► dispatcher ──► peer outbox ──► link driver ──► connection
 *                    ▲               (one per peer)
 *     peers ─────────┼──► link states
 *                    ▼
 *     inbox ◄── receiver driver ◄── binding
 */
import { AsyncSubject, type Observable, ReplaySubject } from 'rxjs'
import type { NodeConfig } from '../config/config.ts'
import type { Envelope, Incarnation, OutgoingEnvelope } from '../model/envelope.ts'
import type { Links, Peer } from '../model/peer.ts'
import { PeersSubject, endpointsOf } from './peers-subject.ts'
import { type Recorder, createRecorder } from '../recording/recorder.ts'
import { A_PID, checkArgument } from '../model/check-arguments.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { ClusterNode, ReadyOptions } from './cluster-node.ts'
import type { DeadLetter } from '../model/dead-letter.ts'
import { Dispatcher } from './sending/dispatcher.ts'
import type { Environment } from '../ports/environment.ts'
import { Inbox } from './receiving/inbox.ts'
import { LinkPool } from './links/link-pool.ts'
import { LinkStates } from './link-states.ts'
import { NodeCounters } from './counters.ts'
import type { NodeEvent } from '../model/node-event.ts'
import { NodeEvents } from './node-events.ts'
import { OrderedSubject } from './subjects/ordered-subject.ts'
import { Outbox } from './sending/outbox.ts'
import { type Pause, createPause } from './subjects/pause.ts'
import type { Pid } from '../model/pid.ts'
import type { Probe } from '../ports/probe.ts'
import type { Receipts, ReplyConsumer } from '../ports/mailbox.ts'
import { ReceiverDriver } from './receiving/receiver-driver.ts'
import type { Recording } from '../recording/recording.ts'
import { Shutdown } from './shutdown.ts'
import type { Stats } from '../model/stats.ts'
import type { Transport } from '../ports/transport.ts'
import { createReceiver } from '../protocol/receiver/receiver-state.ts'
import { maxPartBytes } from './max-part-bytes.ts'
import { messagePack } from '../codec/message-pack.ts'
import { randomIncarnation } from './incarnation.ts'
import { resolvePeer } from '../config/check-peers.ts'

/**
 * Opens a node from its own part of a config, which is not checked.
 *
 * @throws ClusterError `DESCRIPTORS_EXHAUSTED`
 */
export function openConfigured(
  config: NodeConfig,
  environment: Environment,
  transport: Transport,
  probe?: Probe,
): ClusterNode {
  return new OpenNode(environment, config, transport, probe)
}

class OpenNode implements ClusterNode {
  readonly pid: Pid
  readonly incarnation: Incarnation
  readonly inbox: Observable<Envelope>
  readonly outbox: Outbox
  readonly peers: PeersSubject
  readonly links: LinkStates['published']
  readonly deadLetters: Observable<DeadLetter>
  readonly events: Observable<NodeEvent>
  readonly closed: Observable<void>
  readonly #config: NodeConfig
  readonly #events: NodeEvents
  readonly #deadLetters = new OrderedSubject<DeadLetter>()
  readonly #bound = new ReplaySubject<string>(1)
  readonly #closed = new AsyncSubject<void>()
  readonly #recorder: Recorder | undefined
  readonly #linkStates: LinkStates
  readonly #dispatcher: Dispatcher
  readonly #inbox: Inbox
  readonly #shutdown: Shutdown

  constructor(
    environment: Environment,
    config: NodeConfig,
    transport: Transport,
    userProbe: Probe | undefined,
  ) {
    const pool = LinkPool.of(transport)
    const shortage = pool.descriptorShortage(endpointsOf(config.peers))
    // Check first: if the constructor throws, the caller has no node to close.
    if (shortage !== undefined) throw shortage
    const codec = messagePack(config)
    const counters = new NodeCounters()
    const incarnation = randomIncarnation(environment)
    const recorder = createRecorder(environment, config, incarnation, codec, userProbe)
    const probe = recorder ?? userProbe
    const events = new NodeEvents(() => environment.monotonicMs())
    this.#events = events
    const linkStates = new LinkStates(environment, config.peers.keys())
    const { pid, cluster, windowBytes, maxMessageBytes, maxMessageValues } = config

    const dispatcher = new Dispatcher({
      environment,
      config,
      incarnation,
      pool,
      codec,
      counters,
      linkStates,
      events,
      deadLetters: this.#deadLetters,
      probe,
    })
    const receiver = new ReceiverDriver({
      environment,
      transport,
      endpoint: config.bind,
      options: { maxPartBytes: maxPartBytes(config) },
      receiver: createReceiver({
        pid,
        cluster,
        incarnation,
        windowBytes,
        maxMessageBytes,
        maxMessageValues,
        keys: config.keys,
      }),
      senders: dispatcher,
      events,
      bound: this.#bound,
    })
    const inbox = new Inbox({
      environment,
      receiver,
      codec,
      limits: config,
      counters,
      events,
      probe,
    })
    const shutdown = new Shutdown(environment, config.closeTimeoutMs, dispatcher, receiver, () =>
      this.#complete(),
    )

    this.#config = config
    this.#recorder = recorder
    this.#linkStates = linkStates
    this.#dispatcher = dispatcher
    this.#inbox = inbox
    this.#shutdown = shutdown
    this.pid = pid
    this.incarnation = incarnation
    this.inbox = inbox.envelopes
    this.outbox = new Outbox(dispatcher, events)
    this.links = linkStates.published
    this.deadLetters = this.#deadLetters.asObservable()
    this.events = events.published
    this.closed = this.#closed.asObservable()
    this.peers = new PeersSubject(config.peers, {
      rules: config,
      pool,
      receiver,
      linkStates,
      dispatcher,
      shutdown,
      events,
    })
    receiver.start(inbox)
    recorder?.attach({ events, peers: this.peers })
    if (userProbe?.event !== undefined) events.subscribe((event) => userProbe.event?.(event))
    this.peers.start()
  }

  addPeer(peer: Pid | Peer): void {
    if (this.#shutdown.isStarted) return
    this.peers.addPeer(typeof peer === 'number' ? resolvePeer(this.#config, peer) : peer)
  }

  removePeer(pid: Pid): void {
    checkArgument('removePeer', 'pid', pid, A_PID)
    if (!this.#shutdown.isStarted) this.peers.removePeer(pid)
  }

  deliver(envelope: OutgoingEnvelope): Receipts {
    return this.#dispatcher.deliver(envelope, this.peers.pids())
  }

  consumeReplies(pid: Pid, consumer: ReplyConsumer): () => void {
    checkArgument('consumeReplies', 'pid', pid, A_PID)
    return this.#inbox.consumeReplies(pid, consumer)
  }

  ready(options?: number | ReadyOptions): Observable<Links> {
    return this.#linkStates.ready(options)
  }

  bound(): Observable<string> {
    return this.#bound.asObservable()
  }

  stats(): Stats {
    const { received, unobserved, pauses } = this.#inbox
    const peers = this.#dispatcher.stats()
    return { ...this.#dispatcher.counters(), received, unobserved, pauses, peers }
  }

  recording(): Recording | undefined {
    return this.#recorder?.recording()
  }

  pause(): Pause {
    return createPause(this.#inbox.pause())
  }

  close(): Promise<void> {
    return this.#shutdown.start()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #complete(): void {
    this.outbox.end()
    this.#inbox.complete()
    this.#linkStates.end()
    this.peers.end()
    this.#events.next({ type: 'closed' })
    this.#events.complete()
    // Has no effect on a node that was bound: `bound()` has completed.
    this.#bound.error(new ClusterError('CLOSED', `node ${this.pid} was closed`))
    this.#deadLetters.complete()
    this.#closed.next()
    this.#closed.complete()
  }
}
