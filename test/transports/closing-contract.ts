/** The contract of transports on closing: callbacks, lingering, and released resources. */
import { expect, it } from 'vitest'
import { setImmediate as nextIteration } from 'node:timers/promises'
import {
  TestConnection,
  TestBinding,
  dialTo,
  sendHello,
  numberedBytes,
  bindTo,
  textBytes,
} from './recorded-ends.ts'
import { descriptorCount, waitForDescriptorCount } from './descriptors.ts'
import type { Transport } from '../../src/ports/transport.ts'

/** What the tests use. */
export interface ContractContext {
  makeTransport(): Transport
  makeEndpoint(): string
  /** Closes and checks an end after the test. */
  tracked<T extends TestBinding | TestConnection>(end: T): T
  /** A binding, and a connection that has sent one frame to it. */
  pair(): Promise<{ binding: TestBinding; connection: TestConnection; from: string }>
}

/** Declares the tests. */
export function closingContract({
  makeTransport,
  makeEndpoint,
  tracked,
  pair,
}: ContractContext): void {
  it('closes the connection when the binding closes', async () => {
    const { binding, connection } = await pair()
    await binding.close()
    await connection.waitUntil(() => connection.closed > 0)
    expect(connection.callbacks).toEqual(['opened', 'closed'])
    expect(connection.reason).toContain(connection.endpoint)
  })

  it('delivers the frames of a connection that lingers', async () => {
    const { binding, connection } = await pair()
    for (let n = 0; n < 1000; n++) connection.send(numberedBytes(n, 1000))
    await connection.close(10_000)
    await binding.waitUntil(() => binding.frames.length === 1001)
    expect(binding.frames.slice(1).map(({ parts }) => parts[0]!.readUInt32BE())).toEqual([
      ...Array(1000).keys(),
    ])
  })

  it('delivers the frames of a binding that lingers, even to a blocked process', async () => {
    const { binding, connection, from } = await pair()
    // All frames arrive, and the binding closes, before the second frame is read.
    connection.onFrame = () => {
      if (connection.frames.length > 1) return
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
    }
    for (let n = 0; n < 200; n++) binding.send(from, numberedBytes(n, 1000))
    await binding.close(10_000)
    await connection.waitUntil(() => connection.closed > 0)
    expect(connection.frames).toHaveLength(200)
    expect(connection.callbacks.at(-1)).toBe('closed')
  })

  it('reports `disconnected` when it sends to a closed connection', async () => {
    const { binding, connection, from } = await pair()
    await connection.close()
    while (binding.disconnected.length === 0) {
      binding.send(from, textBytes('probe'))
      await nextIteration()
    }
    expect(new Set(binding.disconnected)).toEqual(new Set([from]))
  })

  it('reports `disconnected` for an unknown connection', async () => {
    const { binding, connection } = await pair()
    binding.send('unknown', textBytes('hello'))
    await binding.waitUntil(() => binding.disconnected.length > 0)
    expect(binding.disconnected).toEqual(['unknown'])
    await sendHello(binding, connection)
  })

  it('drops frames sent before `opened` and after `closed`', async () => {
    const { binding, connection, from } = await pair()
    await connection.close()
    connection.send(textBytes('late'))
    const early = tracked(new TestConnection(makeTransport(), binding.endpoint))
    early.send(textBytes('early'))
    await early.waitUntil(() => early.opened + early.closed > 0)
    await early.close()
    await binding.close()
    binding.send(from, textBytes('late'))
    expect(binding.frames).toHaveLength(1)
    expect(connection.frames).toEqual([])
  })

  it('closes once for several calls of close', async () => {
    const { binding, connection } = await pair()
    const ends = [connection.close(), connection.close(100), binding.close(), binding.close(100)]
    await Promise.all(ends)
    await Promise.all([connection.close(), binding.close()])
    expect([connection.closed, binding.closed]).toEqual([1, 1])
  })

  it('closes before `bound` and before `opened`', async () => {
    const transport = makeTransport()
    const binding = tracked(await bindTo(transport, makeEndpoint()))
    const early = tracked(new TestBinding(transport, makeEndpoint()))
    const connection = tracked(new TestConnection(transport, binding.endpoint))
    await Promise.all([early.close(), connection.close()])
    expect(early.callbacks).toEqual(['closed'])
    expect(connection.callbacks).toEqual(['closed'])
    expect(connection.reason).toBe('closed')
    await sendHello(binding, tracked(await dialTo(transport, binding.endpoint)))
  })

  it('closes inside any callback', async () => {
    const transport = makeTransport()
    const binding = tracked(await bindTo(transport, makeEndpoint()))
    const connections = await Promise.all([1, 2].map(() => dialTo(transport, binding.endpoint)))
    const [first, second] = connections.map(tracked)
    first!.onFrame = () => void first!.close()
    binding.onFrame = ({ from, parts }) => {
      binding.send(from, ...parts)
      if (binding.frames.length === 2) void binding.close(1000)
    }
    first!.send(textBytes('first'))
    await first!.waitUntil(() => first!.closed > 0)
    second!.send(textBytes('second'))
    await binding.waitUntil(() => binding.closed > 0)
    await second!.waitUntil(() => second!.closed > 0)
    expect(first!.callbacks).toEqual(['opened', 'frame', 'closed'])
  })

  it('closes while frames are in flight', async () => {
    const transport = makeTransport()
    const binding = tracked(await bindTo(transport, makeEndpoint()))
    binding.onFrame = ({ from, parts }) => binding.send(from, ...parts)
    const connections = await Promise.all(
      Array.from({ length: 20 }, () => dialTo(transport, binding.endpoint)),
    )
    connections.forEach(tracked)
    for (let n = 0; n < 20_000; n++) connections[n % 20]!.send(numberedBytes(n, n % 2000))
    await binding.waitUntil(() => binding.frames.length > 1000)
    for (const connection of connections.slice(0, 10))
      void connection.close(connection.frames.length % 2)
    const late = tracked(new TestConnection(transport, binding.endpoint))
    void binding.close()
    for (const connection of connections) connection.send(textBytes('last'))
    await Promise.all(
      connections.map((connection) => connection.waitUntil(() => connection.closed > 0)),
    )
    await late.waitUntil(() => late.closed > 0)
    await binding.waitUntil(() => binding.closed > 0)
  })

  it('releases all descriptors', async () => {
    const transport = makeTransport()
    const round = async (count: number): Promise<void> => {
      const binding = await bindTo(transport, makeEndpoint())
      const connections = await Promise.all(
        Array.from({ length: count }, () => dialTo(transport, binding.endpoint)),
      )
      await Promise.all(connections.map((connection) => sendHello(binding, connection)))
      const ends = [binding, ...connections]
      await Promise.all(ends.map((end) => end.close()))
      const closed = ends.map((end) => end.callbacks.filter((word) => word === 'closed').length)
      expect(closed).toEqual(ends.map(() => 1))
    }
    // The first round creates the context and its threads, which stay.
    await round(1)
    const before = descriptorCount()
    await round(50)
    await waitForDescriptorCount(before)
  })
}
