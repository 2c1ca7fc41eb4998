/**
 * What a receiver was delivered: the sequence numbers of each sender, and violations of the order.
 */

/** Independent of the library's counters: it counts only what it is given. */
export class DeliveryLog {
  #senders = new Map()
  received = 0

  /** @param intact whether the message arrived unchanged */
  add({ sender, sequence }, intact = true) {
    this.received++
    const log = this.#of(sender)
    if (log.seen.has(sequence)) log.duplicated++
    else if (sequence < log.highest) log.reordered++
    if (!intact) log.damaged++
    log.seen.add(sequence)
    log.highest = Math.max(log.highest, sequence)
  }

  /**
   * @param sent how many messages that sender sent, numbered from 0; by default up to the highest
   *   that arrived
   * @returns the numbers of lost, duplicated, reordered and damaged messages, and of those that
   *   were
   *   never sent
   */
  summary(sender, sent = this.#of(sender).highest + 1) {
    const { seen, duplicated, reordered, damaged } = this.#of(sender)
    const missing = []
    for (let sequence = 0; sequence < sent; sequence++) {
      if (!seen.has(sequence)) missing.push(sequence)
    }
    const unsent = seen.size - (sent - missing.length)
    const gaps = ranges(missing).slice(0, 10)
    return { sent, lost: missing.length, duplicated, reordered, damaged, unsent, gaps }
  }

  #of(sender) {
    let log = this.#senders.get(sender)
    if (log === undefined) {
      log = { seen: new Set(), highest: -1, duplicated: 0, reordered: 0, damaged: 0 }
      this.#senders.set(sender, log)
    }
    return log
  }
}

/** Formats ascending numbers as ranges: `3-7`. */
export function ranges(numbers) {
  const found = []
  for (const number of numbers) {
    const last = found.at(-1)
    if (last !== undefined && last[1] === number - 1) last[1] = number
    else found.push([number, number])
  }
  return found.map(([first, end]) => (first === end ? `${first}` : `${first}-${end}`))
}
