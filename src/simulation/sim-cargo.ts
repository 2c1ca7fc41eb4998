/** What travels over a simulated connection. */
import type { Task } from './virtual-clock.ts'
import type { Frame } from '../ports/transport.ts'
import { OWN_PART_BYTES } from '../core/wire/entry.ts'
import type { SimProcess } from './sim-process.ts'

/** What travels in one direction; it may arrive more than once. */
export interface Cargo {
  readonly bytes: number
  /** Never lost, doubled or overtaken: the beginning and the end of a connection. */
  readonly sure: boolean
  arrive(): void
}

/**
 * Word of the line itself, which takes it with one of its methods: in a turn of a process, if one
 * is named.
 */
export class Word<Line, What> implements Cargo, Task {
  readonly #process: SimProcess | undefined
  readonly #take: (this: Line, what: What) => void
  readonly #line: Line
  readonly #what: What

  constructor(
    process: SimProcess | undefined,
    line: Line,
    take: (this: Line, what: What) => void,
    what: What,
  ) {
    this.#process = process
    this.#line = line
    this.#take = take
    this.#what = what
  }

  get bytes(): number {
    return 0
  }

  get sure(): boolean {
    return true
  }

  arrive(): void {
    if (this.#process === undefined) this.run()
    else this.#process.turn(this)
  }

  run(): void {
    this.#take.call(this.#line, this.#what)
  }
}

/** A frame from one end to the other, which takes it with a method of the line. */
export class Shipment<Line> implements Cargo, Task {
  readonly #process: SimProcess
  readonly #take: (this: Line, frame: Frame) => void
  readonly #line: Line
  readonly #frame: Frame

  constructor(
    process: SimProcess,
    line: Line,
    take: (this: Line, frame: Frame) => void,
    frame: Frame,
  ) {
    this.#process = process
    this.#line = line
    this.#take = take
    this.#frame = handedOver(frame)
  }

  get bytes(): number {
    return sizeOf(this.#frame)
  }

  get sure(): boolean {
    return false
  }

  arrive(): void {
    this.#process.turn(this)
  }

  run(): void {
    this.#take.call(this.#line, this.#frame)
  }
}

/** Small parts are lent, and nobody writes to them again; large ones become the receiver's own. */
function handedOver(frame: Frame): Frame {
  for (const part of frame) if (isLarge(part)) return frame.map(copied)
  return frame
}

function copied(part: Uint8Array): Uint8Array {
  return isLarge(part) ? new Uint8Array(part) : part
}

function isLarge({ byteLength }: Uint8Array): boolean {
  return byteLength >= OWN_PART_BYTES
}

function sizeOf(frame: Frame): number {
  let bytes = 0
  for (const part of frame) bytes += part.byteLength
  return bytes
}
