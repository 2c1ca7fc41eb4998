/** The memory of large messages: taken, given back, and taken again. */

/** A piece is a multiple of this, so that it fits the next message as well. */
const SIZE_MULTIPLE_BYTES = 16 * 1024
/** So much memory that was given back is kept for the next large messages. */
const POOLED_BYTES_MAX = 8 * 1024 * 1024
/** From here on glibc would give a freed piece back to the system, and fault in the next one. */
const MMAP_THRESHOLD_BYTES = 128 * 1024
/** Not more than glibc's own limit for its threshold, which is 32 MiB. */
const RAISED_THRESHOLD_BYTES = 24 * 1024 * 1024

let mallocThresholdRaised = false

/**
 * Lets the C library keep freed memory for the next allocation.
 *
 * glibc maps pieces of 128 KiB and more by themselves and gives the end of its heap back, until
 * such a piece has been freed: then its thresholds follow the size of that piece (mallopt(3),
 * M_MMAP_THRESHOLD, "dynamic"). Who sends megabytes has fresh ones all the time, and to fault in
 * the pages of each costs three times as much as to fill it. A piece that nobody ever touches, and
 * that the collector frees, takes no memory, and settles it. Elsewhere it does nothing.
 */
function raiseMallocThreshold(): void {
  if (mallocThresholdRaised) return
  mallocThresholdRaised = true
  void new ArrayBuffer(RAISED_THRESHOLD_BYTES)
}

/** Keeps a few pieces that were given back. */
export class BufferPool {
  readonly #buffers: Buffer[] = []
  #pooledBytes = 0

  /** Memory of so many bytes or somewhat more: used before, or new. */
  acquire(bytes: number): Buffer {
    const index = this.#buffers.findIndex(({ length }) => length >= bytes && length / 2 <= bytes)
    const [buffer] = index < 0 ? [] : this.#buffers.splice(index, 1)
    if (buffer !== undefined) {
      this.#pooledBytes -= buffer.length
      return buffer
    }
    if (bytes >= MMAP_THRESHOLD_BYTES) raiseMallocThreshold()
    return Buffer.allocUnsafeSlow(Math.ceil(bytes / SIZE_MULTIPLE_BYTES) * SIZE_MULTIPLE_BYTES)
  }

  /** Nobody reads these any more. */
  release(memory: Uint8Array): void {
    if (this.#pooledBytes + memory.length > POOLED_BYTES_MAX) return
    this.#pooledBytes += memory.length
    this.#buffers.push(memory as Buffer)
  }
}
