/** Resets connections while bytes are moving, at moments of different kinds. */
import { oneOf } from './seeded-random.js'

/**
 * The moment of a reset, once enough bytes have passed:
 * - `before` a chunk is forwarded: the proxy loses it;
 * - right `after`: the kernel of the other end loses it;
 * - `later`: only its acknowledgement is lost.
 */
const MOMENTS = ['before', 'after', 'later']
const LATER_MS = 3
/** Approximate size of an acknowledgement, and of a handshake. */
const ANSWER_BYTES = 100
const SILENCE_MS = 50

/**
 * Resets all connections `kills` times; a reset without an open connection does not count.
 *
 * @param proxies the first is observed, all are reset
 * @param bytes approximate number of bytes that move after each step
 * @param step called with the number of resets so far; it must keep data moving
 */
export async function injectResets(proxies, { kills, bytes, random }, step) {
  let done = 0
  while (done < kills) {
    step(done)
    const counts = await atRandomMoment(proxies[0], random, bytes, () =>
      proxies.map((proxy) => proxy.reset()),
    )
    if (counts[0] > 0) done++
  }
}

/**
 * Waits for a random number of bytes and then resets; a silent connection is reset after a pause.
 */
function atRandomMoment(proxy, random, bytes, reset) {
  const direction = oneOf(random, ['forward', 'forward', 'back'])
  const moment = oneOf(random, MOMENTS)
  const laterMs = random() * LATER_MS
  let left = random() * (direction === 'forward' ? bytes : ANSWER_BYTES)
  return new Promise((resolve) => {
    const fire = () => resolve(reset())
    const silence = setTimeout(schedule, SILENCE_MS, fire)
    proxy.tap = (chunk, chunkDirection) => {
      silence.refresh()
      if (chunkDirection !== direction || (left -= chunk.length) > 0) return
      if (moment === 'before') schedule(fire)
      else if (moment === 'after') schedule(() => setImmediate(fire))
      else schedule(() => setTimeout(fire, laterMs))
    }
    function schedule(act) {
      clearTimeout(silence)
      proxy.tap = undefined
      act()
    }
  })
}
