/** The proxy of `faults/`: it forwards all bytes, and injects the requested faults. */
import { type Server, type Socket, connect, createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FaultProxy, openProxy } from './fault-proxy.ts'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

const MIB = 2 ** 20

let server: Server
let proxy: FaultProxy
let sockets: Socket[]

beforeEach(async () => {
  sockets = []
  server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  server.on('connection', (socket) => sockets.push(socket.on('error', () => undefined)))
  await once(server, 'listening')
  proxy = await openProxy((server.address() as { port: number }).port)
})

afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  await proxy.close()
  await new Promise((resolve) => {
    server.close(resolve)
  })
})

/** Opens a connection through the proxy. @returns both ends */
async function pair(): Promise<{ caller: Socket; listener: Socket }> {
  const accepted = once(server, 'connection')
  const caller = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true })
  sockets.push(caller.on('error', () => undefined))
  const [listener] = (await accepted) as [Socket]
  return { caller, listener }
}

/** @returns the hash of all bytes up to the FIN; the other direction stays open */
async function receivedHash(socket: Socket): Promise<string> {
  const hash = createHash('sha256')
  socket.on('data', (chunk: Buffer) => hash.update(chunk))
  await once(socket, 'end')
  return hash.digest('hex')
}

const hashOf = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** @returns the error code of a connection */
async function failure(socket: Socket): Promise<string | undefined> {
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
  return error.code
}

describe('the proxy', () => {
  it('forwards every byte in both directions at once, and then the FIN', async () => {
    const { caller, listener } = await pair()
    const [forward, back] = [randomBytes(20 * MIB), randomBytes(20 * MIB)]
    const received = [receivedHash(listener), receivedHash(caller)]
    caller.end(forward)
    listener.end(back)
    expect(await Promise.all(received)).toEqual([hashOf(forward), hashOf(back)])
    await expect.poll(() => proxy.open).toBe(0)
  })

  it('one direction may end before the other begins', async () => {
    const { caller, listener } = await pair()
    const received = receivedHash(listener)
    caller.end('a question')
    await received
    await sleep(20)
    listener.end('an answer')
    expect(await receivedHash(caller)).toBe(hashOf('an answer'))
  })

  it('applies backpressure to a sender whose receiver does not read', async () => {
    const { caller, listener } = await pair()
    const bytes = randomBytes(40 * MIB)
    caller.end(bytes)
    await sleep(300)
    expect(caller.writableLength).toBeGreaterThan(0)
    let passed = 0
    proxy.tap = (chunk) => (passed += chunk.length)
    await sleep(50)
    expect(passed).toBe(0)
    expect(await receivedHash(listener)).toBe(hashOf(bytes))
  })

  it('reset: both ends of every connection get ECONNRESET', async () => {
    const pairs = [await pair(), await pair()]
    const failures = pairs.flatMap(({ caller, listener }) => [failure(caller), failure(listener)])
    for (const { caller, listener } of pairs) for (const end of [caller, listener]) end.resume()
    expect(proxy.open).toBe(2)
    expect(proxy.reset()).toBe(2)
    expect(await Promise.all(failures)).toEqual(pairs.flatMap(() => ['ECONNRESET', 'ECONNRESET']))
    expect(proxy.open).toBe(0)
    expect(proxy.reset()).toBe(0)
    await pair()
    expect(proxy.accepted).toBe(3)
  })

  it('reset: drops the bytes that it has buffered', async () => {
    const { caller, listener } = await pair()
    caller.write(randomBytes(50 * MIB))
    await sleep(100)
    proxy.reset()
    let received = 0
    listener.on('data', (chunk: Buffer) => (received += chunk.length))
    // Some systems report an RST after unread data as an end.
    await new Promise((resolve) => listener.once('end', resolve).once('error', resolve))
    expect(received).toBeLessThan(50 * MIB)
  })

  it('outage: resets connections, refuses new ones, and later listens at the same port', async () => {
    const { port } = proxy
    const { caller } = await pair()
    const cut = failure(caller.resume())
    const over = proxy.outage(200)
    expect(await cut).toBe('ECONNRESET')
    expect(await failure(connect(port, '127.0.0.1'))).toBe('ECONNREFUSED')
    await over
    expect(proxy.port).toBe(port)
    const { caller: next, listener } = await pair()
    next.end('hello')
    expect(await receivedHash(listener)).toBe(hashOf('hello'))
  })

  it('stall: old and new connections carry no bytes until it is over', async () => {
    const { caller, listener } = await pair()
    const over = proxy.stall(200)
    let received = ''
    listener.on('data', (chunk: Buffer) => (received += chunk.toString()))
    caller.write('late')
    const accepted = once(server, 'connection')
    sockets.push(connect(proxy.port, '127.0.0.1'))
    await sleep(100)
    expect(received).toBe('')
    expect(sockets.length).toBe(3)
    await over
    await accepted
    await expect.poll(() => received).toBe('late')
  })

  it('a caller without a listener is reset', async () => {
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port } = closed.address() as { port: number }
    closed.close()
    await once(closed, 'close')
    const unconnected = await openProxy(port)
    expect(await failure(connect(unconnected.port, '127.0.0.1'))).toBe('ECONNRESET')
    await unconnected.close()
  })

  it('a tap gets a chunk before it is forwarded, and may reset', async () => {
    const { caller, listener } = await pair()
    let received = ''
    listener.on('data', (chunk: Buffer) => (received += chunk.toString()))
    proxy.tap = (chunk, direction) => {
      if (direction === 'forward' && chunk.toString() === 'stop') proxy.reset()
    }
    caller.write('go')
    await expect.poll(() => received).toBe('go')
    caller.write('stop')
    expect(await failure(listener)).toBe('ECONNRESET')
    expect(received).toBe('go')
  })

  it('an intercepted connection is not forwarded', async () => {
    proxy.intercept = (caller) => {
      caller.end('intercepted')
      return true
    }
    const caller = connect(proxy.port, '127.0.0.1')
    expect(await receivedHash(caller)).toBe(hashOf('intercepted'))
    expect(sockets.length).toBe(0)
  })
})
