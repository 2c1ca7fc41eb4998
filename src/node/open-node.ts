/**
 * A whole node, opened synchronously over any transport.
 *
 *     config ─► peers ──► mailroom (a pigeonhole and a link per peer)
 *                             │ ▲
 *     streams ─► outbox ──────┘ │
 *     streams ◄─ inbox ◄── reception
 */
import { type Observable, ReplaySubject } from 'rxjs'
import type { Envelope, Incarnation, OutgoingEnvelope } from '../model/envelope.ts'
import type { Receipts } from '../ports/mailbox.ts'
import type { Links, Peer, Peers } from '../model/peer.ts'
import type { Pid } from '../model/pid.ts'
import type { ClusterNode } from './cluster-node.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { DeadLetter } from '../model/dead-letter.ts'
import type { Environment } from '../ports/environment.ts'
import type { Config, NodeConfig } from '../config/config.ts'
import type { Limits } from '../model/limits.ts'
import type { NodeEvent } from '../model/node-event.ts'
import type { Stats } from '../model/stats.ts'
import type { Probe } from '../ports/probe.ts'
import type { Recording } from '../recording/recording.ts'
import type { Transport } from '../ports/transport.ts'
import { Shutdown } from './shutdown.ts'
import { Inbox, type InboxHandler } from './receiving/inbox.ts'
import { LinkPool } from './links/link-pool.ts'
import { LinkStates } from './link-states.ts'
import { Dispatcher, type DispatcherHandler } from './sending/dispatcher.ts'
import { OrderedSubject } from './subjects/ordered-subject.ts'
import { Outbox } from './sending/outbox.ts'
import { PeersSubject } from './peers-subject.ts'
import { type Recorder, createRecorder } from '../recording/recorder.ts'
import { ReceiverDriver } from './receiving/receiver-driver.ts'
import type { EnvelopeEncoder } from './sending/envelope-encoder.ts'
import { checkPeers, resolvePeer } from '../config/check-peers.ts'
import { decodeConfig, invalidConfig } from '../config/decode-config.ts'
import { nodeConfig } from '../config/node-config.ts'
import { systemEnvironment } from '../ports/system.ts'
import { randomIncarnation } from './incarnation.ts'
import { dispatcherParts } from './sending/dispatcher-parts.ts'
import { maxPartBytes } from './sending/peer-outbox.ts'
import { messagePack } from '../codec/message-pack.ts'
import { deliver } from './sending/deliver.ts'
import { createReceiver } from '../protocol/receiver/receiver-state.ts'

/** BYE and LEAVE have so long to get out. */
const LINGER_MS = 200

/** Options of `createNode`: limits that override those of the config, and the ports of the node. */
export interface NodeOptions extends Partial<Limits> {
  /**
   * Lets the node bind to more than loopback without keys: any process that reaches the port can
   * join the cluster. Default false.
   */
  readonly insecure?: boolean
  /** Moves the frames of the node. Default: ZeroMQ, one instance per process. */
  readonly transport?: Transport
  /** Time and random numbers. Default: those of the system. */
  readonly environment?: Environment
}

/** Options of `openNode`. */
export interface OpenNodeOptions extends NodeOptions {
  /** Moves the frames of the node. Nodes of one process that share it share their links. */
  readonly transport: Transport
  /** Is called for every envelope that the node sends, gives up and receives. */
  readonly probe?: Probe
}

/**
 * Opens node `pid` of a cluster synchronously, over any transport. It binds and dials from now on;
 * `bound()` reports when it listens.
 *
 * @param config a `Config`, or an object with the content of a config file
 * @param pid the pid of this node in the config
 * @throws ClusterError `CONFIG_INVALID`, `PID_NOT_IN_CONFIG`, `INSECURE_BIND`, or
 *   `DESCRIPTORS_EXHAUSTED` where this process may not open as many sockets as its peers need
 */
export function openNode(config: unknown, pid: Pid, options: OpenNodeOptions): ClusterNode {
  const { transport, environment = systemEnvironment, probe, ...overrides } = options
  if (typeof config === 'string') {
    throw invalidConfig([`config: openNode does not read files (${config}): use createNode`])
  }
  const clusterConfig = isConfig(config) ? config : decodeConfig(config)
  return openConfigured(nodeConfig(clusterConfig, pid, overrides), environment, transport, probe)
}

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

/** An object of a config file has no `members`. */
function isConfig(config: unknown): config is Config {
  return typeof config === 'object' && config !== null && 'members' in config
}

class OpenNode implements ClusterNode {
  readonly pid: Pid
  readonly incarnation: Incarnation
  readonly inbox: Observable<Envelope>
  readonly outbox: Outbox
  readonly peers: PeersSubject
  readonly links: LinkStates['subject']
  readonly deadLetters: Observable<DeadLetter>
  readonly events: Observable<NodeEvent>
  readonly #config: NodeConfig
  readonly #events = new OrderedSubject<NodeEvent>()
  readonly #deadLetters = new OrderedSubject<DeadLetter>()
  readonly #bound = new ReplaySubject<string>(1)
  readonly #recorder: Recorder | undefined
  readonly #encoder: EnvelopeEncoder
  readonly #linkStates: LinkStates
  readonly #dispatcher: Dispatcher
  readonly #inbox: Inbox
  readonly #receiver: ReceiverDriver
  readonly #shutdown: Shutdown

