/** Watches what happens to a socket, until it is no more. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Event, Observer } from 'zeromq'

/** Events that are read in one go. Without a pause, a storm of them keeps every timer waiting. */
const EVENTS_PER_ITERATION_MAX = 64

/**
 * Tells `hear` of every event of a socket.
 *
 * The reading keeps the observer from being collected, which would abort what waits for it. Nobody
 * closes the observer: closing the socket is enough, and its last event comes when nothing of the
 * socket is left.
 *
 * @returns when the socket is gone, its port and its descriptors with it
 */
export async function monitorEvents(
  observer: Observer,
  onEvent: (event: Event) => void,
): Promise<void> {
  for (let count = 1; ; count++) {
    let event: Event
    try {
      event = await observer.receive()
    } catch {
      return
    }
    if (event.type === 'end') return
    onEvent(event)
    if (count % EVENTS_PER_ITERATION_MAX === 0) await nextTurn()
  }
}
