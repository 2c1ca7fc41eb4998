/** The laboratory of the operators: envelopes, peers, virtual time, and sources that count. */
import { Observable, VirtualTimeScheduler } from 'rxjs'
import type { SchedulerLike } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { expect } from 'vitest'
import type { Envelope } from '../../src/model/envelope.ts'
import type { Peers } from '../../src/model/peer.ts'
import type { Pid } from '../../src/model/pid.ts'

/** An envelope as an inbox emits it. */
export function mail<T>(
  pid: Pid,
  msgId: number,
  msg: T,
  more: { readonly incarnation?: string; readonly re?: number } = {},
): Envelope<T> {
  return { pid, incarnation: '1', msgId, ...more, msg }
}

/** Peers with these pids. */
export function peersOf(...pids: readonly Pid[]): Peers {
  return new Map(pids.map((pid) => [pid, { pid, endpoint: `inproc://${pid}` }]))
}

/** Runs marbles in virtual time; one character is one millisecond. */
export function marbles(work: Parameters<TestScheduler['run']>[0]): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(work)
}

/** Virtual time that is moved by hand. */
export class Clock extends VirtualTimeScheduler {
  /** Lets time pass up to this millisecond, and no further. */
  runTo(ms: number): void {
    this.maxFrames = ms
    this.flush()
    this.frame = ms
  }

  /** Lets everything happen that is waited for. */
  runAll(): void {
    this.maxFrames = Infinity
    this.flush()
  }

  /** How much is waited for. */
  get pending(): number {
    return this.actions.length
  }
}

/** A source that counts who comes and goes. */
export interface Counted<T> {
  readonly stream: Observable<T>
  opened: number
  closed: number
}

/** Counts the subscriptions of a source. */
export function counted<T>(source: Observable<T>): Counted<T> {
  const count: Counted<T> = {
    opened: 0,
    closed: 0,
    stream: new Observable((subscriber) => {
      count.opened += 1
      subscriber.add(() => {
        count.closed += 1
      })
      return source.subscribe(subscriber)
    }),
  }
  return count
}

/** What a stream has said so far. */
export interface Recording<T> {
  readonly values: T[]
  ended: 'completed' | 'errored' | undefined
  error: unknown
  stop(): void
}

/** Subscribes, and writes everything down. */
export function record<T>(stream: Observable<T>): Recording<T> {
  const recording: Recording<T> = { values: [], ended: undefined, error: undefined, stop: () => {} }
  const subscription = stream.subscribe({
    next: (value) => recording.values.push(value),
    error: (error: unknown) => Object.assign(recording, { ended: 'errored', error }),
    complete: () => {
      recording.ended = 'completed'
    },
  })
  recording.stop = () => subscription.unsubscribe()
  return recording
}

/** What a source does, and when. */
export type Beat<T> = readonly [atMs: number, does: { readonly value: T } | 'complete' | 'error']

/** What the sources of the laboratory fail with. */
export const FAILURE = new Error('the source failed')

/** A cold source that keeps to a timetable. */
export function timetable<T>(beats: readonly Beat<T>[], clock: SchedulerLike): Observable<T> {
  return new Observable((subscriber) => {
    for (const [atMs, does] of beats) {
      const act = (): void => {
        if (does === 'complete') subscriber.complete()
        else if (does === 'error') subscriber.error(FAILURE)
        else subscriber.next(does.value)
      }
      subscriber.add(clock.schedule(act, atMs))
    }
  })
}

/** The code of a `ClusterError`; undefined for any other. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
