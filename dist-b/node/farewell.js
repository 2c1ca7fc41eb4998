/** The order in which a node closes. */
export class Farewell {
    #owner;
    #environment;
    #timeoutMs;
    #phase = 'open';
    #promise;
    #resolve = () => undefined;
    #deadline;
    constructor(environment, timeoutMs, owner) {
        this.#environment = environment;
        this.#timeoutMs = timeoutMs;
        this.#owner = owner;
    }
    get begun() {
        return this.#phase !== 'open';
    }
    /** Begins, or tells when it will be over. */
    begin() {
        this.#promise ??= new Promise((resolve) => {
            this.#resolve = resolve;
            this.#phase = 'draining';
            this.#owner.shut();
            this.#deadline = this.#environment.scheduler.schedule(() => this.#leave(), this.#timeoutMs);
            // Never in the middle of what the caller is doing.
            this.#environment.soon(() => this.settled());
        });
        return this.#promise;
    }
    /** Something has left the queues. */
    settled() {
        if (this.#phase === 'draining' && this.#owner.inFlight === 0)
            this.#leave();
    }
    /** Nobody is listened to any more. */
    closed() {
        if (this.#phase !== 'leaving')
            return;
        this.#phase = 'closed';
        this.#owner.end();
        this.#resolve();
    }
    #leave() {
        if (this.#phase !== 'draining')
            return;
        this.#phase = 'leaving';
        this.#deadline?.unsubscribe();
        this.#owner.leave();
    }
}
