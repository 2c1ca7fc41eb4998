/** Sinks of operators, for values that are not part of the result. */
import type { Observer } from 'rxjs'

/** Receives values: a Subject, an observer with `next`, or a function. */
export type Sink<T> = Pick<Observer<T>, 'next'> | ((value: T) => void)

/** Passes a value to a sink, if there is one. */
export function emitTo<T>(sink: Sink<T> | undefined, value: T): void {
  if (typeof sink === 'function') sink(value)
  else sink?.next(value)
}
