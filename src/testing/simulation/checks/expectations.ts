/** Expectations: what nodes are to see from now on, as marbles. */
import type { OutgoingEnvelope } from '../../../model/envelope.ts'
import type { Pid } from '../../../model/pid.ts'

/** One lane of one node, from the moment on at which it was asked for. */
export interface Expectation {
  /**
   * Says what it is to be. It is looked at when the body of `simulate` has returned, and as much
   * virtual time has passed as the marbles take; what happens after them is of no concern.
   *
   * ```ts
   * world.expectInbox(2).toBe('--a 500ms (bc)|', { a: 'hi', b: { term: 1 }, c: [] })
   * ```
   *
   * @param marbles `-` and letters take a frame each, `(ab)` is in one frame and takes as many as
   *   it has characters, ` 500ms ` and ` 2s ` let time pass, `|` is where the node closes
   * @param values what each letter stands for, compared deeply; one that is left out stands for
   *   itself
   * @throws DrawingError at once where the marbles cannot be read; SimulationError (`CHECK_FAILED`)
   *   at the end where something else came out: it draws both
   */
  toBe(marbles: string, values?: Readonly<Record<string, unknown>>): void
}

/** What a test expects of nodes, and lets them send. A frame is `frameMs` of `simulate`. */
export interface Expectations {
  /**
   * The messages that the inbox of a node takes.
   *
   * @param from only those of this sender; default: of all
   */
  expectInbox(pid: Pid, from?: Pid): Expectation
  /** What its protocol emits. */
  expectOutput(pid: Pid): Expectation
  /** How its links change: `{ 2: 'up' }`; the changes of one frame are one value. */
  expectLinks(pid: Pid): Expectation
  /** Its dead letters: `{ to: 2, reason: 'expired', outcome: 'not-delivered' }`. */
  expectDead(pid: Pid): Expectation
  /**
   * Lets a node send, from now on: marbles into its outbox.
   *
   * @param values what each letter stands for; one that is left out is itself, to everybody
   */
  sends(pid: Pid, marbles: string, values?: Readonly<Record<string, OutgoingEnvelope>>): void
}
