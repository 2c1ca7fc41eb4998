/** Creates a Subscription for a pause of the inbox: unsubscribing ends the pause. */
/// <reference lib="esnext.disposable" preserve="true" />
import { Subscription } from 'rxjs'

/** Resumes when it is unsubscribed, or at the end of the block of a `using` declaration. */
export type Pause = Subscription & Disposable

/** @param resume called once; no class of its own, for the reason given in `ports/runtime.ts` */
export function createPause(resume: () => void): Pause {
  const pause = new Subscription(resume)
  return Object.assign(pause, { [Symbol.dispose]: () => pause.unsubscribe() })
}
