/** The peers: a BehaviorSubject that refuses what is wrong, whole, before anybody has seen it. */
import { BehaviorSubject } from 'rxjs';
import { ClusterError } from '../model/cluster-error.js';
import { Turns } from './turns.js';
import { frozenMap } from '../model/frozen-map.js';
/** Everyone but me. `next(map)` drives the links; only the node ends it. */
export class PeersSubject extends BehaviorSubject {
    #owner;
    #turns = new Turns((peers) => {
        this.#owner.reconcile(peers);
        super.next(peers);
    });
    /** @param peers those of the config; the first `reconcile` is `begin` */
    constructor(peers, owner) {
        super(copy(peers));
        this.#owner = owner;
    }
    /** Opens the links to the first peers. */
    begin() {
        this.#owner.reconcile(this.value);
    }
    next(peers) {
        const problems = this.problems(peers);
        if (problems.length === 0)
            this.#turns.take(copy(peers));
        else
            this.#owner.refused(refusal(problems));
    }
    /** The same, for a caller who can catch. @throws ClusterError `PEER_INVALID` */
    change(peers) {
        const problems = this.problems(peers);
        if (problems.length > 0)
            throw refusal(problems);
        this.#turns.take(copy(peers));
    }
    complete() {
        // Its user has finished; the node has not.
    }
    error(error) {
        const message = 'somebody called peers.error(): nothing has changed';
        this.#owner.refused(new ClusterError('PEER_INVALID', message, { cause: error }));
    }
    /** Ends it: the node closes. */
    end() {
        super.complete();
    }
    problems(peers) {
        if (peers instanceof Map)
            return this.#owner.problems(peers);
        return ['peers: expected a Map from pid to { pid, endpoint }'];
    }
}
function refusal(issues) {
    return new ClusterError('PEER_INVALID', `peers: nothing has changed: ${issues.join('; ')}`, { issues });
}
function copy(peers) {
    return frozenMap([...peers].map(([pid, { endpoint }]) => [pid, Object.freeze({ pid, endpoint })]));
}
