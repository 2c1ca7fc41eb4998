import type { Event, Observer } from 'zeromq';
/**
 * Tells `hear` of every event of a socket.
 *
 * The reading keeps the observer from being collected, which would abort what waits for it. Nobody
 * closes the observer: closing the socket is enough, and its last event comes when nothing of the
 * socket is left.
 *
 * @returns when the socket is gone, its port and its descriptors with it
 */
export declare function watchEvents(observer: Observer, hear: (event: Event) => void): Promise<void>;
