/** The shape of a protocol step: a function without I/O whose effects are data. */

/**
 * Applies an event to a state. Returns the next state and the effects, in the order in which the
 * caller must perform them.
 *
 * A step reads no clock and no random source but `context`, so that the same events always give the
 * same effects. It may change the given state and its arrays and return the same object; a caller
 * must not use the former state again.
 *
 * `stepLink` has this type. `stepReceiver` needs no context: neither time nor randomness.
 *
 * A step never runs inside the effects of another one. Only an outbound session is also changed
 * outside a step, because it has two ends:
 *
 * - The queue end belongs to the node: `enqueue`, `cancel` and, once the session has left its link,
 *   `failAll`.
 * - The wire end belongs to the link that carries the session: everything else. After the node has
 *   added entries, the link learns of them by a `flush` event.
 *
 * An inbound session is changed only by the receiver's step.
 */
export type Step<State, Event, Effect> = (
  state: State,
  event: Event,
  context: StepContext,
) => readonly [State, readonly Effect[]]

/** The time of a step, and its source of random numbers. */
export interface StepContext {
  /** Milliseconds of a monotonic clock. */
  readonly nowMs: number
  /** Returns a uniform number in [0, 1). */
  random(): number
}
