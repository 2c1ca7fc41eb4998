/** The ZeroMQ transport with foreign peers, host names, and many connections. */
import { afterEach, describe, expect, it } from 'vitest'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import {
  TestConnection,
  TestBinding,
  dialTo,
  sendHello,
  numberedBytes,
  bindTo,
} from './recorded-ends.ts'
import { descriptorCount, waitForDescriptorCount } from './descriptors.ts'
import { once } from 'node:events'
import { zmqTransport } from '../../src/transports/zmq/zmq-transport.ts'

const ANY_PORT = 'tcp://127.0.0.1:0'

describe('the ZeroMQ transport', () => {
  const transport = zmqTransport({ handshakeMs: 200 })
  const ends: (TestBinding | TestConnection)[] = []
  const servers: Server[] = []
  const tracked = <T extends TestBinding | TestConnection>(end: T): T => {
    ends.push(end)
    return end
  }

  afterEach(async () => {
    await Promise.all(ends.splice(0).map((end) => end.close()))
    await Promise.all(servers.splice(0).map((server) => once(server.close(), 'close')))
  })

  /** A TCP server without ZMTP. */
  async function rawServer(onConnection: (socket: Socket) => void): Promise<string> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      onConnection(socket)
    })
    servers.push(server)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  it.each([
    ['a page of HTTP', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['random bytes', Buffer.from(Array.from({ length: 4096 }, (_, n) => (n * 97) % 256))],
    ['a ZMTP header and a length of 2⁶²', headerWith([0x02, 0x40, 0, 0, 0, 0, 0, 0, 0])],
    ['half a ZMTP header', headerWith([]).subarray(0, 20)],
    ['nothing', ''],
  ])('serves its peers while a foreign client sends %s', async (_, bytes) => {
    const binding = tracked(await bindTo(transport, ANY_PORT))
    binding.onFrame = ({ from, parts }) => binding.send(from, ...parts)
    const connection = tracked(await dialTo(transport, binding.endpoint))
    const rawSockets = Array.from({ length: 5 }, () => {
      const socket = connect(Number(binding.endpoint.split(':')[2]), '127.0.0.1')
      return socket.on('error', () => undefined)
    })
    await Promise.all(rawSockets.map((socket) => once(socket, 'connect')))
    for (const socket of rawSockets) socket.write(bytes)
    for (let n = 0; n < 1000; n++) connection.send(numberedBytes(n, 10))
    await connection.waitUntil(() => connection.frames.length === 1000)
    expect(connection.frames.map(([part]) => part!.readUInt32BE())).toEqual([...Array(1000).keys()])
    for (const socket of rawSockets) socket.destroy()
  })

  it.each([
    ['HTTP', (socket: Socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['10 KB of garbage', (socket: Socket) => void socket.write(Buffer.alloc(10_000, 0x99))],
    ['nothing', () => undefined],
    ['a FIN', (socket: Socket) => void socket.end()],
    ['a reset', (socket: Socket) => void socket.resetAndDestroy()],
    ['a ZMTP header and garbage', (socket: Socket) => void socket.write(headerWith([9, 9, 9, 9]))],
  ])('closes a connection whose server sends %s', async (_, onConnection) => {
    const sockets: Socket[] = []
    const endpoint = await rawServer((socket) => {
      sockets.push(socket)
      onConnection(socket)
    })
    const connection = new TestConnection(transport, endpoint)
    await connection.waitUntil(() => connection.closed > 0)
    expect(connection.callbacks).toEqual(['closed'])
    expect(connection.reason).toContain(endpoint)
    for (const socket of sockets) socket.destroy()
  })

  it('ends a connection that is silent after the handshake', async () => {
    const quick = zmqTransport({ heartbeatMs: 50, heartbeatTimeoutMs: 100 })
    const binding = tracked(await bindTo(quick, ANY_PORT))
    const connection = tracked(await dialTo(quick, binding.endpoint))
    const silent = connect(Number(binding.endpoint.split(':')[2]), '127.0.0.1')
    const ready = Buffer.from('\x04\x1c\x05READY\x0bSocket-Type\0\0\0\x06DEALER', 'latin1')
    silent.write(Buffer.concat([headerWith([]), ready]))
    await once(silent.resume(), 'close')
    await sendHello(binding, connection)
    expect(binding.frames).toHaveLength(1)
  })

  it('reports a port that another program uses', async () => {
    const endpoint = await rawServer(() => undefined)
    await expect(bindTo(transport, endpoint)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('connects to host names, and reports a name that does not resolve', async () => {
    const binding = tracked(await bindTo(transport, 'tcp://*:*'))
    const port = binding.endpoint.split(':')[2]
    await sendHello(binding, tracked(await dialTo(transport, `tcp://localhost:${port}`)))
    const connection = new TestConnection(transport, 'tcp://unknown.invalid:5000')
    await connection.waitUntil(() => connection.closed > 0)
    expect(connection.reason).toContain('unknown.invalid')
  })

  const invalidEndpoints = [
    'gopher://127.0.0.1:70',
    'tcp://127.0.0.1:5555extra',
    'tcp://*:5000',
    'ipc://',
  ]
  it.each([...invalidEndpoints, 'tcp://127.0.0.1:0', `ipc:///${'long'.repeat(27)}`])(
    'closes a connection to %s',
    async (endpoint) => {
      const connection = new TestConnection(transport, endpoint)
      await connection.waitUntil(() => connection.closed > 0)
      expect(connection.reason).toContain(endpoint)
    },
  )

  it('releases the descriptors of 200 connections', async () => {
    // 200 handshakes at once take over 200 ms on a busy machine.
    const patient = zmqTransport({ handshakeMs: 30_000 })
    const binding = tracked(await bindTo(patient, ANY_PORT))
    const round = async (count: number): Promise<void> => {
      const connections = await Promise.all(
        Array.from({ length: count }, () => dialTo(patient, binding.endpoint)),
      )
      const framesBefore = binding.frames.length
      await Promise.all(connections.map((connection) => sendHello(binding, connection)))
      await binding.waitUntil(() => binding.frames.length === framesBefore + count)
      await Promise.all(connections.map((connection) => connection.close()))
    }
    await round(1)
    const before = descriptorCount()
    for (let n = 0; n < 3; n++) await round(200)
    await waitForDescriptorCount(before)
    expect(new Set(binding.frames.map(({ from }) => from)).size).toBe(601)
  })

  it('lets timers run while it receives many frames', async () => {
    const binding = tracked(await bindTo(transport, ANY_PORT))
    const connection = tracked(await dialTo(transport, binding.endpoint))
    let timerCalls = 0
    const timer = setInterval(() => timerCalls++, 1)
    for (let n = 0; n < 50_000; n++) connection.send(numberedBytes(n, 60))
    let timerCallsBefore = 0
    await binding.waitUntil(() => binding.frames.length > 1000)
    timerCallsBefore = timerCalls
    await binding.waitUntil(() => binding.frames.length === 50_000)
    clearInterval(timer)
    expect(timerCalls).toBeGreaterThan(timerCallsBefore)
  })

  it('lets timers run between frames that are slow to read', async () => {
    const binding = tracked(await bindTo(transport, ANY_PORT))
    const connection = tracked(await dialTo(transport, binding.endpoint))
    await connection.waitUntil(() => connection.opened > 0)
    let iteration = 0
    const count = (): void => {
      iteration++
      if (binding.frames.length < 20) setImmediate(count)
    }
    const iterations = new Set<number>()
    binding.onFrame = () => {
      iterations.add(iteration)
      // During the first frame all others arrive.
      const endMs = performance.now() + (iterations.size === 1 ? 50 : 11)
      while (performance.now() < endMs);
    }
    setImmediate(count)
    for (let n = 0; n < 20; n++) connection.send(numberedBytes(n, 60))
    await binding.waitUntil(() => binding.frames.length === 20)
    // Each of them took longer than one iteration may.
    expect(iterations.size).toBeGreaterThan(15)
  })

  it('continues after a handler has thrown', async () => {
    const thrown: unknown[] = []
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', (error) => thrown.push(error.message))
    const binding = tracked(await bindTo(transport, ANY_PORT))
    const connection = tracked(await dialTo(transport, binding.endpoint))
    binding.onFrame = ({ parts }) => {
      throw new Error(String(parts[0]))
    }
    await connection.waitUntil(() => connection.opened > 0)
    connection.send(Buffer.from('one'))
    connection.send(Buffer.from('two'))
    while (thrown.length < 2) await new Promise((resolve) => setImmediate(resolve))
    process.removeAllListeners('uncaughtException')
    for (const listener of others) process.on('uncaughtException', listener)
    expect(thrown).toEqual(['one', 'two'])
  })
})

/** The first 64 bytes of ZMTP 3.0 with the NULL mechanism, followed by `more`. */
function headerWith(more: readonly number[]): Buffer {
  const header = Buffer.alloc(64)
  header.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0])
  header.write('NULL', 12)
  return Buffer.concat([header, Buffer.from(more)])
}
