import { Pigeonhole } from './pigeonhole.js';
import { Account, total } from './ledger.js';
import { BROADCAST } from '../model/pid.js';
import { Delivery } from './delivery.js';
import { reconcile } from '../core/reconcile.js';
/** Sorts outgoing mail, one pigeonhole per peer. */
export class Mailroom {
    #parts;
    #stamper;
    #owner;
    #holes = new Map();
    /** What was for nobody I know, and what is left of former peers. */
    #elsewhere = new Account();
    #shut = false;
    constructor(parts, stamper, owner) {
        this.#parts = parts;
        this.#stamper = stamper;
        this.#owner = owner;
    }
    /** Opens, closes and moves links, until the peers are as they are wanted. */
    reconcile(wanted) {
        const present = new Map([...this.#holes].map(([pid, hole]) => [pid, hole.endpoint]));
        const { close, open, move } = reconcile(present, wanted);
        for (const pid of close)
            this.#remove(pid, 'peer-removed');
        for (const peer of move)
            this.#holes.get(peer.pid)?.move(peer);
        for (const peer of open)
            this.#open(peer);
    }
    /** Takes in what was put into the outbox; it never throws. */
    post(value) {
        const stamped = this.#stamper.stamp(value);
        if ('reason' in stamped) {
            this.refuse(value, stamped);
            return;
        }
        const entry = this.#entry(stamped, undefined);
        if (stamped.pid !== BROADCAST)
            this.#send(stamped.pid, entry);
        else
            for (const pid of [...this.#holes.keys()])
                this.#send(pid, entry);
    }
    /** Records an envelope that could not even be stamped; a broadcast once for each receiver. */
    refuse(value, why) {
        if (why.pid !== BROADCAST)
            this.#refuseFor(why.pid, value, why);
        else
            for (const pid of [...this.#holes.keys()])
                this.#refuseFor(pid, value, why);
    }
    /** An envelope for one receiver, for somebody who waits for the receipt. */
    delivery(stamped) {
        const { pid, msgId } = stamped;
        return new Delivery({ pid, msgId }, {
            send: (ticket) => {
                const entry = this.#entry(stamped, ticket);
                return this.#send(pid, entry) ? entry : undefined;
            },
            withdraw: (entry) => {
                if (this.#holes.get(pid)?.takeBack(entry) !== true)
                    return false;
                this.#tell(pid, { entry, reason: 'withdrawn', outcome: 'not-delivered' });
                this.#owner.settled();
                return true;
            },
        });
    }
    /** So many more envelopes of a peer were taken by the inbox. */
    received(pid, count) {
        const hole = this.#holes.get(pid);
        if (hole !== undefined)
            hole.account.received += count;
    }
    tally() {
        return total([this.#elsewhere, ...[...this.#holes.values()].map((hole) => hole.account)]);
    }
    stats() {
        return new Map([...this.#holes].map(([pid, hole]) => [pid, hole.account.stats()]));
    }
    /** Whatever is put in from now on is dead. */
    shut() {
        this.#shut = true;
    }
    /** Gives up all links, and what is left. */
    close() {
        for (const pid of [...this.#holes.keys()])
            this.#remove(pid, 'closed');
    }
    #entry({ bytes, ttlMs }, ticket) {
        return { bytes, expiresAtMs: this.#parts.environment.monotonicMs() + ttlMs, ticket };
    }
    /** @returns whether it is on its way */
    #send(pid, entry) {
        const hole = this.#holes.get(pid);
        if (hole === undefined || this.#shut) {
            this.#countDead(hole);
            const dead = { entry, reason: this.#noWay(pid), outcome: 'not-delivered' };
            this.#bury(pid, dead);
            return false;
        }
        const dead = hole.put(entry);
        for (const one of dead)
            this.#bury(pid, one);
        return !dead.some((one) => one.entry === entry);
    }
    #noWay(pid) {
        if (this.#shut)
            return 'closed';
        return pid === this.#parts.config.pid ? 'self' : 'unknown-pid';
    }
    #countDead(hole) {
        const account = hole?.account ?? this.#elsewhere;
        account.sent++;
        account.dead++;
    }
    #refuseFor(pid, value, { reason, detail }) {
        this.#countDead(pid === undefined ? undefined : this.#holes.get(pid));
        const envelope = (pid === undefined ? value : { ...value, pid });
        this.#owner.dead({ envelope, reason, outcome: 'not-delivered', detail });
    }
    /** Tells everybody concerned that an entry is dead; it has been counted. */
    #bury(pid, dead) {
        if (dead.entry.ticket instanceof Delivery)
            dead.entry.ticket.died(dead);
        this.#tell(pid, dead);
    }
    #tell(pid, { entry, reason, outcome, detail }) {
        if (!this.#owner.deadLettersObserved)
            return;
        const letter = { envelope: this.#stamper.open(pid, entry), reason, outcome };
        this.#owner.dead(detail === undefined ? letter : { ...letter, detail });
    }
    #open(peer) {
        const hole = new Pigeonhole(this.#parts, peer, {
            settled: (pid, settlement) => this.#settled(pid, settlement),
            state: (pid, state) => this.#owner.state(pid, state),
            event: (event) => this.#owner.event(event),
        });
        this.#holes.set(peer.pid, hole);
    }
    #remove(pid, reason) {
        const hole = this.#holes.get(pid);
        const dead = hole.close(reason);
        this.#holes.delete(pid);
        this.#elsewhere.add(hole.account);
        for (const one of dead)
            this.#bury(pid, one);
        this.#owner.settled();
    }
    #settled(pid, { receipts, dead }) {
        for (const { ticket } of receipts)
            ticket.taken();
        for (const one of dead)
            this.#bury(pid, one);
        this.#owner.settled();
    }
}
