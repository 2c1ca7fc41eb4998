/** A line: one connection in memory, with a caller at one end and a binding at the other. */
import type { ConnectionHandler, ConnectionId, Frame } from '../../ports/transport.ts'
import type { MemoryBinding } from './memory-binding.ts'
import type { MemoryNetwork } from './memory-network.ts'
import type { TaskQueue } from './task-queue.ts'

/** The end that called. */
export interface DialingEnd {
  readonly handler: ConnectionHandler
  readonly queue: TaskQueue
  readonly maxPartBytes: number
}

/**
 * One connection in memory.
 *
 * A frame is copied when it is sent: whoever gets it may do with it what it wants, and a sender
 * that gives the same bytes to ten receivers, as a broadcast does, is not reached by what one of
 * them does to them.
 */
export class MemoryPipe {
  readonly id: ConnectionId
  /** As it was called. */
  readonly endpoint: string
  readonly binding: MemoryBinding
  readonly #network: MemoryNetwork
  readonly #dialer: DialingEnd
  #isOpen = true
  /** Frames that are under way to the binding, or to the caller, are lost. */
  #dropsToListener = false
  #dropsToDialer = false

  constructor(
    network: MemoryNetwork,
    endpoint: string,
    binding: MemoryBinding,
    dialer: DialingEnd,
  ) {
    this.id = network.nextConnectionId()
    this.endpoint = endpoint
    this.binding = binding
    this.#network = network
    this.#dialer = dialer
    network.addPipe(this)
    binding.pipes.set(this.id, this)
  }

  /** A frame from the caller to the binding. */
  toListener(frame: Frame): void {
    if (!this.#accepts(frame, this.binding.maxPartBytes)) return
    const copy = copyOf(frame)
    this.binding.queue.enqueue(() => {
      if (!this.#dropsToListener) this.binding.deliverFrame(this.id, copy)
    })
  }

  /** A frame from the binding to the caller. */
  toDialer(frame: Frame): void {
    if (!this.#accepts(frame, this.#dialer.maxPartBytes)) return
    const copy = copyOf(frame)
    this.#dialer.queue.enqueue(() => {
      if (!this.#dropsToDialer) this.#dialer.handler.frame(copy)
    })
  }

  /** The caller hangs up: what it sent still arrives where it lingers, and nothing comes back. */
  closeFromDialer(lingerMs: number): void {
    this.#dropsToDialer = true
    this.#dropsToListener ||= lingerMs <= 0
    this.#close('closed')
  }

  /** The binding closes: what it sent still arrives where it lingers, and nothing gets there. */
  closeFromListener(lingerMs: number): void {
    this.#dropsToListener = true
    this.#dropsToDialer ||= lingerMs <= 0
    this.#close(`${this.endpoint} has hung up`)
  }

  /** It breaks: frames in flight are lost both ways. */
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
    this.#network.removePipe(this)
    this.binding.pipes.delete(this.id)
    this.binding.queue.enqueue(() => this.binding.connectionGone(this.id))
    this.#dialer.queue.enqueue(() => this.#dialer.handler.closed(reason))
  }
}

function copyOf(frame: Frame): Frame {
  return frame.map((part) => new Uint8Array(part))
}
