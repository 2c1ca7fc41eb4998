/** What every transport holds to: one suite, run by each of them. */
import { afterEach, describe, expect, it } from 'vitest'
import { Call, Office, dial, hello, numbered, open, text, vacant } from './ends.ts'
import { closingContract } from './closing-contract.ts'
import type { Transport } from '../../src/ports/transport.ts'

/**
 * Declares the suite.
 *
 * @param name how it is shown
 * @param makeTransport a new transport; each test has its own
 * @param makeEndpoint where to bind; it must be free, or let the system pick
 */
export function transportContract(
  name: string,
  makeTransport: () => Transport,
  makeEndpoint: () => string,
): void {
  describe(`${name} holds to the contract of transports`, () => {
    const ends: (Office | Call)[] = []
    const kept = <T extends Office | Call>(end: T): T => {
      ends.push(end)
      return end
    }

    afterEach(async () => {
      await Promise.all(ends.map((end) => end.close()))
      for (const end of ends.splice(0)) {
        expect(end.told.filter((word) => word.includes('inside'))).toEqual([])
        expect(end.told.at(-1)).toBe('closed')
        expect(end.closed).toBe(1)
      }
    })

    /** A binding, and a caller who has said hello to it. */
    async function pair(): Promise<{ office: Office; call: Call; from: string }> {
      const transport = makeTransport()
      const office = kept(await open(transport, makeEndpoint()))
      const call = kept(await dial(transport, office.endpoint))
      return { office, call, from: await hello(office, call) }
    }

    it('keeps the order of 10,000 frames, both ways', async () => {
      const { office, call } = await pair()
      office.answer = ({ from, parts }) => office.send(from, ...parts)
      for (let n = 0; n < 10_000; n++) call.send(numbered(n, n % 300))
      await call.until(() => call.frames.length === 10_000)
      const letters = office.letters.slice(1)
      expect(letters.every(({ parts }, n) => parts[0]!.equals(numbered(n, n % 300)))).toBe(true)
      expect(call.frames.every((parts, n) => parts[0]!.equals(numbered(n, n % 300)))).toBe(true)
    })

    it('brings a frame of several parts whole, empty ones and views included', async () => {
      const { office, call, from } = await pair()
      const large = new Uint8Array(100_000).fill(7)
      const parts = [text('a'), new Uint8Array(0), large.subarray(1000, 3000), text('z')]
      call.send(...parts)
      office.send(from, ...parts)
      await office.until(() => office.letters.length === 2)
      await call.until(() => call.frames.length === 1)
      const plain = parts.map((part) => Buffer.from(part))
      expect(office.letters[1]!.parts).toEqual(plain)
      expect(call.frames[0]).toEqual(plain)
    })

    it('sends each answer to who asked', async () => {
      const transport = makeTransport()
      const office = kept(await open(transport, makeEndpoint()))
      office.answer = ({ from, parts }) => office.send(from, ...parts)
      const calls = await Promise.all(
        Array.from({ length: 20 }, () => dial(transport, office.endpoint)),
      )
      calls.forEach(kept)
      for (let n = 0; n < 100; n++) {
        for (const [who, call] of calls.entries()) call.send(text(`${who}`), numbered(n, 4))
      }
      await Promise.all(calls.map((call) => call.until(() => call.frames.length === 100)))
      for (const [who, call] of calls.entries()) {
        expect(call.frames.every(([name]) => String(name) === String(who))).toBe(true)
        expect(call.frames.map(([, n]) => n!.readUInt32BE())).toEqual([...Array(100).keys()])
      }
      expect(new Set(office.letters.map(({ from }) => from)).size).toBe(20)
    })

    it('carries a part of 16 MiB', async () => {
      const limits = { maxPartBytes: 16 * 2 ** 20 }
      const transport = makeTransport()
      const office = kept(await open(transport, makeEndpoint(), limits))
      const call = kept(await dial(transport, office.endpoint, limits))
      const large = new Uint8Array(16 * 2 ** 20).map((_, at) => at % 251)
      call.send(large)
      await office.until(() => office.letters.length === 1)
      expect(office.letters[0]!.parts[0]!.equals(large)).toBe(true)
      office.send(office.letters[0]!.from, large)
      await call.until(() => call.frames.length === 1)
      expect(call.frames[0]![0]!.equals(large)).toBe(true)
    })

    it('cuts the connection that brings too large a part, and no other', async () => {
      const limits = { maxPartBytes: 1000 }
      const transport = makeTransport()
      const office = kept(await open(transport, makeEndpoint(), limits))
      const honest = kept(await dial(transport, office.endpoint))
      const greedy = kept(await dial(transport, office.endpoint))
      await hello(office, honest)
      greedy.send(new Uint8Array(1001))
      await greedy.until(() => greedy.closed > 0)
      honest.send(new Uint8Array(1000))
      await office.until(() => office.letters.length === 2)
      expect(office.letters[1]!.parts[0]!.length).toBe(1000)
      expect(honest.closed).toBe(0)
    })

    it('cuts a connection whose answer is too large', async () => {
      const transport = makeTransport()
      const office = kept(await open(transport, makeEndpoint()))
      const call = kept(await dial(transport, office.endpoint, { maxPartBytes: 1000 }))
      const from = await hello(office, call)
      office.send(from, new Uint8Array(1001))
      await call.until(() => call.closed > 0)
      expect(call.frames).toEqual([])
    })

    it('closes a call where nobody listens, and a later one succeeds', async () => {
      const transport = makeTransport()
      const endpoint = await vacant(transport, makeEndpoint())
      const early = kept(new Call(transport, endpoint))
      early.send(text('too early'))
      await early.until(() => early.closed > 0)
      expect(early.told).toEqual(['closed'])
      expect(early.reason).toContain(endpoint)
      const office = kept(await open(transport, endpoint))
      const late = kept(await dial(transport, endpoint))
      await hello(office, late)
      expect(office.letters).toHaveLength(1)
    })

    it('binds the same address again as soon as it is closed, 100 times', async () => {
      const transport = makeTransport()
      let office = await open(transport, makeEndpoint())
      const { endpoint } = office
      const calls: Call[] = []
      for (let n = 0; n < 100; n++) {
        const call = kept(await dial(transport, endpoint))
        calls.push(call)
        await hello(office, call)
        await office.close()
        office = await open(transport, endpoint)
      }
      kept(office)
      await Promise.all(calls.map((call) => call.until(() => call.closed > 0)))
    })

    it('gives an address to one of two who want it at once', async () => {
      const transport = makeTransport()
      const endpoint = await vacant(transport, makeEndpoint())
      const both = [1, 2].map(() => kept(new Office(transport, endpoint)))
      await Promise.all(both.map((one) => one.until(() => one.told.length > 0)))
      expect(both.map(({ told }) => told[0]).toSorted()).toEqual(['bound', 'failed'])
      const bound = both.find(({ error }) => error === undefined)
      await hello(bound!, kept(await dial(transport, endpoint)))
    })

    it('tells that an address is in use, and leaves who uses it alone', async () => {
      const { office, call } = await pair()
      const transport = makeTransport()
      const first = kept(await open(transport, makeEndpoint()))
      const second = kept(new Office(transport, first.endpoint))
      await second.until(() => second.closed > 0)
      expect(second.told).toEqual(['failed', 'closed'])
      expect(second.error?.code).toBe('EADDRINUSE')
      await hello(first, kept(await dial(transport, first.endpoint)))
      await hello(office, call)
    })

    it.each(['nonsense', 'tcp://127.0.0.1', 'tcp://127.0.0.1:99999'])(
      'reports the address %s, and throws nothing',
      async (endpoint) => {
        const transport = makeTransport()
        const office = kept(new Office(transport, endpoint))
        const call = kept(new Call(transport, endpoint))
        await call.until(() => call.closed > 0)
        expect(call.told).toEqual(['closed'])
        await office.until(() => office.closed > 0)
        expect(office.told).toEqual(['failed', 'closed'])
        expect(office.error?.message).toContain(endpoint)
      },
    )

    closingContract({ makeTransport, makeEndpoint, kept, pair })
  })
}
