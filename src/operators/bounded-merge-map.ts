/** The operator `boundedMergeMap`. */
import { defer, finalize, from, ignoreElements, merge, mergeMap, Subject, tap } from 'rxjs'
import type { ObservableInput, ObservedValueOf, OperatorFunction, Unsubscribable } from 'rxjs'
import { RingQueue } from '../base/ring-queue.ts'
import {
  A_FUNCTION,
  A_SINK,
  anyOf,
  checkArgument,
  checkOptions,
  countFrom,
  integerFrom,
  oneOf,
  withMethods,
} from '../model/check-arguments.ts'
import { ClusterError } from '../model/cluster-error.ts'
import { emitTo } from './internal/sink.ts'
import type { Sink } from './internal/sink.ts'

const PAUSABLE = withMethods('a node', 'pause')
const OPTIONS = {
  required: { bufSize: integerFrom({ min: 0 }) },
  optional: {
    concurrency: countFrom({ min: 1 }),
    overflow: anyOf(oneOf('drop-oldest', 'drop-newest', 'error'), {
      expected: '{ pause: node }',
      accepts: (value) =>
        typeof value === 'object' &&
        value !== null &&
        'pause' in value &&
        PAUSABLE.accepts(value.pause),
    }),
    dropped: A_SINK,
  },
}

/** A source that can be paused, as a node can. */
export interface Pausable {
  /** Pauses the source, until the result is unsubscribed. */
  pause(): Unsubscribable
}

/** Options of `boundedMergeMap`. */
export interface BoundedMergeMapOptions<T> {
  /** How many values can wait: an integer of at least 0. */
  readonly bufSize: number
  /** How many inner Observables run at once: an integer of at least 1, or Infinity. Default: 1. */
  readonly concurrency?: number | undefined
  /**
   * What happens if a value arrives while the queue is full. Default: `error`.
   *
   * - `drop-oldest`: drops the value that has waited longest
   * - `drop-newest`: drops the new value
   * - `error`: the result errors with `BUFFER_FULL`
   * - `{ pause: node }`: a full queue pauses the node, and a queue that is half free resumes it. A
   *   value that still arrives is a `BUFFER_FULL` error
   */
  readonly overflow?:
    'drop-oldest' | 'drop-newest' | 'error' | { readonly pause: Pausable } | undefined
  /** Receives each dropped value. */
  readonly dropped?: Sink<T> | undefined
}

/**
 * Maps each value to an inner Observable, with a bounded queue in front.
 *
 * ```ts usage
 * node.inbox
 *   .pipe(boundedMergeMap(save, { bufSize: 100, overflow: { pause: node } }))
 *   .subscribe()
 * ```
 *
 * ```marbles
 * # a runs, one value can wait: c drops b
 * boundedMergeMap 1 drop-oldest concurrency=1 work=5ms
 * source  -abc---|
 * ----
 * result  ------a----(c|)
 * dropped ---b---
 * ```
 *
 * It is `mergeMap` with a limit: up to `concurrency` inner Observables run, up to `bufSize` values
 * wait. After the source completes, the queued values still run; then the result completes. Errors
 * of the source or of an inner Observable pass through at once and discard the queue. A paused
 * source is resumed when the subscription ends. Each subscription has a queue of its own.
 *
 * @param project returns the inner Observable, a promise or an array; it gets the index, counted
 *   from 0 in the order of starts
 * @param options the size of the queue, in values, and the overflow
 * @returns an operator; a subscription costs one subscription of the source, up to `concurrency`
 *   inner subscriptions, and a queue of up to `bufSize` values. It errors with `BUFFER_FULL` as
 *   `overflow` says
 * @throws ClusterError `INVALID_ARGUMENT` for an argument that is not valid
 * @example
 * ```ts
 * import { boundedMergeMap } from 'rx-cluster'
 * import { delay, from, of } from 'rxjs'
 *
 * const save = (id: number) => of(`saved ${id}`).pipe(delay(5))
 * // In a program, the source is node.inbox, and overflow may be { pause: node }.
 * from([1, 2, 3])
 *   .pipe(
 *     boundedMergeMap(save, {
 *       bufSize: 1,
 *       overflow: 'drop-newest',
 *       dropped: (id) => console.log('dropped', id), // dropped 3
 *     }),
 *   )
 *   .subscribe((line) => console.log(line)) // saved 1
 * // saved 2
 * ```
 */
export function boundedMergeMap<T, O extends ObservableInput<unknown>>(
  project: (value: T, index: number) => O,
  options: BoundedMergeMapOptions<T>,
): OperatorFunction<T, ObservedValueOf<O>> {
  checkArgument('boundedMergeMap', 'project', project, A_FUNCTION)
  checkOptions('boundedMergeMap', options, OPTIONS)
  const { bufSize, concurrency = 1, overflow = 'error', dropped } = options
  return (source) =>
    defer(() => {
      const queue = new RingQueue<T>()
      const started = new Subject<T>()
      let active = 0
      let sourceCompleted = false
      let starting = false
      let pause: Unsubscribable | undefined

      const freeSlots = (): number => bufSize + concurrency - active - queue.length
      const resumeSource = (): void => {
        const current = pause
        pause = undefined
        current?.unsubscribe()
      }
      const updatePause = (): void => {
        if (typeof overflow === 'string' || sourceCompleted) return
        if (freeSlots() <= 0) pause ??= overflow.pause.pause()
        else if (freeSlots() >= bufSize / 2) resumeSource()
      }
      // An inner Observable that completes synchronously calls this again: loop, do not recurse.
      const startQueued = (): void => {
        if (starting) return
        starting = true
        while (active < concurrency && queue.length > 0) {
          active += 1
          started.next(queue.shift() as T)
        }
        starting = false
        if (sourceCompleted && queue.length === 0) started.complete()
        updatePause()
      }
      const enqueue = (value: T): void => {
        if (freeSlots() > 0) queue.push(value)
        else if (overflow === 'drop-newest') emitTo(dropped, value)
        else if (overflow === 'drop-oldest') {
          queue.push(value)
          emitTo(dropped, queue.shift() as T)
        } else {
          throw new ClusterError(
            'BUFFER_FULL',
            `boundedMergeMap: ${bufSize} values wait; raise bufSize or concurrency, or drop values`,
          )
        }
        startQueued()
      }
      const onInnerComplete = (): void => {
        active -= 1
        startQueued()
      }
      const onSourceComplete = (): void => {
        sourceCompleted = true
        resumeSource()
        startQueued()
      }
      return merge(
        started.pipe(
          mergeMap((value, index) =>
            from(project(value, index)).pipe(tap({ complete: onInnerComplete })),
          ),
        ),
        source.pipe(tap({ next: enqueue, complete: onSourceComplete }), ignoreElements()),
      ).pipe(finalize(resumeSource))
    })
}
