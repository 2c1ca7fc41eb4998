import { receive, refuse } from './reception-frames.js';
import { encodeFrame } from './wire/encode-frame.js';
import { report } from './inbound.js';
/** A reception that lets nobody in yet. */
export function openReception(names) {
    return {
        ...names,
        members: new Map(),
        lastEpoch: 0,
        sessions: new Map(),
        knocking: new Map(),
        withheld: false,
        ackDue: false,
    };
}
/** One step of a reception: called once per frame or flush, never per envelope. */
export const stepReception = (state, event) => {
    const effects = [];
    switch (event.type) {
        case 'frame':
            receive(state, event.connection, event.frame, effects);
            break;
        case 'gone':
            for (const session of state.sessions.values()) {
                if (session.connection === event.connection)
                    session.connection = undefined;
            }
            break;
        case 'members':
            changeMembers(state, event.pids, effects);
            break;
        case 'taken': {
            const { session, count, rejections } = event;
            session.settled += count;
            session.rejections.push(...rejections);
            session.ackDue = true;
            state.ackDue = true;
            break;
        }
        case 'withhold':
            state.withheld = event.withheld;
            for (const session of state.sessions.values())
                session.ackDue = true;
            state.ackDue = true;
            break;
        case 'flush':
            acknowledge(state, effects);
            break;
        case 'bye':
            acknowledge(state, effects);
            for (const connection of new Set([...state.sessions.values()].map((s) => s.connection))) {
                if (connection === undefined)
                    continue;
                effects.push({ type: 'send', connection, frame: [encodeFrame({ type: 'bye' })] });
            }
    }
    return [state, effects];
};
/** Sends what is due: one ACK per connection, for all its sessions. */
export function acknowledge(state, effects) {
    if (!state.ackDue)
        return;
    state.ackDue = false;
    const due = new Map();
    for (const session of state.sessions.values()) {
        const { connection } = session;
        if (!session.ackDue || connection === undefined)
            continue;
        const others = due.get(connection);
        if (others === undefined)
            due.set(connection, [session]);
        else
            others.push(session);
    }
    const credit = creditOf(state);
    for (const [connection, sessions] of due) {
        const reports = sessions.map((session) => report(session, credit));
        const frame = [encodeFrame({ type: 'ack', sessions: reports })];
        effects.push({ type: 'send', connection, frame });
    }
}
/** Bytes that each sender may have outstanding. */
export function creditOf(state) {
    return state.withheld ? 0 : state.windowBytes;
}
function changeMembers(state, pids, effects) {
    for (const pid of [...state.members.keys()])
        if (!pids.has(pid))
            expel(state, pid, effects);
    for (const pid of pids) {
        if (state.members.has(pid))
            continue;
        state.members.set(pid, ++state.lastEpoch);
        const connection = state.knocking.get(pid);
        if (connection === undefined)
            continue;
        state.knocking.delete(pid);
        refuse(connection, { nonce: 0, pid, reason: 'say-hello', detail: 'a member now' }, effects);
    }
}
/** Ends the session of a former member, and tells it how far it got: the rest did not arrive. */
function expel(state, pid, effects) {
    state.members.delete(pid);
    const session = state.sessions.get(pid);
    if (session === undefined)
        return;
    state.sessions.delete(pid);
    const { connection, epoch, toEpoch, settled } = session;
    if (connection === undefined)
        return;
    state.ackDue = true;
    // What was rejected is told first, so that it is not taken for delivered.
    effects.push({
        type: 'send',
        connection,
        frame: [encodeFrame({ type: 'ack', sessions: [report(session, 0)] })],
    });
    const last = { epoch, toEpoch, settled };
    state.knocking.set(pid, connection);
    refuse(connection, { nonce: 0, pid, reason: 'not-a-member', detail: 'removed', last }, effects);
}
