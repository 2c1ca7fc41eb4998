/** Begins a session. */
export function openInbound(names) {
    return {
        ...names,
        settled: 0,
        received: 0,
        rejections: [],
        ackDue: false,
        gap: undefined,
    };
}
/** Takes in a DATA frame: what is new in it, if anything is, and in any case an acknowledgement falls due. */
export function accept(session, frame) {
    session.ackDue = true;
    forget(session, frame.settled);
    const expected = session.received + 1;
    if (frame.first > expected) {
        session.gap = expected;
        return undefined;
    }
    const skip = expected - frame.first;
    const count = frame.count - skip;
    if (count <= 0)
        return undefined;
    session.received += count;
    session.gap = undefined;
    return { session, first: expected, count, skip, offset: frame.offset, parts: frame.parts };
}
/** Forgets the rejections that the sender knows of. */
export function forget(session, settled) {
    if (session.rejections.length === 0)
        return;
    session.rejections = session.rejections.filter(({ sequence }) => sequence > settled);
}
/**
 * Tells where a session stands.
 *
 * @param credit bytes that may be written beyond what is settled; 0 while the inbox takes nothing
 */
export function report(session, credit) {
    const { pid, epoch, toEpoch, settled, received, rejections } = session;
    const gap = session.gap !== undefined;
    session.ackDue = false;
    session.gap = undefined;
    return { pid, epoch, toEpoch, settled, received, credit, gap, rejections };
}
