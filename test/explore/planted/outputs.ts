/** Outputs of protocols in a trace. */
import { type OperatorFunction, filter, map } from 'rxjs'
import type { Observable } from 'rxjs'
import type { Pid } from '../../../src/model/pid.ts'
import type { TraceEvent } from '../../../src/recording/trace-event.ts'

export interface Output<T> {
  readonly pid: Pid
  readonly atMs: number
  readonly value: T
}

/** Returns an operator that keeps the outputs of protocols. `T` is not checked. */
export function outputs<T>(): OperatorFunction<TraceEvent, Output<T>> {
  return (trace) =>
    trace.pipe(
      map((event) =>
        event.type === 'output'
          ? { pid: event.pid, atMs: event.atMs, value: event.value as T }
          : undefined,
      ),
      filter((output) => output !== undefined),
    )
}

/** Returns the violations of a check that looks at one output at a time. */
export function violations<T>(
  trace: Observable<TraceEvent>,
  violationOf: (output: Output<T>) => string | undefined,
): Observable<string> {
  return trace.pipe(
    outputs<T>(),
    map(violationOf),
    filter((violation) => violation !== undefined),
  )
}
