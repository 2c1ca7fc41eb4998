/**
 * What every receiving end does: checks each message, and resolves once a number of them arrived.
 */

/**
 * @returns `receive(sequence)`, which ends the process unless every message arrives once and in
 *   order, and `received(count)`, which resolves when `count` messages have arrived in all
 */
export function arrivals() {
  let next = 0
  let wanted = Infinity
  let finish
  const receive = (sequence) => {
    if (sequence !== next) return fail(new Error(`expected message ${next}, got ${sequence}`))
    if (++next === wanted) finish()
  }
  const received = (count) =>
    new Promise((resolve) => {
      if (next >= count) return resolve()
      wanted = count
      finish = resolve
    })
  return { receive, received }
}

/** Throws outside of the caller's stack: the library under test must not catch it. */
function fail(error) {
  setImmediate(() => {
    throw error
  })
}
