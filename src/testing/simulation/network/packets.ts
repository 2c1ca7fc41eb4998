/** The packets of a simulated connection: frames, and control packets of the connection itself. */
import type { Runnable } from '../time/virtual-clock.ts'
import type { Frame } from '../../../ports/transport.ts'
import { SEPARATE_PART_BYTES } from '../../../protocol/wire/entry.ts'
import type { SimProcess } from '../cluster/sim-process.ts'

/** A packet in one direction; a duplicated one arrives more than once. */
export interface Packet {
  readonly bytes: number
  /** Whether it is exempt from loss, duplication and reordering. */
  readonly reliable: boolean
  arrive(): void
}

/**
 * Opens or closes a connection, by calling one of its methods as a process if one is given.
 *
 * A class with its fields, not a closure: large simulations create many.
 */
export class ControlPacket<Target, Argument> implements Packet, Runnable {
  readonly #process: SimProcess | undefined
  readonly #handler: (this: Target, argument: Argument) => void
  readonly #connection: Target
  readonly #argument: Argument

  constructor(
    process: SimProcess | undefined,
    connection: Target,
    handler: (this: Target, argument: Argument) => void,
    argument: Argument,
  ) {
    this.#process = process
    this.#connection = connection
    this.#handler = handler
    this.#argument = argument
  }

  get bytes(): number {
    return 0
  }

  get reliable(): boolean {
    return true
  }

  arrive(): void {
    if (this.#process === undefined) this.run()
    else this.#process.receive(this)
  }

  run(): void {
    this.#handler.call(this.#connection, this.#argument)
  }
}

/** A frame, handed to a method of the connection as the receiving process. */
export class FramePacket<Target> implements Packet, Runnable {
  readonly #process: SimProcess
  readonly #handler: (this: Target, frame: Frame) => void
  readonly #connection: Target
  readonly #frame: Frame

  constructor(
    process: SimProcess,
    connection: Target,
    handler: (this: Target, frame: Frame) => void,
    frame: Frame,
  ) {
    this.#process = process
    this.#connection = connection
    this.#handler = handler
    this.#frame = transferred(frame)
  }

  get bytes(): number {
    return sizeOf(this.#frame)
  }

  get reliable(): boolean {
    return false
  }

  arrive(): void {
    this.#process.receive(this)
  }

  run(): void {
    this.#handler.call(this.#connection, this.#frame)
  }
}

/**
 * Copies large parts, which the receiver owns. Small parts are borrowed and never written again.
 */
function transferred(frame: Frame): Frame {
  for (const part of frame) if (isLarge(part)) return frame.map(copied)
  return frame
}

function copied(part: Uint8Array): Uint8Array {
  return isLarge(part) ? new Uint8Array(part) : part
}

function isLarge({ byteLength }: Uint8Array): boolean {
  return byteLength >= SEPARATE_PART_BYTES
}

function sizeOf(frame: Frame): number {
  let bytes = 0
  for (const part of frame) bytes += part.byteLength
  return bytes
}
