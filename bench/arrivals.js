/** What every receiver does: looks at each message, and tells when so many have come. */

/** @returns `take(sequence)`, which ends the process unless everything comes once and in order; `taken(count)` waits for so many in all */
export function arrivals() {
  let next = 0
  let wanted = Infinity
  let finish
  const take = (sequence) => {
    if (sequence !== next) return fail(new Error(`expected message ${next}, got ${sequence}`))
    if (++next === wanted) finish()
  }
  const taken = (count) =>
    new Promise((resolve) => {
      if (next >= count) return resolve()
      wanted = count
      finish = resolve
    })
  return { take, taken }
}

/** Where no library can catch it. */
function fail(error) {
  setImmediate(() => {
    throw error
  })
}
