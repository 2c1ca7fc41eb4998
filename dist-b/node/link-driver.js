import { openLink, stepLink } from '../core/link.js';
import { Alarm } from './alarm.js';
import { LAG_MS, LINK_TUNING } from '../core/link-tuning.js';
import { Turns } from './turns.js';
import { Unreadable } from '../core/wire/bytes.js';
import { decodeFrame } from '../core/wire/decode-frame.js';
/** LEAVE has so long to get out. */
const LINGER_MS = 200;
/** Drives one link. */
export class LinkDriver {
    #environment;
    #transport;
    #names;
    #owners = new Map();
    #turns = new Turns((event) => this.#step(event));
    #alarm;
    #link;
    #connection;
    #flushing = false;
    constructor(environment, transport, names) {
        const { cluster, to } = names;
        this.#environment = environment;
        this.#transport = transport;
        this.#names = names;
        this.#link = openLink({ cluster, to, tuning: LINK_TUNING }, environment.monotonicMs());
        this.#alarm = new Alarm(environment, (lagMs) => {
            if (lagMs >= LAG_MS)
                for (const owner of this.#owners.values())
                    owner.lagged(lagMs);
            this.#turns.take({ type: 'tick', lagMs });
        });
    }
    /** Tells whether it carries nobody. */
    get idle() {
        return this.#owners.size === 0;
    }
    /** Tells whether a local node of this pid is on it. */
    carries(pid) {
        return this.#link.sessions.has(pid);
    }
    add(session, owner) {
        this.#owners.set(session, owner);
        this.#turns.take({ type: 'add', session });
        this.flush();
    }
    remove(session, moves) {
        this.#turns.take({ type: 'remove', session, moves });
        this.#owners.delete(session);
    }
    /** Writes what is waiting, once the present piece of work is done. */
    flush() {
        if (this.#flushing)
            return;
        this.#flushing = true;
        this.#environment.soon(() => {
            this.#flushing = false;
            this.#turns.take({ type: 'flush' });
        });
    }
    /** Hangs up for good. */
    close() {
        this.#alarm.cancel();
        this.#connection?.close(LINGER_MS);
        this.#connection = undefined;
    }
    #step(event) {
        const { monotonicMs, chance } = this.#environment;
        const at = { nowMs: monotonicMs(), chance };
        const [link, effects] = stepLink(this.#link, event, at);
        this.#link = link;
        for (const effect of effects) {
            if (effect.type === 'settled')
                this.#owners.get(effect.session)?.count(effect.settlement);
        }
        for (const effect of effects)
            this.#perform(effect);
        if (this.#owners.size > 0)
            this.#alarm.set(link.wakeAtMs);
    }
    #perform(effect) {
        switch (effect.type) {
            case 'send':
                this.#connection?.send(effect.frame);
                return;
            case 'dial':
                this.#dial();
                return;
            case 'hang-up':
                this.#connection?.close(0);
                this.#connection = undefined;
                return;
            case 'settled':
                this.#owners.get(effect.session)?.settled(effect.settlement);
                return;
            case 'state':
                this.#owners.get(effect.session)?.state(effect.state);
                return;
            case 'welcomed':
                this.#owners.get(effect.session)?.welcomed(effect.restarted);
                return;
            case 'refused':
                this.#owners.get(effect.session)?.refused(effect.reason, effect.detail);
                return;
            case 'bad-frame':
                for (const owner of this.#owners.values())
                    owner.badFrame(effect.detail);
        }
    }
    #dial() {
        const { endpoint, options } = this.#names;
        // A connection that was hung up may still have something to say: nobody listens then.
        const mine = () => this.#connection === connection;
        const connection = this.#transport.connect(endpoint, options, {
            opened: () => {
                if (mine())
                    this.#turns.take({ type: 'opened' });
            },
            frame: (frame) => {
                if (mine())
                    this.#hear(frame);
            },
            closed: (reason) => {
                if (!mine())
                    return;
                this.#connection = undefined;
                this.#turns.take({ type: 'closed', reason });
            },
        });
        this.#connection = connection;
    }
    #hear(bytes) {
        try {
            this.#turns.take({ type: 'frame', frame: decodeFrame(bytes) });
        }
        catch (error) {
            if (!(error instanceof Unreadable))
                throw error;
            for (const owner of this.#owners.values())
                owner.badFrame(error.message);
        }
    }
}
