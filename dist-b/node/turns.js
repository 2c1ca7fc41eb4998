/** Taking turns: what comes in the middle of a piece of work waits until that is done. */
/** Works things off one after the other. */
export class Turns {
    #work;
    #queue = [];
    #working = false;
    constructor(work) {
        this.#work = work;
    }
    /** Works it off now, or as soon as its turn comes. */
    take(item) {
        if (this.#working) {
            this.#queue.push(item);
            return;
        }
        this.#working = true;
        try {
            this.#work(item);
            while (this.#queue.length > 0)
                this.#work(this.#queue.shift());
        }
        finally {
            this.#working = false;
        }
    }
}
