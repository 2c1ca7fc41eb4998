/** Expectations of a test: what nodes receive and emit, as marbles. */
import type { OutgoingEnvelope } from '../../../model/envelope.ts'
import type { Pid } from '../../../model/pid.ts'

/** One lane of one node, recorded from the call that created it. */
export interface Expectation {
  /**
   * Sets the expected marbles. `simulate` compares them after `body` has returned and the time of
   * the marbles has passed. Later events are ignored.
   *
   * ```ts
   * world.expectInbox(2).toBe('--a 500ms (bc)|', { a: 'hi', b: { term: 1 }, c: [] })
   * ```
   *
   * @param marbles `-` and letters take one frame each; `(ab)` is one moment, and takes as many
   *   frames as it has characters; ` 500ms ` and ` 2s ` let time pass; `|` is the close of the node
   * @param values the value of each letter, compared deeply; default: the letter itself
   * @throws DrawingError at once if the marbles cannot be parsed; SimulationError (`CHECK_FAILED`)
   *   at the end if the events differ, with both drawings
   */
  toBe(marbles: string, values?: Readonly<Record<string, unknown>>): void
}

/** Marbles that a test expects of nodes, or lets them send. A frame takes `frameMs`. */
export interface Expectations {
  /**
   * Expects messages in the inbox of a node.
   *
   * @param from only those of this sender; default: of all senders
   */
  expectInbox(pid: Pid, from?: Pid): Expectation
  /** Expects values that its protocol emits. */
  expectOutput(pid: Pid): Expectation
  /** Expects changes of its links: `{ 2: 'up' }`; the changes of one frame are one value. */
  expectLinks(pid: Pid): Expectation
  /** Expects dead letters: `{ to: 2, reason: 'expired', outcome: 'not-delivered' }`. */
  expectDead(pid: Pid): Expectation
  /**
   * Sends marbles through the outbox of a node, from now on.
   *
   * @param values the envelope of each letter; default: a broadcast of the letter itself
   */
  sends(pid: Pid, marbles: string, values?: Readonly<Record<string, OutgoingEnvelope>>): void
}
