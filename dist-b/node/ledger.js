import { inFlight } from '../core/outbound.js';
/** Counts one receiver's envelopes. */
export class Account {
    sent = 0;
    delivered = 0;
    dead = 0;
    received = 0;
    #session;
    /** @param session where the envelopes in flight are; none for the receivers that are no peers */
    constructor(session) {
        this.#session = session;
    }
    /** Counted where they are, so that the law can fail where the code is wrong. */
    get inFlight() {
        return this.#session === undefined ? 0 : inFlight(this.#session);
    }
    /** Takes over what a former peer's account says; nothing is in flight there any more. */
    add(former) {
        this.sent += former.sent;
        this.delivered += former.delivered;
        this.dead += former.dead;
    }
    stats() {
        const { sent, delivered, dead, received } = this;
        return {
            sent,
            delivered,
            dead,
            inFlight: this.inFlight,
            queued: this.#session?.waiting.length ?? 0,
            unacknowledged: this.#session?.unacked.length ?? 0,
            received,
            roundTripMs: this.#session?.roundTripMs,
        };
    }
}
/** Adds up accounts. */
export function total(accounts) {
    const sum = { sent: 0, delivered: 0, dead: 0, inFlight: 0 };
    for (const account of accounts) {
        sum.sent += account.sent;
        sum.delivered += account.delivered;
        sum.dead += account.dead;
        sum.inFlight += account.inFlight;
    }
    return sum;
}
