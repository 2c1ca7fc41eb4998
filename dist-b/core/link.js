import { askForNew, away, dial, hello, hungUp } from './link-dialogue.js';
import { hear } from './link-frames.js';
import { flush } from './link-writer.js';
import { nextWakeMs, phaseWakeMs, tick } from './link-clock.js';
import { encodeFrame } from './wire/encode-frame.js';
/** A link that has not dialed yet, and carries nobody. */
export function openLink(names, nowMs) {
    return {
        ...names,
        sessions: new Map(),
        phase: 'waiting',
        failed: false,
        attempts: 0,
        redialAtMs: nowMs,
        deadlineMs: Infinity,
        nonce: 0,
        heardAtMs: nowMs,
        wroteAtMs: nowMs,
        pingAtMs: undefined,
        pingToken: 0,
        busy: false,
        turn: 0,
        wakeAtMs: Infinity,
    };
}
/** One step of a link: called once per frame, flush or tick, never per envelope. */
export const stepLink = (link, event, at) => {
    const effects = [];
    if (event.type === 'add') {
        // Hundreds of nodes may join one link in a row: the flush that follows looks at them all at once.
        add(link, event.session, at, effects);
        return [link, effects];
    }
    perform(link, event, at, effects);
    for (const session of link.sessions.values()) {
        const state = stateOf(link, session);
        if (state === session.state)
            continue;
        session.state = state;
        effects.push({ type: 'state', session, state });
    }
    link.wakeAtMs = nextWakeMs(link);
    return [link, effects];
};
function add(link, session, at, effects) {
    link.sessions.set(session.from, session);
    session.standing = 'new';
    if (link.phase === 'waiting' && link.redialAtMs <= at.nowMs)
        dial(link, at, effects);
    link.wakeAtMs = Math.min(link.wakeAtMs, phaseWakeMs(link, session));
    const state = stateOf(link, session);
    if (state === session.state)
        return;
    session.state = state;
    effects.push({ type: 'state', session, state });
}
function perform(link, event, at, effects) {
    switch (event.type) {
        case 'remove': {
            const { from, epoch } = event.session;
            if (!link.sessions.delete(from))
                return;
            away(event.session, at.nowMs);
            if (event.moves || link.phase === 'waiting' || link.phase === 'dialing')
                return;
            effects.push({ type: 'send', frame: [encodeFrame({ type: 'leave', pid: from, epoch })] });
            return;
        }
        case 'opened':
            if (link.phase === 'dialing')
                hello(link, at, effects);
            return;
        case 'closed':
            if (link.phase !== 'waiting')
                hungUp(link, at);
            return;
        case 'frame':
            if (link.phase === 'waiting' || link.phase === 'dialing')
                return;
            link.heardAtMs = at.nowMs;
            link.busy = false;
            hear(link, event.frame, at, effects);
            flush(link, at, effects);
            return;
        case 'flush':
            askForNew(link, at, effects);
            flush(link, at, effects);
            return;
        case 'tick':
            tick(link, event.lagMs, at, effects);
            return;
    }
}
function stateOf(link, session) {
    if (session.standing === 'welcome' && link.phase === 'open')
        return link.busy ? 'busy' : 'up';
    return link.failed || session.standing === 'refused' ? 'down' : 'connecting';
}
