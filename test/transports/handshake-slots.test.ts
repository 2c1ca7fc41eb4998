/** Handshake slots: how many handshakes run at once, and which is next. */
import { describe, expect, it } from 'vitest'
import { HandshakeSlots } from '../../src/transports/zmq/handshake-slots.ts'

describe('HandshakeSlots', () => {
  it('starts as many as there are slots, and the others in order', () => {
    const slots = new HandshakeSlots(2)
    const started: number[] = []
    const starts = [0, 1, 2, 3, 4].map((n) => () => void started.push(n))
    for (const start of starts) slots.request(start)
    expect(started).toEqual([0, 1])
    expect(slots.cancel(starts[2]!)).toBe(true)
    expect(slots.cancel(starts[0]!)).toBe(false)
    slots.release()
    expect(started).toEqual([0, 1, 3])
    slots.release()
    slots.release()
    expect(started).toEqual([0, 1, 3, 4])
    slots.release()
    slots.request(() => void started.push(5))
    expect(started.at(-1)).toBe(5)
  })
})
