/** What the ZeroMQ transport does among strangers, with names, and with many connections. */
import { afterEach, describe, expect, it } from 'vitest'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { Call, Office, dial, hello, numbered, open } from './ends.ts'
import { descriptors, descriptorsBackTo } from './descriptors.ts'
import { once } from 'node:events'
import { zmqTransport } from '../../src/transports/zmq/zmq-transport.ts'

const HOME = 'tcp://127.0.0.1:0'

describe('the ZeroMQ transport', () => {
  const transport = zmqTransport({ handshakeMs: 200 })
  const ends: (Office | Call)[] = []
  const servers: Server[] = []
  const kept = <T extends Office | Call>(end: T): T => {
    ends.push(end)
    return end
  }

  afterEach(async () => {
    await Promise.all(ends.splice(0).map((end) => end.close()))
    await Promise.all(servers.splice(0).map((server) => once(server.close(), 'close')))
  })

  /** A server that is no ROUTER. */
  async function stranger(greet: (socket: Socket) => void): Promise<string> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      greet(socket)
    })
    servers.push(server)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  it.each([
    ['a page of HTTP', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['noise', Buffer.from(Array.from({ length: 4096 }, (_, n) => (n * 97) % 256))],
    ['a greeting and then a length of 2⁶²', greetingAnd([0x02, 0x40, 0, 0, 0, 0, 0, 0, 0])],
    ['half a greeting', greetingAnd([]).subarray(0, 20)],
    ['nothing', ''],
  ])('goes on with honest callers while a stranger sends %s', async (_, noise) => {
    const office = kept(await open(transport, HOME))
    office.answer = ({ from, parts }) => office.send(from, ...parts)
    const call = kept(await dial(transport, office.endpoint))
    const strangers = Array.from({ length: 5 }, () => {
      const socket = connect(Number(office.endpoint.split(':')[2]), '127.0.0.1')
      return socket.on('error', () => undefined)
    })
    await Promise.all(strangers.map((socket) => once(socket, 'connect')))
    for (const socket of strangers) socket.write(noise)
    for (let n = 0; n < 1000; n++) call.send(numbered(n, 10))
    await call.until(() => call.frames.length === 1000)
    expect(call.frames.map(([part]) => part!.readUInt32BE())).toEqual([...Array(1000).keys()])
    for (const socket of strangers) socket.destroy()
  })

  it.each([
    ['HTTP', (socket: Socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['ten kilobytes of noise', (socket: Socket) => void socket.write(Buffer.alloc(10_000, 0x99))],
    ['silence', () => undefined],
    ['an end', (socket: Socket) => void socket.end()],
    ['a reset', (socket: Socket) => void socket.resetAndDestroy()],
    ['a greeting and garbage', (socket: Socket) => void socket.write(greetingAnd([9, 9, 9, 9]))],
  ])('closes a call that is answered with %s', async (_, greet) => {
    const sockets: Socket[] = []
    const endpoint = await stranger((socket) => {
      sockets.push(socket)
      greet(socket)
    })
    const call = new Call(transport, endpoint)
    await call.until(() => call.closed > 0)
    expect(call.told).toEqual(['closed'])
    expect(call.reason).toContain(endpoint)
    for (const socket of sockets) socket.destroy()
  })

  it('reports a port that a stranger has taken', async () => {
    const endpoint = await stranger(() => undefined)
    await expect(open(transport, endpoint)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('calls hosts by name, and reports a name that nobody has', async () => {
    const office = kept(await open(transport, 'tcp://*:*'))
    const port = office.endpoint.split(':')[2]
    await hello(office, kept(await dial(transport, `tcp://localhost:${port}`)))
    const call = new Call(transport, 'tcp://nobody.invalid:5000')
    await call.until(() => call.closed > 0)
    expect(call.reason).toContain('nobody.invalid')
  })

  const nowhere = ['gopher://127.0.0.1:70', 'tcp://127.0.0.1:5555extra', 'tcp://*:5000', 'ipc://']
  it.each([...nowhere, 'tcp://127.0.0.1:0', `ipc:///${'long'.repeat(27)}`])(
    'closes a call to %s',
    async (endpoint) => {
      const call = new Call(transport, endpoint)
      await call.until(() => call.closed > 0)
      expect(call.reason).toContain(endpoint)
    },
  )

  it('takes back the descriptors of 200 connections', async () => {
    const office = kept(await open(transport, HOME))
    const round = async (count: number): Promise<void> => {
      const calls = await Promise.all(
        Array.from({ length: count }, () => dial(transport, office.endpoint)),
      )
      const before = office.letters.length
      await Promise.all(calls.map((call) => hello(office, call)))
      await office.until(() => office.letters.length === before + count)
      await Promise.all(calls.map((call) => call.close()))
    }
    await round(1)
    const before = descriptors()
    for (let n = 0; n < 3; n++) await round(200)
    await descriptorsBackTo(before)
    expect(new Set(office.letters.map(({ from }) => from)).size).toBe(601)
  })

  it('gives timers their turn while frames pour in', async () => {
    const office = kept(await open(transport, HOME))
    const call = kept(await dial(transport, office.endpoint))
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    for (let n = 0; n < 50_000; n++) call.send(numbered(n, 60))
    let before = 0
    await office.until(() => office.letters.length > 1000)
    before = turns
    await office.until(() => office.letters.length === 50_000)
    clearInterval(timer)
    expect(turns).toBeGreaterThan(before)
  })

  it('goes on telling after a listener has thrown', async () => {
    const thrown: unknown[] = []
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', (error) => thrown.push(error.message))
    const office = kept(await open(transport, HOME))
    const call = kept(await dial(transport, office.endpoint))
    office.answer = ({ parts }) => {
      throw new Error(String(parts[0]))
    }
    await call.until(() => call.opened > 0)
    call.send(Buffer.from('one'))
    call.send(Buffer.from('two'))
    while (thrown.length < 2) await new Promise((resolve) => setImmediate(resolve))
    process.removeAllListeners('uncaughtException')
    for (const listener of others) process.on('uncaughtException', listener)
    expect(thrown).toEqual(['one', 'two'])
  })
})

/** The greeting of ZMTP 3.0 with the mechanism NULL, and more. */
function greetingAnd(more: readonly number[]): Buffer {
  const greeting = Buffer.alloc(64)
  greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0])
  greeting.write('NULL', 12)
  return Buffer.concat([greeting, Buffer.from(more)])
}