  constructor(environment: Environment, config: NodeConfig, transport: Transport, probe?: Probe) {
    const pool = LinkPool.of(transport)
    const shortageFor = (peers: Peers): ClusterError | undefined =>
      pool.descriptorShortage([...peers.values()].map(({ endpoint }) => endpoint))
    const shortage = shortageFor(config.peers)
    // BEFORE anything is opened: whoever has no node has nothing to close.
    if (shortage !== undefined) throw shortage
    const codec = messagePack()
    const emit = (event: NodeEvent): void => this.#events.next(event)
    this.#config = config
    this.pid = config.pid
    this.incarnation = randomIncarnation(environment)
    this.events = this.#events.asObservable()
    this.deadLetters = this.#deadLetters.asObservable()
    this.#linkStates = new LinkStates(environment, config.peers.keys())
    this.links = this.#linkStates.subject
    this.#recorder = createRecorder(environment, config, this.incarnation, codec, probe)
    const nodeProbe = this.#recorder ?? probe
    const parts = dispatcherParts(environment, config, this.incarnation, pool, codec, nodeProbe)
    this.#encoder = parts.encoder
    this.#dispatcher = new Dispatcher(parts, this.#dispatcherHandler(emit))
    const inboxHandler: InboxHandler = {
      settled: (session, count, bytes, rejections) => {
        this.#dispatcher.countReceived(session.pid, count - rejections.length)
        for (const { reason, detail } of rejections) {
          emit({ type: 'bad-frame', pid: session.pid, detail: `${reason}: ${detail}` })
        }
        this.#receiver.settled(session, count, bytes, rejections)
      },
      discarded: (session) => this.#receiver.discarded(session),
      onPauseChanged: (paused) => this.#receiver.setPaused(paused),
      unobserved: () => emit({ type: 'inbox-unobserved' }),
    }
    this.#inbox = new Inbox(codec, config, inboxHandler, nodeProbe)
    this.inbox = this.#inbox.envelopes
    this.outbox = new Outbox({
      send: (value) => this.#dispatcher.dispatch(value),
      error: (error) => emit({ type: 'outbox-error', error }),
    })
    this.#shutdown = new Shutdown(environment, config.closeTimeoutMs, this.#shutdownHandler())
    this.#receiver = this.#createReceiver(environment, transport, emit)
    this.peers = new PeersSubject(config.peers, {
      findProblems: (peers) =>
        this.#shutdown.isStarted ? ['the node is closing'] : checkPeers(peers, config.pid),
      descriptorShortage: shortageFor,
      reconcile: (peers) => this.#reconcile(peers),
      rejected: (error) => emit({ type: 'peers-refused', error }),
    })
    this.#recorder?.attach(this)
    this.peers.start()
  }

  addPeer(peer: Pid | Peer): void {
    if (this.#shutdown.isStarted) return
    this.peers.add(typeof peer === 'number' ? resolvePeer(this.#config, peer) : peer)
  }

  removePeer(pid: Pid): void {
    if (!this.#shutdown.isStarted) this.peers.remove(pid)
  }

  deliver(envelope: OutgoingEnvelope): Receipts {
    return deliver(envelope, this.peers.value.keys(), this.#encoder, this.#dispatcher)
  }

  ready(count?: number): Observable<Links> {
    return this.#linkStates.ready(count)
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

  pause(): () => void {
    return this.#inbox.pause()
  }

  close(): Promise<void> {
    return this.#shutdown.start()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #reconcile(peers: Peers): void {
    this.#inbox.discardNonMembers((pid) => peers.has(pid))
    this.#receiver.setMembers(new Set(peers.keys()))
    this.#linkStates.syncPeers(peers)
    this.#dispatcher.reconcile(peers)
  }

  #createReceiver(
    environment: Environment,
    transport: Transport,
    emit: (event: NodeEvent) => void,
  ): ReceiverDriver {
    const config = this.#config
    const receiver = createReceiver({ ...config, incarnation: this.incarnation })
    const target = { endpoint: config.bind, options: { maxPartBytes: maxPartBytes(config) } }
    return new ReceiverDriver(environment, transport, target, receiver, {
      received: (batch) => this.#inbox.enqueue(batch),
      event: emit,
      bound: (endpoint) => {
        emit({ type: 'bound', endpoint })
        this.#bound.next(endpoint)
        this.#bound.complete()
      },
      failed: (error) => {
        emit({ type: 'bind-failed', error })
        this.#bound.error(error)
      },
      closed: () => this.#shutdown.onReceiverClosed(),
    })
  }

  #dispatcherHandler(emit: (event: NodeEvent) => void): DispatcherHandler {
    const deadLetters = this.#deadLetters
    return {
      get deadLettersObserved() {
        return deadLetters.observed
      },
      deadLetter: (deadLetter) => deadLetters.next(deadLetter),
      event: emit,
      linkState: (pid, state) => {
        this.#linkStates.set(pid, state)
        emit({ type: 'link', pid, state })
      },
      settled: () => this.#shutdown.onSettled(),
    }
  }

  #shutdownHandler(): ConstructorParameters<typeof Shutdown>[2] {
    return {
      isDrained: () => this.#dispatcher.isDrained(),
      stopAccepting: () => this.#dispatcher.stopAccepting(),
      tearDown: () => {
        this.#dispatcher.close()
        this.#inbox.discardNonMembers(() => false)
        this.#receiver.close(LINGER_MS)
      },
      complete: () => {
        this.outbox.end()
        this.#inbox.complete()
        this.#linkStates.end()
        this.peers.end()
        this.#events.next({ type: 'closed' })
        this.#events.complete()
        // Nobody hears it where it has been told.
        this.#bound.error(new ClusterError('CLOSED', `node ${this.pid} was closed`))
        this.#deadLetters.complete()
      },
    }
  }
}
