/** A bound endpoint in a network of memory. */
export class MemoryBinding {
    turns;
    maxPartBytes;
    /** The connections that are open, by their names. */
    lines = new Map();
    #network;
    #listener;
    #endpoint;
    #closing = false;
    constructor(network, turns, at, listener) {
        this.turns = turns;
        this.maxPartBytes = at.maxPartBytes;
        this.#network = network;
        this.#endpoint = at.endpoint;
        this.#listener = listener;
        turns.take(() => this.#open());
    }
    /** Where it listens; before `bound`, where it was asked to. */
    get endpoint() {
        return this.#endpoint;
    }
    send(connection, frame) {
        if (this.#closing)
            return;
        const line = this.lines.get(connection);
        if (line === undefined)
            this.turns.take(() => this.miss(connection));
        else
            line.back(frame);
    }
    close(lingerMs) {
        if (this.#closing)
            return;
        this.#closing = true;
        this.#network.leave(this);
        for (const line of this.lines.values())
            line.drop(lingerMs);
        this.turns.take(() => this.#listener.closed());
    }
    /** A frame has arrived. */
    hear(connection, frame) {
        if (!this.#closing)
            this.#listener.frame(connection, frame);
    }
    /** A connection is gone. */
    miss(connection) {
        if (!this.#closing)
            this.#listener.gone(connection);
    }
    #open() {
        if (this.#closing)
            return;
        const entered = this.#network.enter(this, this.#endpoint);
        if (typeof entered === 'string') {
            this.#endpoint = entered;
            this.#listener.bound(entered);
            return;
        }
        this.#closing = true;
        this.turns.take(() => this.#listener.closed());
        this.#listener.failed(entered);
    }
}
