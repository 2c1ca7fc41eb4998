/** The memory of large messages: taken, given back, and taken again. */

/** A piece is a multiple of this, so that it fits the next message as well. */
const STEP_BYTES = 16 * 1024
/** So much memory that was given back is kept for the next large messages. */
const SPARE_BYTES_MAX = 8 * 1024 * 1024
/** From here on glibc would give a freed piece back to the system, and fault in the next one. */
const MAPPED_BYTES = 128 * 1024
/** Not more than glibc's own limit for its threshold, which is 32 MiB. */
const LARGEST_FREED_BYTES = 24 * 1024 * 1024

let allocatorToldOnce = false

/**
 * Lets the C library keep freed memory for the next allocation.
 *
 * glibc maps pieces of 128 KiB and more by themselves and gives the end of its heap back, until
 * such a piece has been freed: then its thresholds follow the size of that piece (mallopt(3),
 * M_MMAP_THRESHOLD, "dynamic"). Who sends megabytes has fresh ones all the time, and to fault in
 * the pages of each costs three times as much as to fill it. A piece that nobody ever touches, and
 * that the collector frees, takes no memory, and settles it. Elsewhere it does nothing.
 */
function tellAllocator(): void {
  if (allocatorToldOnce) return
  allocatorToldOnce = true
  void new ArrayBuffer(LARGEST_FREED_BYTES)
}

/** Keeps a few pieces that were given back. */
export class SpareMemory {
  readonly #pieces: Buffer[] = []
  #bytes = 0

  /** Memory of so many bytes or somewhat more: used before, or new. */
  take(bytes: number): Buffer {
    const index = this.#pieces.findIndex(({ length }) => length >= bytes && length / 2 <= bytes)
    const [piece] = index < 0 ? [] : this.#pieces.splice(index, 1)
    if (piece !== undefined) {
      this.#bytes -= piece.length
      return piece
    }
    if (bytes >= MAPPED_BYTES) tellAllocator()
    return Buffer.allocUnsafeSlow(Math.ceil(bytes / STEP_BYTES) * STEP_BYTES)
  }

  /** Nobody reads these any more. */
  give(memory: Uint8Array): void {
    if (this.#bytes + memory.length > SPARE_BYTES_MAX) return
    this.#bytes += memory.length
    this.#pieces.push(memory as Buffer)
  }
}
