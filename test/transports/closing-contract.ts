/** The part of the contract that is about ends: closing, losing, and what is left afterwards. */
import { expect, it } from 'vitest'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Call, Office, dial, hello, numbered, open, text } from './ends.ts'
import { descriptors, descriptorsBackTo } from './descriptors.ts'
import type { Transport } from '../../src/ports/transport.ts'

/** What the suite works with. */
export interface Ground {
  makeTransport(): Transport
  makeEndpoint(): string
  /** Has an end closed and looked at after the test. */
  kept<T extends Office | Call>(end: T): T
  /** A binding, and a caller who has said hello to it. */
  pair(): Promise<{ office: Office; call: Call; from: string }>
}

/** Declares the tests. */
export function closingContract({ makeTransport, makeEndpoint, kept, pair }: Ground): void {
  it('tells the caller when the binding closes', async () => {
    const { office, call } = await pair()
    await office.close()
    await call.until(() => call.closed > 0)
    expect(call.told).toEqual(['opened', 'closed'])
    expect(call.reason).toContain(call.endpoint)
  })

  it('lets a caller who lingers finish', async () => {
    const { office, call } = await pair()
    for (let n = 0; n < 1000; n++) call.send(numbered(n, 1000))
    await call.close(10_000)
    await office.until(() => office.letters.length === 1001)
    expect(office.letters.slice(1).map(({ parts }) => parts[0]!.readUInt32BE())).toEqual([
      ...Array(1000).keys(),
    ])
  })

  it('lets a binding that lingers finish: its farewell reaches even a busy caller', async () => {
    const { office, call, from } = await pair()
    // Everything has arrived, and the other side is gone, before the second frame is looked at.
    call.answer = () => {
      if (call.frames.length > 1) return
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
    }
    for (let n = 0; n < 200; n++) office.send(from, numbered(n, 1000))
    await office.close(10_000)
    await call.until(() => call.closed > 0)
    expect(call.frames).toHaveLength(200)
    expect(call.told.at(-1)).toBe('closed')
  })

  it('tells `gone` when it sends to a connection that is', async () => {
    const { office, call, from } = await pair()
    await call.close()
    while (office.gone.length === 0) {
      office.send(from, text('are you there?'))
      await nextTurn()
    }
    expect(new Set(office.gone)).toEqual(new Set([from]))
  })

  it('tells `gone` for a connection that never was', async () => {
    const { office, call } = await pair()
    office.send('nobody', text('hello?'))
    await office.until(() => office.gone.length > 0)
    expect(office.gone).toEqual(['nobody'])
    await hello(office, call)
  })

  it('drops what is sent before it is open and after it is closed, in silence', async () => {
    const { office, call, from } = await pair()
    await call.close()
    call.send(text('late'))
    const early = kept(new Call(makeTransport(), office.endpoint))
    early.send(text('early'))
    await early.until(() => early.opened + early.closed > 0)
    await early.close()
    await office.close()
    office.send(from, text('late'))
    expect(office.letters).toHaveLength(1)
    expect(call.frames).toEqual([])
  })

  it('closes once, however often it is told to', async () => {
    const { office, call } = await pair()
    const ends = [call.close(), call.close(100), office.close(), office.close(100)]
    await Promise.all(ends)
    await Promise.all([call.close(), office.close()])
    expect([call.closed, office.closed]).toEqual([1, 1])
  })

  it('closes before it was bound, and before it was open', async () => {
    const transport = makeTransport()
    const office = kept(await open(transport, makeEndpoint()))
    const early = kept(new Office(transport, makeEndpoint()))
    const call = kept(new Call(transport, office.endpoint))
    await Promise.all([early.close(), call.close()])
    expect(early.told).toEqual(['closed'])
    expect(call.told).toEqual(['closed'])
    expect(call.reason).toBe('closed')
    await hello(office, kept(await dial(transport, office.endpoint)))
  })

  it('closes within any callback', async () => {
    const transport = makeTransport()
    const office = kept(await open(transport, makeEndpoint()))
    const calls = await Promise.all([1, 2].map(() => dial(transport, office.endpoint)))
    const [first, second] = calls.map(kept)
    first!.answer = () => void first!.close()
    office.answer = ({ from, parts }) => {
      office.send(from, ...parts)
      if (office.letters.length === 2) void office.close(1000)
    }
    first!.send(text('hang up'))
    await first!.until(() => first!.closed > 0)
    second!.send(text('close'))
    await office.until(() => office.closed > 0)
    await second!.until(() => second!.closed > 0)
    expect(first!.told).toEqual(['opened', 'frame', 'closed'])
  })

  it('closes in the middle of everything', async () => {
    const transport = makeTransport()
    const office = kept(await open(transport, makeEndpoint()))
    office.answer = ({ from, parts }) => office.send(from, ...parts)
    const calls = await Promise.all(
      Array.from({ length: 20 }, () => dial(transport, office.endpoint)),
    )
    calls.forEach(kept)
    for (let n = 0; n < 20_000; n++) calls[n % 20]!.send(numbered(n, n % 2000))
    await office.until(() => office.letters.length > 1000)
    for (const call of calls.slice(0, 10)) void call.close(call.frames.length % 2)
    const late = kept(new Call(transport, office.endpoint))
    void office.close()
    for (const call of calls) call.send(text('still there?'))
    await Promise.all(calls.map((call) => call.until(() => call.closed > 0)))
    await late.until(() => late.closed > 0)
    await office.until(() => office.closed > 0)
  })

  it('leaves no more open than it found', async () => {
    const transport = makeTransport()
    const round = async (count: number): Promise<void> => {
      const office = await open(transport, makeEndpoint())
      const calls = await Promise.all(
        Array.from({ length: count }, () => dial(transport, office.endpoint)),
      )
      await Promise.all(calls.map((call) => hello(office, call)))
      const ends = [office, ...calls]
      await Promise.all(ends.map((end) => end.close()))
      const closed = ends.map((end) => end.told.filter((word) => word === 'closed').length)
      expect(closed).toEqual(ends.map(() => 1))
    }
    // The first round brings the threads and the context along, which stay.
    await round(1)
    const before = descriptors()
    await round(50)
    await descriptorsBackTo(before)
  })
}
