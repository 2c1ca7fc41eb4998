/**
 * A whole node, opened synchronously over any transport.
 *
 *     config ─► peers ──► mailroom (a pigeonhole and a link per peer)
 *                             │ ▲
 *     streams ─► outbox ──────┘ │
 *     streams ◄─ inbox ◄── reception
 */
import { ReplaySubject, defer, filter, merge, take, throwIfEmpty } from 'rxjs';
import { BROADCAST } from '../model/pid.js';
import { ClusterError } from '../model/cluster-error.js';
import { Farewell } from './farewell.js';
import { Inbox } from './inbox.js';
import { LinkPool } from './link-pool.js';
import { LinkStates } from './link-states.js';
import { Mailroom } from './mailroom.js';
import { OrderedSubject } from './ordered-subject.js';
import { Outbox } from './outbox.js';
import { PeersSubject } from './peers-subject.js';
import { ReceptionDriver } from './reception-driver.js';
import { Stamper } from './stamp.js';
import { checkPeers, endpointOf } from '../model/peer-rules.js';
import { drawIncarnation } from './incarnation.js';
import { maxPartBytes } from './pigeonhole.js';
import { messagePack } from '../transports/codec/message-pack.js';
import { openReception } from '../core/reception.js';
/** BYE and LEAVE have so long to get out. */
const LINGER_MS = 200;
/**
 * Opens a node: it listens and dials from now on.
 *
 * @param environment its time and its chance
 * @param config its share of the cluster's config
 * @param transport shared by nodes that are to share their links
 */
