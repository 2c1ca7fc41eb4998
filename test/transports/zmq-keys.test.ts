/** Keys over ZeroMQ: foreign mechanisms, and a ZAP handler that fails. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Dealer, type Router } from 'zeromq'
import type { Transport } from '../../src/ports/transport.ts'
import type { ConnectionSecurity } from '../../src/ports/connection-security.ts'
import { DEFAULT_TUNING, Sockets } from '../../src/transports/zmq/sockets.ts'
import { ZAP_ENDPOINT } from '../../src/transports/zmq/zap-handler.ts'
import { ZmqBinding } from '../../src/transports/zmq/zmq-binding.ts'
import { ZmqConnection } from '../../src/transports/zmq/zmq-connection.ts'
import { zmqTransport } from '../../src/transports/zmq/zmq-transport.ts'
import { encodeZ85 } from '../../src/base/z85.ts'
import { AllowList, keyPairOf } from './keyed-transport.ts'
import { LIMITS, TestBinding, TestConnection, bindTo, dialTo, sendHello } from './recorded-ends.ts'

const MEMBER = keyPairOf('member')
const ANY_PORT = 'tcp://127.0.0.1:0'

describe('keys over ZeroMQ', () => {
  let sockets: Sockets
  let transport: Transport
  /** The socket of the ZAP handler that was opened last. */
  let zapRouter: Router | undefined
  const list = new AllowList('one', [MEMBER])
  const security: ConnectionSecurity = { keys: MEMBER, serverKey: list.keys.publicKey }
  const released: (() => unknown)[] = []

  beforeEach(() => {
    sockets = new Sockets({ ...DEFAULT_TUNING, handshakeMs: 300 })
    const createZapRouter = sockets.createZapRouter.bind(sockets)
    vi.spyOn(sockets, 'createZapRouter').mockImplementation(() => (zapRouter = createZapRouter()))
    transport = {
      name: 'zmq',
      bind: (endpoint, options, handler) => new ZmqBinding(sockets, endpoint, options, handler),
      connect: (endpoint, options, handler) =>
        new ZmqConnection(sockets, endpoint, options, handler),
    }
  })

  afterEach(async () => {
    await Promise.all(released.splice(0).map((release) => release()))
  })

  function tracked<T extends { close(): unknown }>(end: T): T {
    released.push(() => end.close())
    return end
  }

  const bindKeyed = async (): Promise<TestBinding> =>
    tracked(await bindTo(transport, ANY_PORT, { ...LIMITS, security: list }))
  const dialKeyed = async ({ endpoint }: TestBinding): Promise<TestConnection> =>
    tracked(await dialTo(transport, endpoint, { ...LIMITS, security }))

  /** Connects until the attempt fails, and returns why. */
  async function failedDial({ endpoint }: TestBinding): Promise<string> {
    const connection = new TestConnection(transport, endpoint, { ...LIMITS, security })
    await connection.waitUntil(() => connection.closed > 0 || connection.opened > 0)
    expect(connection.opened).toBe(0)
    return connection.reason
  }

  it('does not admit the mechanisms NULL and PLAIN, nor an unknown key', async () => {
    const binding = await bindKeyed()
    const { publicKey, secretKey } = keyPairOf('unknown')
    const curveKeys = {
      curvePublicKey: encodeZ85(publicKey),
      curveSecretKey: encodeZ85(secretKey),
      curveServerKey: encodeZ85(list.keys.publicKey),
    }
    const plain = { plainUsername: 'member', plainPassword: 'secret' }
    for (const mechanism of [{}, plain, curveKeys]) {
      const dealer = tracked(new Dealer({ linger: 0, ...mechanism }))
      const disconnected = new Promise<void>((resolve, reject) => {
        dealer.events.on('disconnect', () => resolve())
        dealer.events.on('handshake', () => reject(new Error('it was admitted')))
      })
      dealer.connect(binding.endpoint)
      await dealer.send('hello')
      await disconnected
    }
    await sendHello(binding, await dialKeyed(binding))
    expect(binding.frames).toHaveLength(1)
  })

  it('admits nothing while the ZAP handler has failed; open connections stay', async () => {
    const binding = await bindKeyed()
    const open = await dialKeyed(binding)
    zapRouter!.close()
    expect(await failedDial(binding)).toContain(binding.endpoint)
    await sendHello(binding, open)
    const other = await bindKeyed()
    await sendHello(other, await dialKeyed(other))
    await sendHello(binding, await dialKeyed(binding))
    expect(open.closed).toBe(0)
  })

  it('admits nothing while the ZAP handler does not answer', async () => {
    const binding = await bindKeyed()
    const open = await dialKeyed(binding)
    await zapRouter!.unbind(ZAP_ENDPOINT)
    const silent = tracked(sockets.createZapRouter())
    await silent.bind(ZAP_ENDPOINT)
    expect(await failedDial(binding)).toContain(binding.endpoint)
    await sendHello(binding, open)
    expect(binding.frames).toHaveLength(1)
  })

  it('answers malformed requests, and others meanwhile', async () => {
    const binding = await bindKeyed()
    const dealer = tracked(sockets.createDealer(LIMITS, false))
    dealer.connect(ZAP_ENDPOINT)
    const key = Buffer.from(MEMBER.publicKey)
    const requests = [
      [''],
      ['', '1.0', '7'],
      ['', '2.0', '7', '1 one', '127.0.0.1', '', 'CURVE', key],
      ['', '1.0', '7', '1 two', '127.0.0.1', '', 'CURVE', key],
      ['', '1.0', '7', '1 one', '127.0.0.1', '', 'NULL'],
      ['', '1.0', '7', '1 one', '127.0.0.1', '', 'PLAIN', 'member', 'secret'],
      ['', '1.0', '7', '1 one', '127.0.0.1', '', 'CURVE', key.subarray(1)],
      Array.from({ length: 1000 }, () => Buffer.alloc(100)),
    ]
    for (const request of requests) await dealer.send(request)
    await sendHello(binding, await dialKeyed(binding))
    for (const request of requests) {
      const [, version, requestId, status] = (await dealer.receive()).map(String)
      expect([version, status]).toEqual(['1.0', '400'])
      expect(requestId).toBe(String(request[2] ?? ''))
    }
    const valid = ['', '1.0', '8', '1 one', '127.0.0.1', '', 'CURVE', key]
    await dealer.send(valid)
    expect((await dealer.receive()).map(String)).toEqual(['', '1.0', '8', '200', 'OK', '', ''])
  })

  it('does not listen without a ZAP handler', async () => {
    const taken = tracked(sockets.createZapRouter())
    await taken.bind(ZAP_ENDPOINT)
    const binding = new TestBinding(transport, ANY_PORT, { ...LIMITS, security: list })
    await binding.waitUntil(() => binding.closed > 0)
    expect(binding.callbacks).toEqual(['failed', 'closed'])
    expect(binding.error?.message).toMatch(/^the ZAP handler, which checks keys, cannot listen: /)
    await taken.unbind(ZAP_ENDPOINT)
    await bindKeyed()
  })

  it('releases a binding that is closed before it listens', async () => {
    const bindings = Array.from({ length: 20 }, () => {
      const binding = new TestBinding(transport, ANY_PORT, { ...LIMITS, security: list })
      return [binding, binding.close()] as const
    })
    await Promise.all(bindings.map(([, closed]) => closed))
    expect(new Set(bindings.map(([{ callbacks }]) => callbacks.at(-1)))).toEqual(
      new Set(['closed']),
    )
    expect(zapRouter!.closed).toBe(true)
  })

  it('opens 60 connections, and closes those that wait at once', async () => {
    const patient = zmqTransport({ handshakeMs: 30_000 })
    const options = { ...LIMITS, security }
    const binding = tracked(await bindTo(patient, ANY_PORT, { ...LIMITS, security: list }))
    const dial = (): TestConnection => new TestConnection(patient, binding.endpoint, options)
    const closed = Array.from({ length: 30 }, dial)
    const opened = Array.from({ length: 60 }, dial).map(tracked)
    await Promise.all(closed.map((one) => one.close()))
    await Promise.all(opened.map((one) => one.waitUntil(() => one.opened > 0)))
    expect(opened.every(({ callbacks }) => callbacks.join() === 'opened')).toBe(true)
  })

  it.each([
    ['publicKey', 31],
    ['secretKey', 0],
    ['secretKey', 40],
    ['serverKey', 33],
  ] as const)('reports a %s of %i bytes, and does not show it', async (name, length) => {
    const key = new Uint8Array(length).fill(65)
    const serverKey = name === 'serverKey' ? key : security.serverKey
    const invalid = { keys: { ...MEMBER, [name]: key }, serverKey }
    const connection = new TestConnection(transport, 'tcp://127.0.0.1:1', {
      ...LIMITS,
      security: invalid,
    })
    await connection.waitUntil(() => connection.closed > 0)
    expect([connection.code, connection.reason]).toEqual([
      'EINVAL',
      `${name}: expected 32 bytes, got ${length}`,
    ])
    if (name !== 'secretKey') return
    const keys = { ...list.keys, secretKey: key }
    const bindSecurity = { keys, domain: '', admits: () => true }
    const binding = new TestBinding(transport, ANY_PORT, { ...LIMITS, security: bindSecurity })
    await binding.waitUntil(() => binding.closed > 0)
    expect(binding.error?.message).toBe(connection.reason)
  })

  it.each([0, 255, 65, 120])('survives keys of 32 bytes %i', async (byte) => {
    const key = new Uint8Array(32).fill(byte)
    const keys = { publicKey: key, secretKey: key }
    const strange = { keys, domain: '', admits: () => true }
    const binding = tracked(await bindTo(transport, ANY_PORT, { ...LIMITS, security: strange }))
    for (const serverKey of [key, list.keys.publicKey]) {
      for (const at of [binding, await bindKeyed()]) {
        const options = { ...LIMITS, security: { keys, serverKey } }
        const connection = new TestConnection(transport, at.endpoint, options)
        await connection.waitUntil(() => connection.closed > 0 || connection.opened > 0)
        expect(connection.opened).toBe(0)
      }
    }
    const binding2 = await bindKeyed()
    await sendHello(binding2, await dialKeyed(binding2))
  })
})
