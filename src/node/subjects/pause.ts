/** A Subscription for a pause of the inbox: unsubscribing ends the pause. */
/// <reference lib="esnext.disposable" preserve="true" />
import { Subscription } from 'rxjs'

/** Resumes when it is unsubscribed, or at the end of the block of a `using` declaration. */
export class Pause extends Subscription implements Disposable {
  [Symbol.dispose](): void {
    this.unsubscribe()
  }
}
