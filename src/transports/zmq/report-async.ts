/** Keeps what a listener throws away from the loop that called it. */

/** Calls `work`; what it throws is thrown again in a turn of its own, where nobody can catch it. */
export function reportAsync(callback: () => void): void {
  try {
    callback()
  } catch (error) {
    setImmediate(() => {
      throw error
    })
  }
}
