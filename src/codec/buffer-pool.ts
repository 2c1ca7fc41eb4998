/** A pool of buffers for large messages. */

/** Sizes are rounded up to a multiple, so that a buffer fits the next message, too. */
const SIZE_MULTIPLE_BYTES = 16 * 1024
const POOLED_BYTES_MAX = 8 * 1024 * 1024
/** glibc returns freed blocks of this size to the kernel, so that each new one page-faults. */
const MMAP_THRESHOLD_BYTES = 128 * 1024
/** Below the largest threshold of glibc, 32 MiB. */
const RAISED_THRESHOLD_BYTES = 24 * 1024 * 1024

let mallocThresholdRaised = false

/**
 * Lets glibc keep freed blocks for the next allocation.
 *
 * glibc maps blocks of 128 KiB and more separately, until it frees one: then its threshold rises to
 * the size of that block (mallopt(3), M_MMAP_THRESHOLD, "dynamic"). Without this, every large
 * message faults in fresh pages, which costs three times as much as filling them. The block below
 * is never touched, so it takes no memory before the garbage collector frees it. Other allocators
 * are not affected.
 */
function raiseMallocThreshold(): void {
  if (mallocThresholdRaised) return
  mallocThresholdRaised = true
  void new ArrayBuffer(RAISED_THRESHOLD_BYTES)
}

/** Keeps released buffers, up to 8 MiB of them. */
export class BufferPool {
  readonly #buffers: Buffer[] = []
  #pooledBytes = 0

  /** Returns a pooled or new buffer of `bytes` to twice as many. Its content is undefined. */
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

  /** Takes back a buffer that is no longer read. */
  release(memory: Uint8Array): void {
    if (this.#pooledBytes + memory.length > POOLED_BYTES_MAX) return
    this.#pooledBytes += memory.length
    this.#buffers.push(memory as Buffer)
  }
}
