/** The shape of every protocol in this library: a pure step whose effects are data. */

/**
 * Takes a state and an event, and tells the next state and what is to be done about it.
 *
 * A step performs nothing: the shell around it does, in order. It may reuse the state and its
 * arrays, since what matters is that the same run of events gives the same run of effects; whoever
 * keeps a state must not step the older one again. Time and chance come in with `at`.
 */
export type Step<State, Event, Effect> = (
  state: State,
  event: Event,
  context: StepContext,
) => readonly [State, readonly Effect[]]

/** When a step happens, and the dice it may roll. */
export interface StepContext {
  /** Milliseconds of a monotonic clock. */
  readonly nowMs: number
  /** A uniform number in [0, 1). */
  random(): number
}
