/** A check for calls of `subscribe` that have no observer. */

/**
 * Returns whether the arguments of `subscribe` contain an observer.
 *
 * `tap(observer)` also calls `observer.subscribe()`, in case the observer counts subscriptions. If
 * the observer is a Subject, that is a subscriber that never leaves. It must not be one.
 */
export function hasObserver(subscribeArguments: readonly unknown[]): boolean {
  return subscribeArguments.some((argument) => argument !== undefined && argument !== null)
}
