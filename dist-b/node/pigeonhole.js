import { enqueue, openOutbound, withdraw } from '../core/outbound.js';
import { Account } from './ledger.js';
import { giveUpAll } from '../core/settle.js';
/** A frame may be so much larger than the message in it: headers, and a batch of small ones. */
const PART_SLACK_BYTES = 256 * 1024;
/** The largest part that a node lets its peers send. */
export function maxPartBytes({ maxMessageBytes }) {
    return maxMessageBytes + PART_SLACK_BYTES;
}
/** The queue of one peer. */
export class Pigeonhole {
    account;
    #parts;
    #owner;
    #session;
    #peer;
    #seat;
    constructor(parts, peer, owner) {
        const { config, environment, incarnation, epochs } = parts;
        const limits = { ...config, resendOnRestart: config.onRestart === 'resend' };
        const names = { from: config.pid, incarnation, to: peer.pid, limits, epochs };
        this.#parts = parts;
        this.#owner = owner;
        this.#session = openOutbound(names, environment.monotonicMs());
        this.account = new Account(this.#session);
        this.#peer = peer;
        this.#seat = this.#sit();
    }
    get endpoint() {
        return this.#peer.endpoint;
    }
    get pid() {
        return this.#peer.pid;
    }
    /** Puts an entry into the queue. @returns what had to go for it, counted but not yet told */
    put(entry) {
        const dead = enqueue(this.#session, entry);
        this.account.sent++;
        this.account.dead += dead.length;
        this.#seat.flush();
        return dead;
    }
    /** Takes an entry out of the queue; false where it has been written. */
    takeBack(entry) {
        if (!withdraw(this.#session, entry))
            return false;
        this.account.dead++;
        return true;
    }
    /** Goes on at another address; nothing is lost. */
    move(peer) {
        this.#seat.leave(true);
        this.#peer = peer;
        this.#seat = this.#sit();
    }
    /** Gives up the link, and all that is left. @returns what is dead, counted but not yet told */
    close(reason) {
        this.#seat.leave(false);
        const dead = giveUpAll(this.#session, reason);
        this.account.dead += dead.length;
        return dead;
    }
    #sit() {
        const { environment, config, pool } = this.#parts;
        const { pid, endpoint } = this.#peer;
        const options = { maxPartBytes: maxPartBytes(config) };
        const names = { cluster: config.cluster, to: pid, endpoint, options };
        return pool.join(environment, names, this.#session, {
            count: ({ delivered, dead }) => {
                this.account.delivered += delivered;
                this.account.dead += dead.length;
            },
            settled: (settlement) => this.#owner.settled(pid, settlement),
            state: (state) => this.#owner.state(pid, state),
            welcomed: () => {
                const incarnation = this.#session.receiver?.incarnation;
                this.#owner.event({ type: 'welcomed', pid, incarnation });
            },
            refused: (reason, detail) => this.#owner.event({ type: 'refused', pid, reason, detail }),
            badFrame: (detail) => this.#owner.event({ type: 'bad-frame', pid, detail }),
            lagged: (lagMs) => this.#owner.event({ type: 'lagged', lagMs }),
        });
    }
}
