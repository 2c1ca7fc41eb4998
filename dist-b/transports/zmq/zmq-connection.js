import { callable, isIpv6, resolved, written } from './address.js';
import { aside } from './aside.js';
import { problemOf } from './problem.js';
import { readFrames } from './read-frames.js';
import { watchEvents } from './watch-events.js';
/** libzmq has so long to report a handshake that failed, before we do. */
const GRACE_MS = 500;
/** A connected DEALER. */
export class ZmqConnection {
    #sockets;
    #endpoint;
    #caller;
    #dealer;
    #opened = false;
    /** The other side is gone; what has arrived is still read. */
    #lost = false;
    /** Why it is over; from then on nobody is told anything but that. */
    #over;
    #greeting;
    constructor(sockets, endpoint, options, caller) {
        this.#sockets = sockets;
        this.#endpoint = endpoint;
        this.#caller = caller;
        queueMicrotask(() => void this.#live(options));
    }
    /**
     * Never waits. A frame that cannot be sent ends the connection: a hole in the order would be
     * worse.
     */
    send(frame) {
        if (!this.#opened || this.#lost || this.#over !== undefined || frame.length === 0)
            return;
        try {
            this.#dealer?.send(frame).catch(this.#unsent);
        }
        catch {
            this.#unsent();
        }
    }
    close(lingerMs) {
        this.#end('closed', lingerMs);
    }
    /** From the first turn to the last: `closed` is told when nothing of the socket is left. */
    async #live(options) {
        try {
            const address = await resolved(callable(this.#endpoint));
            if (this.#over === undefined)
                await this.#dial(address, options);
        }
        catch (error) {
            this.#over ??= problemOf(error).message;
        }
        const reason = this.#over ?? `the connection to ${this.#endpoint} was lost`;
        aside(() => this.#caller.closed(reason));
    }
    async #dial(address, options) {
        const dealer = this.#sockets.dealer(options, isIpv6(address));
        this.#dealer = dealer;
        try {
            const released = watchEvents(dealer.events, (event) => this.#heed(event));
            this.#connect(dealer, written(address));
            await released;
        }
        finally {
            clearTimeout(this.#greeting);
            dealer.close();
        }
    }
    #connect(dealer, address) {
        try {
            dealer.connect(address);
        }
        catch (error) {
            this.#end(problemOf(error).message, 0);
        }
    }
    #heed(event) {
        if (this.#over !== undefined)
            return;
        switch (event.type) {
            case 'connect':
                return this.#expectGreeting();
            case 'handshake':
                return this.#open();
            case 'close':
            case 'close:error':
            case 'connect:retry':
            case 'disconnect':
                return this.#lose();
            case 'handshake:error:protocol':
            case 'handshake:error:auth':
            case 'handshake:error:other':
                return this.#end(`${this.#endpoint} did not greet: ${event.error.message}`, 0);
            default:
        }
    }
    /**
     * Gives the other side a limit: one that speaks an older protocol would otherwise stay half open
     * for ever. The limit is looked at after all that has already happened, lest a busy process takes
     * its own delay for silence.
     */
    #expectGreeting() {
        const patienceMs = this.#sockets.tuning.handshakeMs + GRACE_MS;
        const giveUp = () => {
            if (!this.#opened)
                this.#end(`${this.#endpoint} did not greet in time`, 0);
        };
        this.#greeting = setTimeout(() => setImmediate(giveUp), patienceMs);
    }
    #open() {
        clearTimeout(this.#greeting);
        this.#opened = true;
        aside(() => this.#caller.opened());
        if (this.#dealer !== undefined)
            void readFrames(this.#dealer, (parts) => this.#hear(parts));
    }
    #hear(parts) {
        if (this.#over !== undefined)
            return;
        aside(() => this.#caller.frame(parts));
        if (this.#lost)
            this.#lose();
    }
    #lose() {
        this.#lost = true;
        if (!this.#opened)
            this.#end(`nobody answers at ${this.#endpoint}`, 0);
        else if (!this.#readable())
            this.#end(`the connection to ${this.#endpoint} was lost`, 0);
    }
    /** The caller may have closed it from within its last frame. */
    #readable() {
        return this.#over === undefined && this.#dealer?.readable === true;
    }
    #unsent = () => this.#end(`the connection to ${this.#endpoint} was lost`, 0);
    #end(reason, lingerMs) {
        if (this.#over !== undefined)
            return;
        this.#over = reason;
        const dealer = this.#dealer;
        if (dealer === undefined)
            return;
        dealer.linger = lingerMs;
        dealer.close();
    }
}
