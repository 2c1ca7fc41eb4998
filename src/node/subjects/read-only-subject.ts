/** A view of a BehaviorSubject that can be read and subscribed to, and nothing else. */
import { type BehaviorSubject, Observable } from 'rxjs'

/** Emits the current value and all later ones, and has the current `value`. */
export class ReadOnlySubject<T> extends Observable<T> {
  readonly #subject: BehaviorSubject<T>

  constructor(subject: BehaviorSubject<T>) {
    super((subscriber) => subject.subscribe(subscriber))
    this.#subject = subject
  }

  get value(): T {
    return this.#subject.value
  }
}
