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
import type { Receipts } from '../ports/post.ts'
import type { Links, Peer, Peers } from '../model/peer.ts'
import type { Pid } from '../model/pid.ts'
import type { ClusterNode } from './cluster-node.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { DeadLetter } from '../model/dead-letter.ts'
import type { Environment } from '../ports/environment.ts'
import type { NodeConfig } from '../model/config.ts'
import type { NodeEvent } from '../model/node-event.ts'
import type { Stats } from '../model/stats.ts'
import type { Probe } from '../ports/probe.ts'
import type { Recording } from '../model/recording.ts'
import type { Transport } from '../ports/transport.ts'
import { Farewell } from './farewell.ts'
import { Inbox, type InboxOwner } from './inbox.ts'
import { LinkPool } from './link-pool.ts'
import { LinkStates } from './link-states.ts'
import { Mailroom, type MailroomOwner } from './mailroom.ts'
import { OrderedSubject } from './ordered-subject.ts'
import { Outbox } from './outbox.ts'
import { PeersSubject } from './peers-subject.ts'
import { type Recorder, recorderFor } from './recorder.ts'
import { ReceptionDriver } from './reception-driver.ts'
import type { Stamper } from './stamp.ts'
import { checkPeers, knownPeer } from '../model/peer-rules.ts'
import { drawIncarnation } from './incarnation.ts'
import { mailroomParts } from './mailroom-parts.ts'
import { maxPartBytes } from './pigeonhole.ts'
import { messagePack } from '../transports/codec/message-pack.ts'
import { receiptsOf } from './receipts.ts'
import { openReception } from '../core/reception.ts'

/** BYE and LEAVE have so long to get out. */
const LINGER_MS = 200

/**
 * Opens a node: it listens and dials from now on.
 *
 * @param environment its time and its chance
 * @param config its share of the cluster's config
 * @param transport shared by nodes that are to share their links
 * @param probe hears of its mail
 * @throws ClusterError `DESCRIPTORS_EXHAUSTED` where there is no room for the links
 */
