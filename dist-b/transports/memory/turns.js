/** Turns: work that waits until the present piece of work is done, in the order it was given in. */
/**
 * A first-in, first-out line of work in front of `soon`.
 *
 * One call of `soon` serves all that is waiting. What is added meanwhile waits for the next one, so
 * two ends that answer each other for ever still let everybody else have a turn in between.
 */
export class Turns {
    #soon;
    #waiting = [];
    constructor(soon) {
        this.#soon = soon;
    }
    /** Adds work to the end of the line. Work that throws does so in a turn of its own. */
    take(work) {
        if (this.#waiting.push(work) === 1)
            this.#soon(() => this.#run());
    }
    #run() {
        const due = this.#waiting;
        this.#waiting = [];
        for (const work of due) {
            try {
                work();
            }
            catch (error) {
                this.#soon(() => {
                    throw error;
                });
            }
        }
    }
}
