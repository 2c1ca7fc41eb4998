/** Reads the frames of a socket until the socket is closed. */
import type { Dealer, Router } from 'zeromq'
import { runtime } from '../../ports/runtime.ts'

/** Above either limit, timers and other sockets run before the next frame is read. */
const FRAMES_PER_ITERATION_MAX = 64
const BYTES_PER_ITERATION_MAX = 1024 * 1024
/** Frames that are slow to read for their size: without it 64 of them would block as one. */
const MS_PER_ITERATION_MAX = 10

/**
 * Calls `onFrame` for every message of a socket.
 *
 * A part over 128 bytes is not copied: it is a view of a buffer of libzmq, which may hold 8 KiB for
 * a part of 200 bytes. Nothing writes to that buffer again, but a kept part keeps all of it alive.
 * A receiver therefore decodes at once, and copies what it keeps. Parts over 8 KiB own their
 * memory.
 *
 * @param onFrame must not throw
 * @returns when the socket is closed
 */
export async function readFrames(
  socket: Dealer | Router,
  onFrame: (parts: Buffer[]) => void,
): Promise<void> {
  let frames = 0
  let bytes = 0
  let startMs = 0
  for (;;) {
    let parts: Buffer[]
    try {
      parts = await socket.receive()
    } catch {
      return
    }
    for (const part of parts) bytes += part.length
    if (frames === 0) startMs = runtime.nowMs()
    onFrame(parts)
    // Replies leave before the next frame is read: the read takes as long as sending them.
    await drainMicrotasks()
    frames++
    const isShort = frames < FRAMES_PER_ITERATION_MAX && bytes < BYTES_PER_ITERATION_MAX
    if (isShort && runtime.nowMs() - startMs < MS_PER_ITERATION_MAX) continue
    frames = 0
    bytes = 0
    await nextIteration()
  }
}

function drainMicrotasks(): Promise<void> {
  return new Promise((resolve) => runtime.nextTick(resolve))
}

/** Waits until the event loop has run timers and I/O once. */
export function nextIteration(): Promise<void> {
  return new Promise((resolve) => void runtime.setImmediate(resolve))
}
