/** What a worker of the demo saw in its inbox. */
import { type WorkerMessage, type SequenceRange, wallClockMs } from './ipc.ts'

/** Collects what an inbox saw, in order, and reports it in runs. */
export class ReceivedRanges {
  readonly #send: (message: WorkerMessage) => void
  #ranges: [number, number, number][] = []
  #atMs = 0

  constructor(send: (message: WorkerMessage) => void) {
    this.#send = send
  }

  add(sender: number, sequence: number): void {
    this.#atMs = wallClockMs()
    const last = this.#ranges.at(-1)
    if (last !== undefined && last[0] === sender && last[2] + 1 === sequence) last[2] = sequence
    else this.#ranges.push([sender, sequence, sequence])
  }

  report(): void {
    if (this.#ranges.length === 0) return
    const ranges: readonly SequenceRange[] = this.#ranges
    this.#ranges = []
    this.#send({ type: 'received', ranges, atMs: this.#atMs })
  }
}
