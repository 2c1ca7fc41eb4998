/** What a receiver has seen: the sequence numbers of each sender, and what is wrong with them. */

/** Counts nothing but what was handed to it: no counter of the library is asked. */
export class Record {
  #senders = new Map()
  taken = 0

  /** @param intact whether it came as it went */
  take({ sender, sequence }, intact = true) {
    this.taken++
    const one = this.#of(sender)
    if (one.seen.has(sequence)) one.duplicated++
    else if (sequence < one.highest) one.reordered++
    if (!intact) one.damaged++
    one.seen.add(sequence)
    one.highest = Math.max(one.highest, sequence)
  }

  /**
   * @param sent how many that sender sent: 0 up to `sent - 1`; by default, up to the highest that came
   * @returns how many never came, came twice, came after a later one, came damaged, or were never sent
   */
  tally(sender, sent = this.#of(sender).highest + 1) {
    const { seen, duplicated, reordered, damaged } = this.#of(sender)
    const missing = []
    for (let sequence = 0; sequence < sent; sequence++) if (!seen.has(sequence)) missing.push(sequence)
    const invented = seen.size - (sent - missing.length)
    return { sent, lost: missing.length, duplicated, reordered, damaged, invented, holes: runs(missing).slice(0, 10) }
  }

  #of(sender) {
    let one = this.#senders.get(sender)
    if (one === undefined) this.#senders.set(sender, (one = { seen: new Set(), highest: -1, duplicated: 0, reordered: 0, damaged: 0 }))
    return one
  }
}

/** Numbers in order, as runs: `3-7`. */
export function runs(numbers) {
  const found = []
  for (const number of numbers) {
    const last = found.at(-1)
    if (last !== undefined && last[1] === number - 1) last[1] = number
    else found.push([number, number])
  }
  return found.map(([first, end]) => (first === end ? `${first}` : `${first}-${end}`))
}
