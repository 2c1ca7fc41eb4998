/**
 * The demo's tally: what is lost and what is duplicated, from what each receiver saw and from
 * nothing else.
 */
import type { Run } from './demo-words.ts'

/** Counts what one cluster of receivers saw. */
export class DemoTally {
  readonly #peers: number
  readonly #messages: number
  /** By receiver and sender: which numbers were seen. */
  readonly #seen = new Map<string, Uint8Array>()
  readonly #received: number[]
  delivered = 0
  duplicated = 0
  /** Numbers that nobody can have sent. */
  invented = 0

  constructor(peers: number, messages: number) {
    this.#peers = peers
    this.#messages = messages
    this.#received = Array.from({ length: peers + 1 }, () => 0)
  }

  get expected(): number {
    return this.#peers * (this.#peers - 1) * this.#messages
  }

  get lost(): number {
    return this.expected - this.delivered
  }

  /** How many different messages a receiver has seen. */
  receivedBy(pid: number): number {
    return this.#received[pid] ?? 0
  }

  add(receiver: number, runs: readonly Run[]): void {
    for (const [sender, first, last] of runs) {
      for (let sequence = first; sequence <= last; sequence++) this.#one(receiver, sender, sequence)
    }
  }

  #one(receiver: number, sender: number, sequence: number): void {
    const known = sender >= 1 && sender <= this.#peers && sender !== receiver
    if (!known || !(sequence >= 0 && sequence < this.#messages)) {
      this.invented++
      return
    }
    const key = `${receiver}<${sender}`
    let seen = this.#seen.get(key)
    if (seen === undefined) {
      seen = new Uint8Array(this.#messages)
      this.#seen.set(key, seen)
    }
    if (seen[sequence] === 1) {
      this.duplicated++
      return
    }
    seen[sequence] = 1
    this.delivered++
    this.#received[receiver] = this.receivedBy(receiver) + 1
  }
}
