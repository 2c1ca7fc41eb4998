/** What a worker of the demo saw in its inbox. */
import { wallClockMs } from './demo-words.js';
/** Collects what an inbox saw, in order, and reports it in runs. */
export class Seen {
    #say;
    #runs = [];
    #atMs = 0;
    constructor(say) {
        this.#say = say;
    }
    add(sender, sequence) {
        this.#atMs = wallClockMs();
        const last = this.#runs.at(-1);
        if (last !== undefined && last[0] === sender && last[2] + 1 === sequence)
            last[2] = sequence;
        else
            this.#runs.push([sender, sequence, sequence]);
    }
    report() {
        if (this.#runs.length === 0)
            return;
        const runs = this.#runs;
        this.#runs = [];
        this.#say({ type: 'seen', runs, atMs: this.#atMs });
    }
}
