/** Calls a handler of the node so that its error does not end the loop that reads a socket. */
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
