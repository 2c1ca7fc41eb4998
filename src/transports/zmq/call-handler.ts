/** Calls handlers of the node from loops that must survive their errors. */
import { runtime } from '../../ports/runtime.ts'

/** Calls `callback`. An error that it throws is thrown again outside, as an uncaught exception. */
export function callHandler(callback: () => void): void {
  try {
    callback()
  } catch (error) {
    runtime.setImmediate(() => {
      throw error
    })
  }
}
