/** Reads the monitor events of a socket until the socket is closed. */
import type { Event, Observer } from 'zeromq'
import { nextIteration } from './read-frames.ts'

/** Without a pause, a burst of events starves every timer. */
const EVENTS_PER_ITERATION_MAX = 64

/**
 * Calls `onEvent` for every event of a socket.
 *
 * The pending read keeps the observer from being garbage-collected. The observer is never closed:
 * that would reject the read. Closing the socket ends it.
 *
 * @returns when the socket is released, with its port and its descriptors
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
    if (count % EVENTS_PER_ITERATION_MAX === 0) await nextIteration()
  }
}
