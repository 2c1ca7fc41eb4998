import { MemoryLine } from './memory-line.js';
/** One connection to an endpoint in a network of memory. */
export class MemoryConnection {
    #network;
    #calling;
    #line;
    #closing = false;
    constructor(network, endpoint, calling) {
        this.#network = network;
        this.#calling = calling;
        calling.turns.take(() => this.#open(endpoint));
    }
    send(frame) {
        this.#line?.there(frame);
    }
    close(lingerMs) {
        if (this.#closing)
            return;
        this.#closing = true;
        this.#line?.hangUp(lingerMs);
    }
    #open(endpoint) {
        const { caller } = this.#calling;
        const binding = this.#network.find(endpoint);
        if (this.#closing) {
            caller.closed('closed');
        }
        else if (binding === undefined) {
            this.#closing = true;
            caller.closed(`nobody listens at ${endpoint}`);
        }
        else {
            this.#line = new MemoryLine(this.#network, endpoint, binding, this.#calling);
            caller.opened();
        }
    }
}