export function openNode(
  environment: Environment,
  config: NodeConfig,
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
  readonly links: LinkStates['subject']
  readonly deadLetters: Observable<DeadLetter>
  readonly events: Observable<NodeEvent>
  readonly #config: NodeConfig
  readonly #events = new OrderedSubject<NodeEvent>()
  readonly #deadLetters = new OrderedSubject<DeadLetter>()
  readonly #bound = new ReplaySubject<string>(1)
  readonly #recorder: Recorder | undefined
  readonly #stamper: Stamper
  readonly #states: LinkStates
  readonly #mailroom: Mailroom
  readonly #inbox: Inbox
  readonly #reception: ReceptionDriver
  readonly #farewell: Farewell

  constructor(environment: Environment, config: NodeConfig, transport: Transport, probe?: Probe) {
    const pool = LinkPool.of(transport)
    const shortageOf = (peers: Peers): ClusterError | undefined =>
      pool.shortage([...peers.values()].map(({ endpoint }) => endpoint))
    const shortage = shortageOf(config.peers)
    // BEFORE anything is opened: whoever has no node has nothing to close.
    if (shortage !== undefined) throw shortage
    const codec = messagePack()
    const tell = (event: NodeEvent): void => this.#events.next(event)
    this.#config = config
    this.pid = config.pid
    this.incarnation = drawIncarnation(environment)
    this.events = this.#events.asObservable()
    this.deadLetters = this.#deadLetters.asObservable()
    this.#states = new LinkStates(environment, config.peers.keys())
    this.links = this.#states.subject
    this.#recorder = recorderFor(environment, config, this.incarnation, codec, probe)
    const hears = this.#recorder ?? probe
    const parts = mailroomParts(environment, config, this.incarnation, pool, codec, hears)
    this.#stamper = parts.stamper
    this.#mailroom = new Mailroom(parts, this.#mailroomOwner(tell))
    const inboxOwner: InboxOwner = {
      taken: (session, count, bytes, rejections) => {
        this.#mailroom.received(session.pid, count - rejections.length)
        for (const { reason, detail } of rejections) {
          tell({ type: 'bad-frame', pid: session.pid, detail: `${reason}: ${detail}` })
        }
        this.#reception.taken(session, count, bytes, rejections)
      },
      dropped: (session) => this.#reception.dropped(session),
      withhold: (withheld) => this.#reception.withhold(withheld),
      unheard: () => tell({ type: 'unheard' }),
    }
    this.#inbox = new Inbox(codec, config, inboxOwner, hears)
    this.inbox = this.#inbox.envelopes
    this.outbox = new Outbox({
      post: (value) => this.#mailroom.post(value),
      failed: (error) => tell({ type: 'outbox-error', error }),
    })
    this.#farewell = new Farewell(environment, config.closeTimeoutMs, this.#farewellOwner())
    this.#reception = this.#listen(environment, transport, tell)
    this.peers = new PeersSubject(config.peers, {
      problems: (peers) =>
        this.#farewell.begun ? ['the node is closing'] : checkPeers(peers, config.pid),
      shortage: shortageOf,
      reconcile: (peers) => this.#reconcile(peers),
      refused: (error) => tell({ type: 'peers-refused', error }),
    })
    this.#recorder?.follow(this)
    this.peers.begin()
  }

  addPeer(peer: Pid | Peer): void {
    if (this.#farewell.begun) return
    this.peers.add(typeof peer === 'number' ? knownPeer(this.#config, peer) : peer)
  }

  delPeer(pid: Pid): void {
    if (!this.#farewell.begun) this.peers.remove(pid)
  }

  deliver(envelope: OutgoingEnvelope): Receipts {
    return receiptsOf(envelope, this.peers.value.keys(), this.#stamper, this.#mailroom)
  }

  ready(count?: number): Observable<Links> {
    return this.#states.ready(count)
  }

  bound(): Observable<string> {
    return this.#bound.asObservable()
  }

  stats(): Stats {
    const { received, unheard, pauses } = this.#inbox
    const peers = this.#mailroom.stats()
    return { ...this.#mailroom.tally(), received, unheard, pauses, peers }
  }

  recording(): Recording | undefined {
    return this.#recorder?.recording()
  }

  pause(): () => void {
    return this.#inbox.pause()
  }

  close(): Promise<void> {
    return this.#farewell.begin()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #reconcile(peers: Peers): void {
    this.#inbox.dismiss((pid) => peers.has(pid))
    this.#reception.members(new Set(peers.keys()))
    this.#states.keep(peers)
    this.#mailroom.reconcile(peers)
  }

  #listen(
    environment: Environment,
    transport: Transport,
    tell: (event: NodeEvent) => void,
  ): ReceptionDriver {
    const config = this.#config
    const state = openReception({ ...config, incarnation: this.incarnation })
    const at = { endpoint: config.bind, options: { maxPartBytes: maxPartBytes(config) } }
    return new ReceptionDriver(environment, transport, at, state, {
      take: (run) => this.#inbox.offer(run),
      event: tell,
      bound: (endpoint) => {
        tell({ type: 'bound', endpoint })
        this.#bound.next(endpoint)
        this.#bound.complete()
      },
      failed: (error) => {
        tell({ type: 'bind-failed', error })
        this.#bound.error(error)
      },
      closed: () => this.#farewell.closed(),
    })
  }

  #mailroomOwner(tell: (event: NodeEvent) => void): MailroomOwner {
    const deadLetters = this.#deadLetters
    return {
      get deadLettersObserved() {
        return deadLetters.observed
      },
      dead: (letter) => deadLetters.next(letter),
      event: tell,
      state: (pid, state) => {
        this.#states.set(pid, state)
        tell({ type: 'link', pid, state })
      },
      settled: () => this.#farewell.settled(),
    }
  }

  #farewellOwner(): ConstructorParameters<typeof Farewell>[2] {
    return {
      drained: () => this.#mailroom.drained(),
      shut: () => this.#mailroom.shut(),
      leave: () => {
        this.#mailroom.close()
        this.#inbox.dismiss(() => false)
        this.#reception.close(LINGER_MS)
      },
      end: () => {
        this.outbox.end()
        this.#inbox.complete()
        this.#states.end()
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
