/** Counts what one cluster of receivers saw. */
export class DemoTally {
    #peers;
    #messages;
    /** By receiver and sender: which numbers were seen. */
    #seen = new Map();
    #received;
    delivered = 0;
    duplicated = 0;
    /** Numbers that nobody can have sent. */
    invented = 0;
    constructor(peers, messages) {
        this.#peers = peers;
        this.#messages = messages;
        this.#received = Array.from({ length: peers + 1 }, () => 0);
    }
    get expected() {
        return this.#peers * (this.#peers - 1) * this.#messages;
    }
    get lost() {
        return this.expected - this.delivered;
    }
    /** How many different messages a receiver has seen. */
    receivedBy(pid) {
        return this.#received[pid] ?? 0;
    }
    add(receiver, runs) {
        for (const [sender, first, last] of runs) {
            for (let sequence = first; sequence <= last; sequence++)
                this.#one(receiver, sender, sequence);
        }
    }
    #one(receiver, sender, sequence) {
        const known = sender >= 1 && sender <= this.#peers && sender !== receiver;
        if (!known || !(sequence >= 0 && sequence < this.#messages)) {
            this.invented++;
            return;
        }
        const key = `${receiver}<${sender}`;
        let seen = this.#seen.get(key);
        if (seen === undefined) {
            seen = new Uint8Array(this.#messages);
            this.#seen.set(key, seen);
        }
        if (seen[sequence] === 1) {
            this.duplicated++;
            return;
        }
        seen[sequence] = 1;
        this.delivered++;
        this.#received[receiver] = this.receivedBy(receiver) + 1;
    }
}
