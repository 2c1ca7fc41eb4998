/** A BehaviorSubject whose value is computed only for a reader or subscriber. */
import { BehaviorSubject, type Observer, Subscription } from 'rxjs'
import { hasObserver } from './has-observer.ts'

/** Refreshes its value at each read and subscription while it has no subscriber. */
export class LazySubject<T> extends BehaviorSubject<T> {
  readonly #refresh: () => void

  /** @param refresh must call `next` where the value is out of date */
  constructor(value: T, refresh: () => void) {
    super(value)
    this.#refresh = refresh
  }

  override getValue(): T {
    if (!this.observed) this.#refresh()
    return super.getValue()
  }

  override subscribe(observer?: Partial<Observer<T>> | ((value: T) => void)): Subscription
  /** @deprecated as in RxJS: pass an observer */
  override subscribe(
    next?: ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription
  override subscribe(...args: unknown[]): Subscription {
    if (!hasObserver(args)) return Subscription.EMPTY
    if (!this.observed) this.#refresh()
    return super.subscribe(...(args as [Partial<Observer<T>>]))
  }
}
