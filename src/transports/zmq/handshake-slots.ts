/**
 * Bounds the CURVE handshakes of a transport that run at once.
 *
 * A handshake takes about 1 ms of an I/O thread at each end. Where hundreds begin together, all of
 * them exceed their time limit, their work is lost, and they begin again.
 */

/** Slots for handshakes. Those that find none free wait in order. */
export class HandshakeSlots {
  #free: number
  readonly #waiting = new Set<() => void>()

  constructor(count: number) {
    this.#free = count
  }

  /** Calls `start` when it has a slot: at once, or later. */
  request(start: () => void): void {
    if (this.#free === 0) {
      this.#waiting.add(start)
      return
    }
    this.#free--
    start()
  }

  /** Returns whether `start` was waiting: it is then never called. */
  cancel(start: () => void): boolean {
    return this.#waiting.delete(start)
  }

  /** Gives a slot back, to the one that waits longest. */
  release(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#free++
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
