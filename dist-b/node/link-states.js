import { BehaviorSubject } from 'rxjs';
import { frozenMap } from '../model/frozen-map.js';
/**
 * Collects changes, and tells them together: copying a map for each of 700 links that come up at once would take seconds.
 */
export class LinkStates {
    subject;
    #environment;
    #states = new Map();
    #due = false;
    #ended = false;
    constructor(environment, pids) {
        this.#environment = environment;
        for (const pid of pids)
            this.#states.set(pid, 'connecting');
        this.subject = new BehaviorSubject(frozenMap(this.#states));
    }
    set(pid, state) {
        if (this.#states.get(pid) === state)
            return;
        this.#states.set(pid, state);
        this.#tellSoon();
    }
    /** Those who are new are connecting; those who are gone are gone. */
    keep(pids) {
        for (const pid of [...this.#states.keys()]) {
            if (pids.has(pid))
                continue;
            this.#states.delete(pid);
            this.#tellSoon();
        }
        for (const [pid] of pids)
            if (!this.#states.has(pid))
                this.set(pid, 'connecting');
    }
    end() {
        this.#ended = true;
        this.subject.complete();
    }
    #tellSoon() {
        if (this.#due)
            return;
        this.#due = true;
        this.#environment.scheduler.schedule(() => {
            this.#due = false;
            if (!this.#ended)
                this.subject.next(frozenMap(this.#states));
        });
    }
}
