/** The operator `bounded`: a queue that cannot grow without limit, in front of slow work. */
import { defer, finalize, from, ignoreElements, merge, mergeMap, Subject, tap } from 'rxjs'
import type { ObservableInput, Observer, OperatorFunction } from 'rxjs'
import { checkNumber } from '../core/check-number.ts'
import { Queue } from '../core/queue.ts'
import { ClusterError } from '../model/cluster-error.ts'

/** What can be stopped, and goes on when what it returned is called: a node, for one. */
export interface Pausable {
  pause(): () => void
}

/** Pushes back: see `pause`. */
export interface PushBack {
  readonly pausable: Pausable
}

/** How much at a time, and what if it is too much. */
export interface BoundedOptions<T> {
  /** How many values are worked on at once: an integer of at least 1, or Infinity. Default: 1. */
  readonly concurrency?: number
  /**
   * What becomes of a value that finds the queue full. Default: `error`.
   *
   * - `drop-oldest`: it waits, and what has waited longest is dropped
   * - `drop-newest`: it is dropped
   * - `error`: the result errors with `BUFFER_FULL`
   * - `pause(pausable)`: there is none, because the full queue has paused where values come from;
   *   if they come all the same, `BUFFER_FULL`
   */
  readonly overflow?: 'drop-oldest' | 'drop-newest' | 'error' | PushBack
  /** Is told each value that is dropped. */
  readonly dropped?: Pick<Observer<T>, 'next'>
}

/**
 * Makes a full queue pause something, and a half empty one resume it.
 *
 * @param pausable a node, or anything with its `pause`
 * @returns an `overflow` for `bounded`: it costs nothing before the queue is full
 */
export function pause(pausable: Pausable): PushBack {
  return { pausable }
}

/**
 * Works on some values at a time, while no more than `bufSize` others wait.
 *
 * ```marbles
 * # one is worked on, one may wait; b has waited longer than c and is dropped
 * bounded 1 drop-oldest concurrency=1 work=5ms
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
 * @param bufSize how many values may wait: an integer of at least 0
 * @param project does the work; its values are the result, and it ends when its stream completes
 * @param options how many at a time, and what if the queue is full
 * @returns an operator whose subscription costs one of the source, up to `concurrency` of the work,
 *   and a queue of `bufSize`
 */
export function bounded<T, R>(
  bufSize: number,
  project: (value: T, index: number) => ObservableInput<R>,
  options: BoundedOptions<T> = {},
): OperatorFunction<T, R> {
  const { concurrency = 1, overflow = 'error', dropped } = options
  checkNumber('bufSize', bufSize, { least: 0, whole: true })
  if (concurrency !== Infinity) checkNumber('concurrency', concurrency, { least: 1, whole: true })
  return (source) =>
    defer(() => {
      const waiting = new Queue<T>()
      const begun = new Subject<T>()
      let active = 0
      let ended = false
      let pumping = false
      let resume: (() => void) | undefined

      const free = (): number => bufSize + concurrency - active - waiting.length
      const release = (): void => {
        const go = resume
        resume = undefined
        go?.()
      }
      const pushBack = (): void => {
        if (typeof overflow === 'string' || ended) return
        if (free() <= 0) resume ??= overflow.pausable.pause()
        else if (free() >= bufSize / 2) release()
      }
      // Work that is done at once comes back here: the loop, not the stack, takes the next one.
      const pump = (): void => {
        if (pumping) return
        pumping = true
        while (active < concurrency && waiting.length > 0) {
          active += 1
          begun.next(waiting.shift() as T)
        }
        pumping = false
        if (ended && waiting.length === 0) begun.complete()
        pushBack()
      }
      const take = (value: T): void => {
        if (free() > 0) waiting.push(value)
        else if (overflow === 'drop-newest') dropped?.next(value)
        else if (overflow === 'drop-oldest') {
          waiting.push(value)
          dropped?.next(waiting.shift() as T)
        } else {
          throw new ClusterError('BUFFER_FULL', `${bufSize} values wait, and one more has come`)
        }
        pump()
      }
      const done = (): void => {
        active -= 1
        pump()
      }
      const end = (): void => {
        ended = true
        release()
        pump()
      }
      return merge(
        begun.pipe(
          mergeMap((value, index) => from(project(value, index)).pipe(tap({ complete: done }))),
        ),
        source.pipe(tap({ next: take, complete: end }), ignoreElements()),
      ).pipe(finalize(release))
    })
}
