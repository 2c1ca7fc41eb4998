/** Helpers of the operator tests: envelopes, peers, virtual time, and counted sources. */
import { Observable, VirtualTimeScheduler } from 'rxjs'
import type { SchedulerLike } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { expect } from 'vitest'
import type { Incarnation, Envelope } from '../../src/model/envelope.ts'
import type { Peers } from '../../src/model/peer.ts'
import type { Pid } from '../../src/model/pid.ts'

/** An envelope as an inbox emits it. */
export function envelopeFrom<T>(
  pid: Pid,
  msgId: number,
  msg: T,
  extra: { readonly incarnation?: string; readonly re?: number } = {},
): Envelope<T> {
  const { incarnation = '1', ...rest } = extra
  return { pid, incarnation: incarnation as Incarnation, msgId, ...rest, msg }
}

/** Peers with these pids. */
export function peersOf(...pids: readonly Pid[]): Peers {
  return new Map(pids.map((pid) => [pid, { pid, endpoint: `inproc://${pid}` }]))
}

/** Runs marbles in virtual time; one character is one millisecond. */
export function runMarbles(callback: Parameters<TestScheduler['run']>[0]): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(callback)
}

/** Virtual time that is moved by hand. */
export class Clock extends VirtualTimeScheduler {
  /** Advances the time to this millisecond. */
  runTo(ms: number): void {
    this.maxFrames = ms
    this.flush()
    this.frame = ms
  }

  /** Runs everything that is scheduled. */
  runAll(): void {
    this.maxFrames = Infinity
    this.flush()
  }

  /** How many actions are scheduled. */
  get pending(): number {
    return this.actions.length
  }
}

/** A source that counts its subscriptions. */
export interface CountedSource<T> {
  readonly stream: Observable<T>
  subscribed: number
  unsubscribed: number
}

/** Counts the subscriptions of a source. */
export function countSubscriptions<T>(source: Observable<T>): CountedSource<T> {
  const counted: CountedSource<T> = {
    subscribed: 0,
    unsubscribed: 0,
    stream: new Observable((subscriber) => {
      counted.subscribed += 1
      subscriber.add(() => {
        counted.unsubscribed += 1
      })
      return source.subscribe(subscriber)
    }),
  }
  return counted
}

/** The notifications of a stream so far. */
export interface NotificationLog<T> {
  readonly values: T[]
  ended: 'completed' | 'errored' | undefined
  error: unknown
  unsubscribe(): void
}

/** Subscribes and records all notifications. */
export function recordNotifications<T>(stream: Observable<T>): NotificationLog<T> {
  const log: NotificationLog<T> = {
    values: [],
    ended: undefined,
    error: undefined,
    unsubscribe: () => {},
  }
  const subscription = stream.subscribe({
    next: (value) => log.values.push(value),
    error: (error: unknown) => Object.assign(log, { ended: 'errored', error }),
    complete: () => {
      log.ended = 'completed'
    },
  })
  log.unsubscribe = () => subscription.unsubscribe()
  return log
}

/** A notification and its time. */
export type TimedNotification<T> = readonly [
  atMs: number,
  notification: { readonly value: T } | 'complete' | 'error',
]

/** The error of every failing source. */
export const FAILURE = new Error('the source failed')

/** Returns a cold source that emits these notifications. */
export function timedSource<T>(
  notifications: readonly TimedNotification<T>[],
  clock: SchedulerLike,
): Observable<T> {
  return new Observable((subscriber) => {
    for (const [atMs, notification] of notifications) {
      const emit = (): void => {
        if (notification === 'complete') subscriber.complete()
        else if (notification === 'error') subscriber.error(FAILURE)
        else subscriber.next(notification.value)
      }
      subscriber.add(clock.schedule(emit, atMs))
    }
  })
}

/** The code of a `ClusterError`; undefined for any other. */
export function errorCodeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
