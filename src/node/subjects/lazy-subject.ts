/** A BehaviorSubject that costs nothing while nobody looks at it. */
import { BehaviorSubject, type Observer, type Subscription } from 'rxjs'

/** Its value is brought up to date when somebody reads it, or begins to listen. */
export class LazySubject<T> extends BehaviorSubject<T> {
  readonly #refresh: () => void

  /** @param refresh calls `next` where the value is out of date */
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
    if (!this.observed) this.#refresh()
    return super.subscribe(...(args as [Partial<Observer<T>>]))
  }
}
