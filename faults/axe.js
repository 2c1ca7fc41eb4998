/** An axe for a line: it falls while bytes are moving, so many times, and at moments that differ in kind. */
import { oneOf } from './chance.js'

/**
 * When it falls, once enough bytes have passed: BEFORE a chunk is passed on, so that it is lost here; right after, so that it is
 * lost in the kernel of the other end; a moment later, when only its acknowledgement is.
 */
const MOMENTS = ['before', 'after', 'later']
const LATER_MS = 3
/** What an acknowledgement takes, more or less; so does a handshake. */
const ANSWER_BYTES = 100
const SILENCE_MS = 50

/**
 * Cuts a line so many times; a cut that meets no connection does not count.
 *
 * @param line its proxies: the first is looked at, all are cut
 * @param step called with 0 before the first cut and then with how many were made: it keeps something moving
 * @param bytes what moves after each step, more or less
 */
export async function chop(line, { kills, bytes, chance }, step) {
  let made = 0
  while (made < kills) {
    step(made)
    const cut = await moment(line[0], chance, bytes, () => line.map((proxy) => proxy.reset()))
    if (cut[0] > 0) made++
  }
}

/** Waits for bytes and a moment of its own, and strikes; a line that stays silent has nothing more to bring, and is cut too. */
function moment(proxy, chance, bytes, strike) {
  const direction = oneOf(chance, ['there', 'there', 'back'])
  const when = oneOf(chance, MOMENTS)
  const laterMs = chance() * LATER_MS
  let left = chance() * (direction === 'there' ? bytes : ANSWER_BYTES)
  return new Promise((resolve) => {
    const fall = () => resolve(strike())
    const silence = setTimeout(aim, SILENCE_MS, fall)
    proxy.tap = (chunk, way) => {
      silence.refresh()
      if (way !== direction || (left -= chunk.length) > 0) return
      if (when === 'before') aim(fall)
      else if (when === 'after') aim(() => setImmediate(fall))
      else aim(() => setTimeout(fall, laterMs))
    }
    function aim(act) {
      clearTimeout(silence)
      proxy.tap = undefined
      act()
    }
  })
}
