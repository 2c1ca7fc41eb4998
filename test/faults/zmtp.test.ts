/** ZMTP and CURVE by hand against a binding: what an outsider reaches, and a member. */
import { afterEach, describe, expect, it } from 'vitest'
import { AllowList, keyPairOf } from '../transports/keyed-transport.ts'
import { LIMITS, type TestBinding, bindTo } from '../transports/recorded-ends.ts'
import { type Mechanism, ZmtpClient, curveMechanism, nullMechanism } from './zmtp-client.ts'
import { zmqTransport } from '../../src/transports/zmq/zmq-transport.ts'

const MEMBER = keyPairOf('member')
const UNKNOWN = keyPairOf('unknown')
const PARTS = [Buffer.from('one'), Buffer.alloc(0), Buffer.alloc(1000, 7)]

describe('ZMTP by hand', () => {
  const list = new AllowList('one', [MEMBER])
  const { publicKey: serverKey } = list.keys
  const ends: { close(): unknown }[] = []
  afterEach(() => Promise.all(ends.splice(0).map((end) => end.close())))

  async function bind(security: AllowList | undefined): Promise<TestBinding> {
    const transport = zmqTransport({ heartbeatMs: 50, heartbeatTimeoutMs: 100 })
    const binding = await bindTo(transport, 'tcp://127.0.0.1:0', { ...LIMITS, security })
    binding.onFrame = ({ from, parts }) => binding.send(from, ...parts)
    ends.push(binding)
    return binding
  }

  function client({ endpoint }: TestBinding, mechanism: Mechanism, pong = true): ZmtpClient {
    const port = Number(endpoint.split(':')[2])
    const opened = new ZmtpClient(port, { mechanism, pong })
    ends.push(opened)
    return opened
  }

  it.each([
    ['NULL', undefined, () => nullMechanism()],
    ['CURVE', list, () => curveMechanism({ ...MEMBER, serverKey })],
  ])('exchanges frames with %s, and answers heartbeats', async (_, security, mechanism) => {
    const binding = await bind(security)
    const one = client(binding, mechanism())
    expect(await one.open()).toBe(true)
    // Without PONG a connection ends before its fifth PING.
    let pings = 0
    await new Promise<void>((resolve) => {
      one.onPing = () => {
        if (++pings === 5) resolve()
      }
    })
    const received: Buffer[] = []
    await new Promise<void>((resolve) => {
      one.onPart = (part) => {
        if (received.push(part) === PARTS.length) resolve()
      }
      one.send(PARTS)
    })
    expect(received).toEqual(PARTS)
    expect(binding.frames.map(({ parts }) => parts)).toEqual([PARTS])
  })

  it.each([
    ['NULL', undefined, () => nullMechanism()],
    ['CURVE', list, () => curveMechanism({ ...MEMBER, serverKey })],
  ])('is ended where it does not answer heartbeats, with %s', async (_, security, mechanism) => {
    const silent = client(await bind(security), mechanism(), false)
    expect(await silent.open()).toBe(true)
    await silent.closed
  })

  it.each([
    ['no keys', () => nullMechanism({ identity: Buffer.from([0, 0x6b, 0x8b, 0x45, 0x67]) })],
    ['an unknown key', () => curveMechanism({ ...UNKNOWN, serverKey })],
    ['another server key', () => curveMechanism({ ...MEMBER, serverKey: UNKNOWN.publicKey })],
  ])('is refused with %s, and none of its frames is read', async (_, mechanism) => {
    const binding = await bind(list)
    const outsider = client(binding, mechanism())
    expect(await outsider.open()).toBe(false)
    await outsider.closed
    const member = client(binding, curveMechanism({ ...MEMBER, serverKey }))
    expect(await member.open()).toBe(true)
    member.send(PARTS)
    await binding.waitUntil(() => binding.frames.length === 1)
    expect(binding.frames[0]?.parts).toEqual(PARTS)
  })
})
