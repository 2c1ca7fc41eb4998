/** Reads what a socket receives, until it is closed. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Dealer, Router } from 'zeromq'

/** What is read in one go, before timers and other sockets have their turn. */
const FRAMES_PER_ITERATION_MAX = 64
const BYTES_PER_ITERATION_MAX = 1024 * 1024

/**
 * Tells `hear` of every message of a socket.
 *
 * Parts over 128 bytes are not copied: each is a window onto memory of libzmq, and a part of 200
 * bytes may hold 8 KiB of it, which is what it reads at once. Nobody writes to it again, but
 * whoever keeps a part keeps all that; so it is decoded at once, and what is kept is copied by who
 * keeps it. Parts that are larger than that have memory of their own.
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
  for (;;) {
    let parts: Buffer[]
    try {
      parts = await socket.receive()
    } catch {
      return
    }
    for (const part of parts) bytes += part.length
    onFrame(parts)
    // First what the frame has set off: an answer leaves before the next frame is looked for, which
    // takes as long as to send it.
    await drainMicrotasks()
    if (++frames < FRAMES_PER_ITERATION_MAX && bytes < BYTES_PER_ITERATION_MAX) continue
    frames = 0
    bytes = 0
    await nextTurn()
  }
}

function drainMicrotasks(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}
