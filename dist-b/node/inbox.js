import { Observable } from 'rxjs';
import { Deque } from '../core/deque.js';
import { EntryCursor } from '../core/wire/entry.js';
import { OrderedSubject } from './ordered-subject.js';
import { Unreadable } from '../core/wire/bytes.js';
/**
 * The taking end of a node.
 *
 * Before the first subscription envelopes wait, at most `bufSize` of them; after it the inbox is hot. While it is paused, or
 * that buffer is full, runs are held as the bytes they came in, not acknowledged, and bounded by the senders' windows.
 */
export class Inbox {
    envelopes;
    received = 0;
    unheard = 0;
    #heard = new OrderedSubject();
    #codec;
    #limits;
    #owner;
    #held = new Deque();
    /** What was taken before the first subscription, and not yet told to it. */
    #early = new Deque();
    #awaited = true;
    #pauses = 0;
    #taking = false;
    #withheld = false;
    #silent = false;
    constructor(codec, limits, owner) {
        this.#codec = codec;
        this.#limits = limits;
        this.#owner = owner;
        this.envelopes = new Observable((subscriber) => this.#listen(subscriber));
    }
    get pauses() {
        return this.#pauses;
    }
    /** Takes a run now, or holds it until it can. */
    offer(run) {
        const { session, first, count, skip, parts, offset } = run;
        const cursor = new EntryCursor(parts, offset);
        const held = { session, cursor, skip, next: first, left: count, unreported: 0, rejections: [] };
        this.#held.push(held);
        this.#take();
        // The transport's memory is only lent for this call.
        if (held.left > 0)
            cursor.keep();
    }
    /**
     * Takes nothing more of those who are no members, from this moment on, even in the middle of a run; what was taken up to
     * here is reported BEFORE it returns, so that a farewell tells the truth.
     */
    dismiss(isMember) {
        const current = this.#held.at(0);
        if (current !== undefined)
            this.#report(current);
        for (let index = 0; index < this.#held.length; index++) {
            const held = this.#held.at(index);
            if (!isMember(held.session.pid))
                held.left = 0;
        }
    }
    /** Stops taking. @returns takes again; works once */
    pause() {
        this.#pauses++;
        this.#tellWithheld();
        let paused = true;
        return () => {
            if (!paused)
                return;
            paused = false;
            this.#pauses--;
            this.#take();
            this.#tellWithheld();
        };
    }
    complete() {
        this.#held.drain();
        this.#early.drain();
        this.#heard.complete();
    }
    #listen(subscriber) {
        this.#silent = false;
        const subscription = this.#heard.subscribe(subscriber);
        if (this.#awaited) {
            this.#awaited = false;
            this.#take();
        }
        return () => subscription.unsubscribe();
    }
    #stopped() {
        return this.#pauses > 0 || (this.#awaited && this.#early.length >= this.#limits.bufSize);
    }
    #tellWithheld() {
        const withheld = this.#stopped();
        if (withheld === this.#withheld)
            return;
        this.#withheld = withheld;
        this.#owner.withhold(withheld);
    }
    #take() {
        if (this.#taking)
            return;
        this.#taking = true;
        try {
            while (!this.#stopped()) {
                const early = this.#awaited ? undefined : this.#early.shift();
                if (early !== undefined) {
                    this.#emit(early);
                    continue;
                }
                const held = this.#held.at(0);
                if (held === undefined)
                    break;
                this.#takeFrom(held);
                if (held.left === 0)
                    this.#held.shift();
            }
        }
        finally {
            this.#taking = false;
        }
        this.#tellWithheld();
    }
    #takeFrom(held) {
        const { cursor } = held;
        try {
            for (; held.left > 0 && held.skip > 0; held.skip--)
                cursor.next();
            while (held.left > 0 && !this.#stopped()) {
                cursor.next();
                const sequence = held.next++;
                held.left--;
                held.unreported++;
                this.#takeEntry(held, sequence);
            }
        }
        catch (error) {
            if (!(error instanceof Unreadable))
                throw error;
            for (; held.left > 0; held.left--) {
                held.unreported++;
                held.rejections.push({ sequence: held.next++, reason: 'malformed', detail: error.message });
            }
        }
        this.#report(held);
    }
    #report(held) {
        const { session, unreported, rejections } = held;
        held.unreported = 0;
        held.rejections = [];
        if (unreported > 0)
            this.#owner.taken(session, unreported, rejections);
    }
    #takeEntry({ session, cursor, rejections }, sequence) {
        const { msgId, re, body, start, end } = cursor;
        if (end - start > this.#limits.maxMessageBytes) {
            const detail = `${end - start} bytes, and ${this.#limits.maxMessageBytes} are taken`;
            rejections.push({ sequence, reason: 'too-large', detail });
            return;
        }
        let msg;
        try {
            msg = this.#codec.decode(body, start, end);
        }
        catch (error) {
            rejections.push({ sequence, reason: 'undecodable', detail: error.message });
            return;
        }
        const { pid, incarnation } = session;
        this.received++;
        const envelope = re === undefined ? { pid, incarnation, msgId, msg } : { pid, incarnation, msgId, re, msg };
        if (this.#awaited)
            this.#early.push(envelope);
        else
            this.#emit(envelope);
    }
    #emit(envelope) {
        if (!this.#heard.observed) {
            this.unheard++;
            if (!this.#silent) {
                this.#silent = true;
                this.#owner.unheard();
            }
        }
        this.#heard.next(envelope);
    }
}
