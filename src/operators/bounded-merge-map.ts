/** The operator `bounded`: a queue that cannot grow without limit, in front of slow work. */
import { defer, finalize, from, ignoreElements, merge, mergeMap, Subject, tap } from 'rxjs'
import type { ObservableInput, OperatorFunction } from 'rxjs'
import { checkNumber } from '../base/check-number.ts'
import { RingQueue } from '../base/ring-queue.ts'
import { ClusterError } from '../model/cluster-error.ts'
import { emitTo } from './internal/sink.ts'
import type { Sink } from './internal/sink.ts'

/** What can be stopped, and goes on when what it returned is called: a node, for one. */
export interface Pausable {
  pause(): () => void
}

/** How much at a time, and what if it is too much. */
export interface BoundedMergeMapOptions<T> {
  /** How many values may wait: an integer of at least 0. */
  readonly bufSize: number
  /** How many values are worked on at once: an integer of at least 1, or Infinity. Default: 1. */
  readonly concurrency?: number
  /**
   * What becomes of a value that finds the queue full. Default: `error`.
   *
   * - `drop-oldest`: it waits, and what has waited longest is dropped
   * - `drop-newest`: it is dropped
   * - `error`: the result errors with `BUFFER_FULL`
   * - `{ pause: node }`: there is none, because the full queue has paused where values come from;
   *   if they come all the same, `BUFFER_FULL`
   */
  readonly overflow?: 'drop-oldest' | 'drop-newest' | 'error' | { readonly pause: Pausable }
  /** Is told each value that is dropped. */
  readonly dropped?: Sink<T>
}

/**
 * Works on some values at a time, while no more than `bufSize` others wait.
 *
 * ```marbles
 * # one is worked on, one may wait; b has waited longer than c and is dropped
 * boundedMergeMap 1 drop-oldest concurrency=1 work=5ms
 * source  -abc---|
 * ----
 * result  ------a----(c|)
 * dropped ---b---
 * ```
 *
 * When the source completes, what waits is still worked on; the result completes after it. An error
 * of the source or of the work passes through at once, and what waits is forgotten. Whatever it has
 * paused is resumed when a subscription ends. Every subscription has a queue of its own.
 *
 * @param project does the work; its values are the result, and it ends when its stream completes
 * @param options how many at a time, and what if the queue is full
 * @returns an operator whose subscription costs one of the source, up to `concurrency` of the work,
 *   and a queue of `bufSize`
 */
export function boundedMergeMap<T, R>(
  project: (value: T, index: number) => ObservableInput<R>,
  options: BoundedMergeMapOptions<T>,
): OperatorFunction<T, R> {
  const { bufSize, concurrency = 1, overflow = 'error', dropped } = options
  checkNumber('bufSize', bufSize, { min: 0, integer: true })
  if (concurrency !== Infinity) checkNumber('concurrency', concurrency, { min: 1, integer: true })
  return (source) =>
    defer(() => {
      const queue = new RingQueue<T>()
      const started = new Subject<T>()
      let active = 0
      let sourceCompleted = false
      let starting = false
      let resume: (() => void) | undefined

      const freeSlots = (): number => bufSize + concurrency - active - queue.length
      const resumeSource = (): void => {
        const pendingResume = resume
        resume = undefined
        pendingResume?.()
      }
      const updatePause = (): void => {
        if (typeof overflow === 'string' || sourceCompleted) return
        if (freeSlots() <= 0) resume ??= overflow.pause.pause()
        else if (freeSlots() >= bufSize / 2) resumeSource()
      }
      // Work that is done at once comes back here: the loop, not the stack, takes the next one.
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
          throw new ClusterError('BUFFER_FULL', `${bufSize} values wait, and one more has come`)
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
