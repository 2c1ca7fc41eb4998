/** What a worker of the demo saw in its inbox. */
import { type Report, type Run, wallClockMs } from './demo-words.ts'

/** Collects what an inbox saw, in order, and reports it in runs. */
export class Seen {
  readonly #say: (report: Report) => void
  #runs: [number, number, number][] = []
  #atMs = 0

  constructor(say: (report: Report) => void) {
    this.#say = say
  }

  add(sender: number, sequence: number): void {
    this.#atMs = wallClockMs()
    const last = this.#runs.at(-1)
    if (last !== undefined && last[0] === sender && last[2] + 1 === sequence) last[2] = sequence
    else this.#runs.push([sender, sequence, sequence])
  }

  report(): void {
    if (this.#runs.length === 0) return
    const runs: readonly Run[] = this.#runs
    this.#runs = []
    this.#say({ type: 'seen', runs, atMs: this.#atMs })
  }
}
