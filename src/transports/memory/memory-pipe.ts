/** One connection in memory: frames both ways between the dialing end and the listening end. */
import type { Frame } from '../../ports/transport.ts'
import type { TaskQueue } from './task-queue.ts'

/** Where one end receives frames, and learns that the pipe has closed. */
export interface PipeEnd {
  readonly queue: TaskQueue
  readonly maxPartBytes: number
  onFrame(frame: Frame): void
  /** The last call, once. */
  onClosed(reason: string): void
}

/**
 * One connection in memory.
 *
 * Frames are copied when sent: a receiver may change its bytes without affecting the sender, or the
 * other receivers of a broadcast.
 */
export class MemoryPipe {
  /** As the dialing end named it. */
  readonly endpoint: string
  readonly #dialer: PipeEnd
  readonly #listener: PipeEnd
  /** Called inside the call that closes the pipe. */
  readonly #onClosed: (pipe: MemoryPipe) => void
  #isOpen = true
  #dropsToListener = false
  #dropsToDialer = false

  constructor(
    endpoint: string,
    ends: { readonly dialer: PipeEnd; readonly listener: PipeEnd },
    onClosed: (pipe: MemoryPipe) => void,
  ) {
    this.endpoint = endpoint
    this.#dialer = ends.dialer
    this.#listener = ends.listener
    this.#onClosed = onClosed
  }

  toListener(frame: Frame): void {
    const { queue, maxPartBytes } = this.#listener
    if (!this.#accepts(frame, maxPartBytes)) return
    const copy = copyOf(frame)
    queue.enqueue(() => {
      if (!this.#dropsToListener) this.#listener.onFrame(copy)
    })
  }

  toDialer(frame: Frame): void {
    const { queue, maxPartBytes } = this.#dialer
    if (!this.#accepts(frame, maxPartBytes)) return
    const copy = copyOf(frame)
    queue.enqueue(() => {
      if (!this.#dropsToDialer) this.#dialer.onFrame(copy)
    })
  }

  /** Frames to the dialer are dropped; frames to the listener too, unless `lingerMs > 0`. */
  closeFromDialer(lingerMs: number): void {
    this.#dropsToDialer = true
    this.#dropsToListener ||= lingerMs <= 0
    this.#close('closed')
  }

  /** Frames to the listener are dropped; frames to the dialer too, unless `lingerMs > 0`. */
  closeFromListener(lingerMs: number): void {
    this.#dropsToListener = true
    this.#dropsToDialer ||= lingerMs <= 0
    this.#close(`${this.endpoint} closed the connection`)
  }

  /** Closes the pipe; frames on the wire are lost both ways. */
  sever(reason: string): void {
    this.#dropsToListener = true
    this.#dropsToDialer = true
    this.#close(reason)
  }

  #accepts(frame: Frame, maxPartBytes: number): boolean {
    if (!this.#isOpen || frame.length === 0) return false
    if (frame.every((part) => part.byteLength <= maxPartBytes)) return true
    this.sever(`a part of a frame was larger than ${maxPartBytes} bytes`)
    return false
  }

  #close(reason: string): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#onClosed(this)
    this.#listener.queue.enqueue(() => this.#listener.onClosed(reason))
    this.#dialer.queue.enqueue(() => this.#dialer.onClosed(reason))
  }
}

function copyOf(frame: Frame): Frame {
  return frame.map((part) => new Uint8Array(part))
}
