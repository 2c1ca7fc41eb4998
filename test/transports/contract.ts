/** The contract of transports: one suite of tests, run with each transport. */
import { afterEach, describe, expect, it } from 'vitest'
import {
  TestConnection,
  TestBinding,
  dialTo,
  sendHello,
  numberedBytes,
  bindTo,
  textBytes,
  unusedEndpoint,
} from './recorded-ends.ts'
import { closingContract } from './closing-contract.ts'
import type { Transport } from '../../src/ports/transport.ts'

/**
 * Declares the suite.
 *
 * @param makeTransport creates a transport for one test
 * @param makeEndpoint an endpoint to bind: free, or with a port chosen by the system
 */
export function transportContract(
  name: string,
  makeTransport: () => Transport,
  makeEndpoint: () => string,
): void {
  describe(`the contract of transports, with ${name}`, () => {
    const ends: (TestBinding | TestConnection)[] = []
    const tracked = <T extends TestBinding | TestConnection>(end: T): T => {
      ends.push(end)
      return end
    }

    afterEach(async () => {
      await Promise.all(ends.map((end) => end.close()))
      for (const end of ends.splice(0)) {
        expect(end.callbacks.filter((name) => name.includes('inside'))).toEqual([])
        expect(end.callbacks.at(-1)).toBe('closed')
        expect(end.closed).toBe(1)
      }
    })

    /** A binding, and a connection that has sent one frame to it. */
    async function pair(): Promise<{
      binding: TestBinding
      connection: TestConnection
      from: string
    }> {
      const transport = makeTransport()
      const binding = tracked(await bindTo(transport, makeEndpoint()))
      const connection = tracked(await dialTo(transport, binding.endpoint))
      return { binding, connection, from: await sendHello(binding, connection) }
    }

    it('keeps the order of 10,000 frames, both ways', async () => {
      const { binding, connection } = await pair()
      binding.onFrame = ({ from, parts }) => binding.send(from, ...parts)
      for (let n = 0; n < 10_000; n++) connection.send(numberedBytes(n, n % 300))
      await connection.waitUntil(() => connection.frames.length === 10_000)
      const frames = binding.frames.slice(1)
      expect(frames.every(({ parts }, n) => parts[0]!.equals(numberedBytes(n, n % 300)))).toBe(true)
      expect(
        connection.frames.every((parts, n) => parts[0]!.equals(numberedBytes(n, n % 300))),
      ).toBe(true)
    })

    it('delivers a frame of several parts, with empty parts and views', async () => {
      const { binding, connection, from } = await pair()
      const large = new Uint8Array(100_000).fill(7)
      const parts = [textBytes('a'), new Uint8Array(0), large.subarray(1000, 3000), textBytes('z')]
      connection.send(...parts)
      binding.send(from, ...parts)
      await binding.waitUntil(() => binding.frames.length === 2)
      await connection.waitUntil(() => connection.frames.length === 1)
      const plain = parts.map((part) => Buffer.from(part))
      expect(binding.frames[1]!.parts).toEqual(plain)
      expect(connection.frames[0]).toEqual(plain)
    })

    it('sends each reply to its connection', async () => {
      const transport = makeTransport()
      const binding = tracked(await bindTo(transport, makeEndpoint()))
      binding.onFrame = ({ from, parts }) => binding.send(from, ...parts)
      const connections = await Promise.all(
        Array.from({ length: 20 }, () => dialTo(transport, binding.endpoint)),
      )
      connections.forEach(tracked)
      for (let n = 0; n < 100; n++) {
        for (const [index, connection] of connections.entries())
          connection.send(textBytes(`${index}`), numberedBytes(n, 4))
      }
      await Promise.all(
        connections.map((connection) =>
          connection.waitUntil(() => connection.frames.length === 100),
        ),
      )
      for (const [index, connection] of connections.entries()) {
        expect(connection.frames.every(([name]) => String(name) === String(index))).toBe(true)
        expect(connection.frames.map(([, n]) => n!.readUInt32BE())).toEqual([...Array(100).keys()])
      }
      expect(new Set(binding.frames.map(({ from }) => from)).size).toBe(20)
    })

    it('delivers a part of 16 MiB', async () => {
      const limits = { maxPartBytes: 16 * 2 ** 20 }
      const transport = makeTransport()
      const binding = tracked(await bindTo(transport, makeEndpoint(), limits))
      const connection = tracked(await dialTo(transport, binding.endpoint, limits))
      const large = new Uint8Array(16 * 2 ** 20).map((_, at) => at % 251)
      connection.send(large)
      await binding.waitUntil(() => binding.frames.length === 1)
      expect(binding.frames[0]!.parts[0]!.equals(large)).toBe(true)
      binding.send(binding.frames[0]!.from, large)
      await connection.waitUntil(() => connection.frames.length === 1)
      expect(connection.frames[0]![0]!.equals(large)).toBe(true)
    })

    it('closes only the connection that sends too large a part', async () => {
      const limits = { maxPartBytes: 1000 }
      const transport = makeTransport()
      const binding = tracked(await bindTo(transport, makeEndpoint(), limits))
      const valid = tracked(await dialTo(transport, binding.endpoint))
      const oversized = tracked(await dialTo(transport, binding.endpoint))
      await sendHello(binding, valid)
      oversized.send(new Uint8Array(1001))
      await oversized.waitUntil(() => oversized.closed > 0)
      valid.send(new Uint8Array(1000))
      await binding.waitUntil(() => binding.frames.length === 2)
      expect(binding.frames[1]!.parts[0]!.length).toBe(1000)
      expect(valid.closed).toBe(0)
    })

    it('closes a connection that receives too large a part', async () => {
      const transport = makeTransport()
      const binding = tracked(await bindTo(transport, makeEndpoint()))
      const connection = tracked(await dialTo(transport, binding.endpoint, { maxPartBytes: 1000 }))
      const from = await sendHello(binding, connection)
      binding.send(from, new Uint8Array(1001))
      await connection.waitUntil(() => connection.closed > 0)
      expect(connection.frames).toEqual([])
    })

    it('closes a connection without a listener; a later connection succeeds', async () => {
      const transport = makeTransport()
      const endpoint = await unusedEndpoint(transport, makeEndpoint())
      const early = tracked(new TestConnection(transport, endpoint))
      early.send(textBytes('too early'))
      await early.waitUntil(() => early.closed > 0)
      expect(early.callbacks).toEqual(['closed'])
      expect(early.reason).toContain(endpoint)
      const binding = tracked(await bindTo(transport, endpoint))
      const late = tracked(await dialTo(transport, endpoint))
      await sendHello(binding, late)
      expect(binding.frames).toHaveLength(1)
    })

    it('binds the same address again as soon as it is closed, 100 times', async () => {
      const transport = makeTransport()
      let binding = await bindTo(transport, makeEndpoint())
      const { endpoint } = binding
      const connections: TestConnection[] = []
      for (let n = 0; n < 100; n++) {
        const connection = tracked(await dialTo(transport, endpoint))
        connections.push(connection)
        await sendHello(binding, connection)
        await binding.close()
        binding = await bindTo(transport, endpoint)
      }
      tracked(binding)
      await Promise.all(
        connections.map((connection) => connection.waitUntil(() => connection.closed > 0)),
      )
    })

    it('binds one of two bindings to the same address', async () => {
      const transport = makeTransport()
      const endpoint = await unusedEndpoint(transport, makeEndpoint())
      const both = [1, 2].map(() => tracked(new TestBinding(transport, endpoint)))
      await Promise.all(both.map((one) => one.waitUntil(() => one.callbacks.length > 0)))
      expect(both.map(({ callbacks }) => callbacks[0]).toSorted()).toEqual(['bound', 'failed'])
      const bound = both.find(({ error }) => error === undefined)
      await sendHello(bound!, tracked(await dialTo(transport, endpoint)))
    })

    it('reports an address in use, and does not disturb its binding', async () => {
      const { binding, connection } = await pair()
      const transport = makeTransport()
      const first = tracked(await bindTo(transport, makeEndpoint()))
      const second = tracked(new TestBinding(transport, first.endpoint))
      await second.waitUntil(() => second.closed > 0)
      expect(second.callbacks).toEqual(['failed', 'closed'])
      expect(second.error?.code).toBe('EADDRINUSE')
      await sendHello(first, tracked(await dialTo(transport, first.endpoint)))
      await sendHello(binding, connection)
    })

    it.each(['nonsense', 'tcp://127.0.0.1', 'tcp://127.0.0.1:99999'])(
      'reports the invalid address %s through callbacks',
      async (endpoint) => {
        const transport = makeTransport()
        const binding = tracked(new TestBinding(transport, endpoint))
        const connection = tracked(new TestConnection(transport, endpoint))
        await connection.waitUntil(() => connection.closed > 0)
        expect(connection.callbacks).toEqual(['closed'])
        await binding.waitUntil(() => binding.closed > 0)
        expect(binding.callbacks).toEqual(['failed', 'closed'])
        expect(binding.error?.message).toContain(endpoint)
      },
    )

    closingContract({ makeTransport, makeEndpoint, tracked, pair })
  })
}
