/** Counts lost and duplicated messages of the demo, from what the receivers report. */
import type { SequenceRange } from './ipc.ts'

/** Counts the deliveries of one run. `expected = delivered + lost`. */
export class DeliveryCount {
  readonly #peers: number
  readonly #messages: number
  /** By receiver and sender: 1 for each sequence number that was received. */
  readonly #receivedFlags = new Map<string, Uint8Array>()
  readonly #receivedCounts: number[]
  delivered = 0
  duplicated = 0
  /** Messages with a sender or a sequence number that does not exist. */
  invented = 0

  constructor(peers: number, messages: number) {
    this.#peers = peers
    this.#messages = messages
    this.#receivedCounts = Array.from({ length: peers + 1 }, () => 0)
  }

  get expected(): number {
    return this.#peers * (this.#peers - 1) * this.#messages
  }

  get lost(): number {
    return this.expected - this.delivered
  }

  /** Returns the number of different messages that a receiver got. */
  receivedBy(pid: number): number {
    return this.#receivedCounts[pid] ?? 0
  }

  add(receiver: number, ranges: readonly SequenceRange[]): void {
    for (const [sender, first, last] of ranges) {
      for (let sequence = first; sequence <= last; sequence++)
        this.#addOne(receiver, sender, sequence)
    }
  }

  #addOne(receiver: number, sender: number, sequence: number): void {
    const isValidSender = sender >= 1 && sender <= this.#peers && sender !== receiver
    if (!isValidSender || !(sequence >= 0 && sequence < this.#messages)) {
      this.invented++
      return
    }
    const key = `${receiver}<${sender}`
    let flags = this.#receivedFlags.get(key)
    if (flags === undefined) {
      flags = new Uint8Array(this.#messages)
      this.#receivedFlags.set(key, flags)
    }
    if (flags[sequence] === 1) {
      this.duplicated++
      return
    }
    flags[sequence] = 1
    this.delivered++
    this.#receivedCounts[receiver] = this.receivedBy(receiver) + 1
  }
}
