/** The laboratory of the operators: envelopes, sources that count their subscribers, and a contract for all. */
import { BehaviorSubject, Observable, Subject, VirtualTimeScheduler, take } from 'rxjs'
import type { ObservableNotification, OperatorFunction, SchedulerLike } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { expect, it } from 'vitest'
import type { Envelope, OutgoingEnvelope, Receipt } from '../../src/model/envelope.ts'
import type { Links, LinkState, Peers } from '../../src/model/peer.ts'
import type { Pid } from '../../src/model/pid.ts'
import type { Post } from '../../src/ports/post.ts'

/** An envelope as an inbox emits it. */
export function mail<T>(pid: Pid, msgId: number, msg: T, more: Partial<Envelope> = {}): Envelope<T> {
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
      subscriber.add(() => (count.closed += 1))
      return source.subscribe(subscriber)
    }),
  }
  return count
}

/** Everything a stream says, as it says it. */
export function record<T>(stream: Observable<T>): {
  readonly values: T[]
  ending: ObservableNotification<never> | undefined
  stop(): void
} {
  const values: T[] = []
  const subscription = stream.subscribe({
    next: (value) => values.push(value),
    error: (error: unknown) => (seen.ending = { kind: 'E', error }),
    complete: () => (seen.ending = { kind: 'C' }),
  })
  const seen: ReturnType<typeof record<T>> = {
    values,
    ending: seenAtOnce(subscription.closed),
    stop: () => subscription.unsubscribe(),
  }
  return seen
}

/** What happens to a source at a time of its own. */
export type Beat<T> = { readonly atMs: number } & ({ readonly value: T } | { readonly end: 'C' | 'E' })

/** A cold source that keeps to a timetable. */
export function timetable<T>(
  beats: readonly Beat<T>[],
  scheduler: SchedulerLike,
  failure: unknown = new Error('the source failed'),
): Observable<T> {
  return new Observable((subscriber) => {
    for (const beat of beats) {
      const act = (): void => {
        if ('value' in beat) subscriber.next(beat.value)
        else if (beat.end === 'C') subscriber.complete()
        else subscriber.error(failure)
      }
      subscriber.add(scheduler.schedule(act, beat.atMs))
    }
  })
}