export function openNode(environment, config, transport) {
    return new OpenNode(environment, config, transport);
}
class OpenNode {
    pid;
    incarnation;
    inbox;
    outbox;
    peers;
    links;
    deadLetters;
    events;
    #config;
    #events = new OrderedSubject();
    #deadLetters = new OrderedSubject();
    #bound = new ReplaySubject(1);
    #stamper;
    #states;
    #mailroom;
    #inbox;
    #reception;
    #farewell;
    constructor(environment, config, transport) {
        const codec = messagePack();
        const tell = (event) => this.#events.next(event);
        this.#config = config;
        this.pid = config.pid;
        this.incarnation = drawIncarnation(environment);
        this.events = this.#events.asObservable();
        this.deadLetters = this.#deadLetters.asObservable();
        this.#states = new LinkStates(environment, config.peers.keys());
        this.links = this.#states.subject;
        this.#stamper = new Stamper(codec, config);
        const pool = LinkPool.of(transport);
        const parts = { environment, config, incarnation: this.incarnation, pool, epochs: { last: 0 } };
        this.#mailroom = new Mailroom(parts, this.#stamper, this.#mailroomOwner(tell));
        this.#inbox = new Inbox(codec, config, {
            taken: (session, count, rejections) => {
                this.#mailroom.received(session.pid, count - rejections.length);
                for (const { reason, detail } of rejections) {
                    tell({ type: 'bad-frame', pid: session.pid, detail: `${reason}: ${detail}` });
                }
                this.#reception.taken(session, count, rejections);
            },
            withhold: (withheld) => this.#reception.withhold(withheld),
            unheard: () => tell({ type: 'unheard' }),
        });
        this.inbox = this.#inbox.envelopes;
        this.outbox = new Outbox({
            post: (value) => this.#mailroom.post(value),
            failed: (error) => tell({ type: 'outbox-error', error }),
        });
        this.#farewell = new Farewell(environment, config.closeTimeoutMs, this.#farewellOwner());
        this.#reception = this.#listen(environment, transport, tell);
        this.peers = new PeersSubject(config.peers, {
            problems: (peers) => checkPeers(peers, config.pid),
            reconcile: (peers) => this.#reconcile(peers),
            refused: (error) => tell({ type: 'peers-refused', error }),
        });
        this.peers.begin();
    }
    addPeer(peer) {
        const added = typeof peer === 'number' ? this.#known(peer) : peer;
        this.peers.change(new Map([...this.peers.value, [added.pid, added]]));
    }
    delPeer(pid) {
        if (!this.peers.value.has(pid))
            return;
        this.peers.change(new Map([...this.peers.value].filter(([other]) => other !== pid)));
    }
    deliver(envelope) {
        const stamped = this.#stamper.stamp(envelope);
        if ('reason' in stamped) {
            return defer(() => {
                this.#mailroom.refuse(envelope, stamped);
                const why = `the envelope did not leave: ${stamped.reason} (${stamped.detail})`;
                throw new ClusterError('NOT_DELIVERED', why);
            });
        }
        if (stamped.pid !== BROADCAST)
            return this.#mailroom.delivery(stamped).receipts;
        const pids = [...this.peers.value.keys()];
        return merge(...pids.map((pid) => this.#mailroom.delivery({ ...stamped, pid }).receipts));
    }
    ready(count) {
        const isReady = (links) => {
            let up = 0;
            for (const state of links.values())
                if (state === 'up')
                    up++;
            return up >= (count ?? this.peers.value.size);
        };
        const closed = () => new ClusterError('CLOSED', `node ${this.pid} was closed before its peers were up`);
        return this.links.pipe(filter(isReady), take(1), throwIfEmpty(closed));
    }
    bound() {
        return this.#bound.asObservable();
    }
    stats() {
        const { received, unheard, pauses } = this.#inbox;
        const peers = this.#mailroom.stats();
        return { ...this.#mailroom.tally(), received, unheard, pauses, peers };
    }
    pause() {
        return this.#inbox.pause();
    }
    close() {
        return this.#farewell.begin();
    }
    [Symbol.asyncDispose]() {
        return this.close();
    }
    #known(pid) {
        const endpoint = endpointOf(this.#config, pid);
        if (endpoint !== undefined)
            return { pid, endpoint };
        const message = `the config does not tell where ${pid} listens: use addPeer({ pid, endpoint })`;
        throw new ClusterError('PEER_ADDRESS_UNKNOWN', message);
    }
    #reconcile(peers) {
        if (this.#farewell.begun)
            return;
        this.#inbox.dismiss((pid) => peers.has(pid));
        this.#reception.members(new Set(peers.keys()));
        this.#states.keep(peers);
        this.#mailroom.reconcile(peers);
    }
    #listen(environment, transport, tell) {
        const config = this.#config;
        const state = openReception({ ...config, incarnation: this.incarnation });
        const at = { endpoint: config.bind, options: { maxPartBytes: maxPartBytes(config) } };
        return new ReceptionDriver(environment, transport, at, state, {
            take: (run) => this.#inbox.offer(run),
            event: tell,
            bound: (endpoint) => {
                tell({ type: 'bound', endpoint });
                this.#bound.next(endpoint);
                this.#bound.complete();
            },
            failed: (error) => {
                tell({ type: 'bind-failed', error });
                this.#bound.error(error);
            },
            closed: () => this.#farewell.closed(),
        });
    }
    #mailroomOwner(tell) {
        const deadLetters = this.#deadLetters;
        return {
            get deadLettersObserved() {
                return deadLetters.observed;
            },
            dead: (letter) => deadLetters.next(letter),
            event: tell,
            state: (pid, state) => {
                this.#states.set(pid, state);
                tell({ type: 'link', pid, state });
            },
            settled: () => this.#farewell.settled(),
        };
    }
    #farewellOwner() {
        const mailroom = this.#mailroom;
        return {
            get inFlight() {
                return mailroom.tally().inFlight;
            },
            shut: () => mailroom.shut(),
            leave: () => {
                mailroom.close();
                this.#inbox.dismiss(() => false);
                this.#reception.close(LINGER_MS);
            },
            end: () => {
                this.outbox.end();
                this.#inbox.complete();
                this.#states.end();
                this.peers.end();
                this.#events.next({ type: 'closed' });
                this.#events.complete();
                this.#deadLetters.complete();
            },
        };
    }
}
