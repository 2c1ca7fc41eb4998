/** A network in memory: the addresses that transports over it share, and the ways to break it. */
import { covers, endpointOf, placeOf } from './place.js';
/** The first port that is given to who asks for any. */
const FIRST_FREE_PORT = 49_152;
/**
 * The namespace of addresses in one process. Transports over the same network reach each other.
 *
 * It can be broken on purpose: `cut` loses connections, `refuse` keeps new ones out.
 */
export class MemoryNetwork {
    #bindings = new Map();
    #lines = new Set();
    #refusing = new Set();
    #nextPort = FIRST_FREE_PORT;
    #nextLine = 1;
    /** How many bindings and connections are open: 0 when everything is closed. */
    get open() {
        return this.#bindings.size + this.#lines.size;
    }
    /**
     * Breaks every connection to `endpoint`, on both sides; frames in flight are lost.
     *
     * @param endpoint as it was called, or as it was bound; nothing happens where there is none
     */
    cut(endpoint) {
        for (const line of this.#lines) {
            if (line.endpoint === endpoint || line.binding.endpoint === endpoint) {
                line.cut(`the connection to ${line.endpoint} was cut`);
            }
        }
    }
    /**
     * Refuses new connections to `endpoint`, as if nobody listened there, until it is told otherwise.
     * Those that are open stay.
     *
     * @param endpoint as it is called, or as it was bound
     */
    refuse(endpoint, refused) {
        if (refused)
            this.#refusing.add(endpoint);
        else
            this.#refusing.delete(endpoint);
    }
    /**
     * Gives an endpoint to a binding; a port 0 becomes a free one.
     *
     * @returns the endpoint, or an error whose `code` is `EINVAL` or `EADDRINUSE`
     */
    enter(binding, endpoint) {
        const asked = placeOf(endpoint);
        if (asked === undefined)
            return refusal('EINVAL', `${endpoint} is no address`);
        const place = asked.port === 0 ? this.#freed(asked) : asked;
        if (this.#taken(place))
            return refusal('EADDRINUSE', `${endpoint} is in use`);
        this.#bindings.set(binding, place);
        return endpointOf(place);
    }
    /** Takes an endpoint back; it is free at once. */
    leave(binding) {
        this.#bindings.delete(binding);
    }
    /** Who would answer at `endpoint`. */
    find(endpoint) {
        const called = placeOf(endpoint);
        if (called === undefined || this.#refusing.has(endpoint))
            return undefined;
        for (const [binding, place] of this.#bindings) {
            if (covers(place, called) && !this.#refusing.has(binding.endpoint))
                return binding;
        }
        return undefined;
    }
    /** Names the next connection. */
    nextLine() {
        return `line-${this.#nextLine++}`;
    }
    /** Counts a connection in, until it is over. */
    add(line) {
        this.#lines.add(line);
    }
    /** A connection is over. */
    remove(line) {
        this.#lines.delete(line);
    }
    #taken(place) {
        for (const other of this.#bindings.values()) {
            if (covers(other, place) || covers(place, other))
                return true;
        }
        return false;
    }
    #freed(asked) {
        for (;;) {
            const place = { ...asked, port: this.#nextPort++ };
            if (!this.#taken(place))
                return place;
        }
    }
}
function refusal(code, message) {
    return Object.assign(new Error(message), { code });
}
