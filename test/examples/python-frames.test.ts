/** Checks the Python example against docs/wire.md, with bare sockets. */
import {
  FEATURES,
  RawCaller,
  INCARNATION,
  RawListener,
  ack,
  data,
  frame,
  hello,
  hexBytes,
  join,
} from './raw-peer.ts'
import { leave, ping, pong, refused, batch, u16, u32, u64, u8, welcome } from './raw-peer.ts'
import { type OutputLine, SKIP_NOTE, PYTHON, PythonNode, stopAll } from './python-node.ts'
import { TcpProxy } from './tcp-proxy.ts'
import { afterEach, describe, expect, it } from 'vitest'

const openSockets: (RawCaller | RawListener | TcpProxy)[] = []

afterEach(async () => {
  await stopAll()
  await Promise.all(openSockets.splice(0).map((one) => one.close()))
})

/** Returns the reports up to the first one with this `settled`. */
async function reportsUntilSettled(one: RawCaller, settled: number) {
  const reports = []
  do reports.push(...((await one.receive()).reports ?? []))
  while (reports.at(-1)?.settled !== settled)
  return reports
}

const messages = (lines: readonly OutputLine[]): unknown[] => lines.map(({ msg }) => msg)
const [WELCOME, REFUSED, ACK, PONG] = [4, 5, 7, 9]

describe.skipIf(PYTHON === undefined)(`the listener in Python${SKIP_NOTE}`, () => {
  let two: PythonNode

  async function newCaller(): Promise<RawCaller> {
    const created = new RawCaller(await two.endpoint())
    openSockets.push(created)
    return created
  }

  /** Returns a caller that node 2 accepted as node 1, and the toEpoch of its session. */
  async function acceptedCaller(): Promise<{ one: RawCaller; toEpoch: number }> {
    two = new PythonNode('--pid', '2', '--peer', '1=tcp://127.0.0.1:1')
    const one = await newCaller()
    const { reports: [report] = [] } = await one.exchange(hello())
    return { one, toEpoch: report?.toEpoch ?? 0 }
  }

  it('accepts a member, and refuses other callers with a reason', async () => {
    const { one } = await acceptedCaller()
    const all = { type: REFUSED, pids: [], hasFinalState: 0 }
    const unknownCaller = await newCaller()
    expect(await unknownCaller.exchange(join())).toMatchObject({ ...all, nonce: 0, reason: 5 })
    expect(await unknownCaller.exchange(hello({ version: 1 }))).toMatchObject({
      ...all,
      nonce: 0,
      reason: 1,
    })
    expect(await unknownCaller.exchange(hello({ cluster: 'x' }))).toMatchObject({
      ...all,
      nonce: 7,
      reason: 0,
    })
    expect(await unknownCaller.exchange(hello({ to: 3 }))).toMatchObject({
      ...all,
      nonce: 7,
      reason: 3,
      truePid: 2,
    })
    const withKeys = await unknownCaller.exchange(hello({ flags: 1 }))
    expect(withKeys).toMatchObject({ ...all, nonce: 7, reason: 7 })
    const noSessions = await unknownCaller.exchange(hello({ pids: [] }))
    expect(noSessions).toMatchObject({ type: WELCOME, nonce: 7, pid: 2, reports: [] })
    expect(noSessions).toMatchObject({ incarnation: '0000000000000000' })
    const nonMembers = await one.exchange(join({ pids: [5, 6, 5] }))
    expect(nonMembers).toMatchObject({ nonce: 8, pids: [5, 6], reason: 2 })
  })

  it('delivers repeated entries once, in order, and reports a gap', async () => {
    const { one, toEpoch } = await acceptedCaller()
    await one.send(data(toEpoch, 1, [1, 2, 3]), data(toEpoch, 2, [2, 3, 4]), data(toEpoch, 1, [1]))
    expect((await reportsUntilSettled(one, 4)).map(({ gap }) => gap)).not.toContain(1)
    await one.send(data(toEpoch + 1, 5, [99]), data(toEpoch, 6, [6]))
    expect((await reportsUntilSettled(one, 4)).at(-1)).toMatchObject({ received: 4, gap: 1 })
    await one.send(data(toEpoch, 5, [5, 6]))
    expect((await reportsUntilSettled(one, 6)).at(-1)).toMatchObject({
      received: 6,
      gap: 0,
      rejections: [],
    })
    expect(messages(await two.linesOf('received', 6))).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('rejects entries that it cannot decode, until the sender has processed the rejections', async () => {
    const { one, toEpoch } = await acceptedCaller()
    // In one frame: an unknown type, an unknown extension, no UTF-8, a key of 2, two values.
    await one.send(data(toEpoch, 1, [1, 'c1', 'd40500', 'a1ff', '810203', 'c0c0', 2]))
    const invalid = [2, 3, 4, 5, 6].map((sequence) => ({ sequence, reason: 0 }))
    expect((await reportsUntilSettled(one, 7)).at(-1)).toMatchObject({ rejections: invalid })
    await one.send(data(toEpoch, 8, [3], 4))
    expect((await reportsUntilSettled(one, 8)).at(-1)).toMatchObject({
      rejections: invalid.slice(-2),
    })
    const complete = frame(u32(1), u8(0), u64(10), u8(4))
    const withoutBody = batch(toEpoch, 9, 8, frame(u32(1), u8(2), u64(9), complete), 2)
    const last = batch(toEpoch, 11, 8, complete)
    await one.send(frame(u8(6), withoutBody, last))
    const malformed = [9, 10].map((sequence) => ({ sequence, reason: 2 }))
    expect((await reportsUntilSettled(one, 11)).at(-1)).toMatchObject({ rejections: malformed })
    // Headers and `re` exceed the entry, an error has no `re`; a frame without its part is dropped.
    const headers = frame(u32(1), u8(4), u64(12), u16(9), u8(0), u8(4))
    const error = frame(u32(1), u8(8), u64(13), u8(4))
    const dropped = frame(u8(6), batch(toEpoch, 12, 11, frame(u32(1), u8(2), u64(12)), 1, 1))
    await one.send(dropped, frame(u8(6), batch(toEpoch, 12, 11, headers)))
    await one.send(frame(u8(6), batch(toEpoch, 13, 11, error)))
    const both = [12, 13].map((sequence) => ({ sequence, reason: 2 }))
    expect((await reportsUntilSettled(one, 13)).at(-1)).toMatchObject({ rejections: both })
    expect(messages(await two.linesOf('received', 4))).toEqual([1, 2, 3, 4])
  })

  it('rejects a message of too many values, and a reserved key', async () => {
    const { one, toEpoch } = await acceptedCaller()
    // 65,536 items and their array; a map of the key `__proto__`.
    const tooComplex = `dd00010000${'00'.repeat(2 ** 16)}`
    const reserved = `81a9${Buffer.from('__proto__').toString('hex')}00`
    await one.send(data(toEpoch, 1, [tooComplex, reserved, 1]))
    const rejections = [
      { sequence: 1, reason: 3 },
      { sequence: 2, reason: 0 },
    ]
    expect((await reportsUntilSettled(one, 3)).at(-1)).toMatchObject({ rejections })
  })

  it('ignores what a later version of HELLO adds, and drops a longer frame of another type', async () => {
    const { one } = await acceptedCaller()
    const longer = await one.exchange(frame(hello({ nonce: 9 }), u32(1)))
    expect(longer).toMatchObject({ type: WELCOME, nonce: 9, features: FEATURES })
    await one.send(frame(join(), u8(0)), hello({ pids: Array.from({ length: 1_025 }, () => 1) }))
    await one.send(hello({ pids: [2 ** 31] }))
    expect(await one.exchange(join({ nonce: 11 }))).toMatchObject({ type: WELCOME, nonce: 11 })
  })

  it('answers a PING with ACK and PONG, also after malformed frames', async () => {
    const { one } = await acceptedCaller()
    await one.send(...['', 'ff', '01', '0600', '08', '0b00', '07ffff'].map(hexBytes), ping(5))
    expect(await one.receive()).toMatchObject({ type: ACK, reports: [{ pid: 1, settled: 0 }] })
    expect(await one.receive()).toEqual({ type: PONG, token: 5 })
    expect(await one.exchange(ping(6, 0))).toEqual({ type: PONG, token: 6 })
  })

  it('has a session on the connection of the last handshake, until LEAVE', async () => {
    const { one, toEpoch } = await acceptedCaller()
    const again = await newCaller()
    const helloRequired = { type: REFUSED, nonce: 0, pids: [], reason: 5 }
    expect(await again.exchange(data(toEpoch, 1, [9]))).toMatchObject(helloRequired)
    const known = await again.exchange(hello({ nonce: 3 }))
    expect(known).toMatchObject({ nonce: 3, reports: [{ toEpoch, settled: 0 }] })
    expect(await one.exchange(data(toEpoch, 1, [9]))).toMatchObject(helloRequired)
    await again.send(leave(1, 1))
    expect(await again.exchange(data(toEpoch, 1, [9]))).toMatchObject(helloRequired)
    const fresh = await again.exchange(join({ epoch: 2 }))
    expect(fresh).toMatchObject({ nonce: 8, reports: [{ epoch: 2, settled: 0, received: 0 }] })
    expect(fresh.reports?.[0]?.toEpoch).toBeGreaterThan(toEpoch)
    expect(await again.exchange(join({ epoch: 1 }))).toMatchObject({
      nonce: 8,
      pids: [1],
      reason: 4,
    })
    const newest = await one.exchange(hello({ incarnation: 'bbbbbbbbbbbbbbbb' }))
    expect(newest).toMatchObject({ type: WELCOME, reports: [{ epoch: 1, received: 0 }] })
    expect(await again.receive()).toMatchObject({ nonce: 0, pids: [1], reason: 4 })
    await two.stop()
    expect(await one.receive()).toMatchObject({ type: 10, reports: [{ epoch: 1, received: 0 }] })
    expect(two.lines.filter(({ event }) => event === 'received')).toEqual([])
  })
})

describe.skipIf(PYTHON === undefined)(`the caller in Python${SKIP_NOTE}`, () => {
  let two: PythonNode
  let one: RawListener

  async function newListener(): Promise<string> {
    one = new RawListener()
    openSockets.push(one)
    return one.bind()
  }

  /** Starts node 2, which sends `count` envelopes, and returns its HELLO. */
  async function receiveHello(count: number) {
    const endpoint = await newListener()
    two = new PythonNode('--pid', '2', '--peer', `1=${endpoint}`, '--send', `${count}`)
    return { first: await one.receive() }
  }

  const dead = (outcome: string) => ({ event: 'dead', pid: 1, outcome })

  it('sends its identity, and does not exceed the credit', async () => {
    const { first } = await receiveHello(4)
    const node = { pid: 2, incarnation: expect.stringMatching(/^[0-9a-f]{16}$/), settled: 0 }
    const fields = { type: 1, version: 2, cluster: 'default', to: 1, features: FEATURES, count: 1 }
    expect(first).toMatchObject({ ...fields, ...node })
    const { nonce = 0, epoch = 0 } = first
    // An entry has 17 bytes: one is sent with any credit, two with 34 bytes.
    await one.send(welcome(nonce + 1, { epoch, toEpoch: 3 }), welcome(nonce, { epoch, credit: 0 }))
    await one.send(ack({ epoch, credit: 5 }))
    expect(await one.receive()).toMatchObject({ type: 6, toEpoch: 4, first: 1, count: 1 })
    await one.send(ack({ epoch, received: 1, settled: 1, credit: 34 }))
    expect(await one.receive()).toMatchObject({ type: 6, settled: 1, first: 2, count: 2 })
    await one.send(ack({ epoch, settled: 2, received: 3, rejected: 2 }))
    expect(await one.receive()).toMatchObject({ type: 6, settled: 2, first: 4, count: 1 })
    await one.send(ack({ epoch, settled: 4, rejected: 2 }))
    const delivered = await two.linesOf('delivered', 3)
    expect(delivered.map(({ msgId }) => msgId)).toEqual([1000, 1002, 1003])
    const lost = { ...dead('not-delivered'), msgId: 1001, reason: 'undecodable: no idea' }
    expect(await two.line('dead')).toEqual(lost)
  })

  it('sends a reply in front of what waits for credit', async () => {
    const endpoint = await newListener()
    two = new PythonNode('--pid', '2', '--peer', `1=${endpoint}`, '--send', '1', '--echo')
    const { nonce = 0, epoch = 0 } = await one.receiveType(1)
    const requester = new RawCaller(await two.endpoint())
    openSockets.push(requester)
    const { reports: [theirs] = [] } = await requester.exchange(hello())
    await one.send(welcome(nonce, { epoch, credit: 0, replyCredit: 1_000 }))
    await requester.send(data(theirs?.toEpoch ?? 0, 1, [7]))
    expect(await one.receiveType(6)).toMatchObject({ first: 1, count: 1 })
    await one.send(ack({ epoch, settled: 1 }))
    expect(await one.receiveType(6)).toMatchObject({ first: 2, count: 1 })
    await one.send(ack({ epoch, settled: 2 }))
    const delivered = await two.linesOf('delivered', 2)
    expect(delivered.map(({ msgId }) => msgId)).toEqual([1001, 1000])
  })

  it('sends again after a gap, and after a PONG that shows a loss', async () => {
    const { first } = await receiveHello(3)
    const { nonce = 0, epoch = 0 } = first
    await one.send(welcome(nonce, { epoch }))
    expect(await one.receive()).toMatchObject({ type: 6, first: 1, count: 3 })
    // Two gaps in one round trip, which a PING measures, cause one rewind.
    await one.send(ack({ epoch, received: 1, gap: 1 }), ack({ epoch, received: 1, gap: 1 }))
    expect(await one.receive()).toMatchObject({ type: 6, first: 2, count: 2 })
    const { token = 0, reports } = await one.receive()
    expect(reports).toBe(1)
    await one.send(ack({ epoch, received: 2 }), pong(token))
    expect(await one.receive()).toMatchObject({ type: 6, first: 3, count: 1 })
    await one.send(ack({ epoch, received: 2, gap: 1 }))
    expect(await one.receive()).toMatchObject({ type: 6, first: 3, count: 1 })
  })

  it('resumes at the report of the listener, and is in doubt about entries to a former process', async () => {
    const endpoint = await newListener()
    const proxy = await TcpProxy.create(endpoint)
    openSockets.push(proxy)
    two = new PythonNode('--pid', '2', '--peer', `1=${proxy.endpoint}`, '--send', '4')
    const { nonce, epoch = 0 } = await one.receiveType(1)
    await one.send(welcome(nonce ?? 0, { epoch }))
    await one.receiveType(6)
    await one.send(ack({ epoch, settled: 1 }))
    await two.line('delivered')
    proxy.reset()
    const again = await one.receiveType(1)
    expect(again).toMatchObject({ epoch, settled: 1 })
    await one.send(welcome(again.nonce ?? 0, { epoch, settled: 1, received: 2 }))
    expect(await one.receive()).toMatchObject({ type: 6, settled: 1, first: 3, count: 2 })
    proxy.reset()
    const { nonce: last = 0 } = await one.receiveType(1)
    await one.send(welcome(last, { epoch }, 'bbbbbbbbbbbbbbbb'))
    const unknown = await two.linesOf('dead', 3)
    expect(unknown.map(({ outcome }) => outcome)).toEqual(['unknown', 'unknown', 'unknown'])
    expect(await two.linesOf('delivered', 1)).toMatchObject([{ msgId: 1000 }])
  })

  it('ignores what a later version of WELCOME adds', async () => {
    const { first } = await receiveHello(1)
    const { nonce = 0, epoch = 0 } = first
    await one.send(frame(welcome(nonce, { epoch }), u32(1)))
    expect(await one.receive()).toMatchObject({ type: 6, first: 1 })
  })

  it('does not send headers to a node without that feature', async () => {
    const endpoint = await newListener()
    const headers = ['--header', 'topic=news', '--send', '1']
    two = new PythonNode('--pid', '2', '--peer', `1=${endpoint}`, ...headers)
    const { nonce = 0, epoch = 0 } = await one.receive()
    await one.send(welcome(nonce, { epoch }, INCARNATION, 2))
    expect(await two.line('dead')).toMatchObject({
      ...dead('not-delivered'),
      reason: expect.stringContaining('unsupported'),
    })
  })

  it('requests again after a refusal, in a new epoch if the session has ended', async () => {
    const { first } = await receiveHello(2)
    const { nonce = 0, epoch = 0 } = first
    await one.send(refused(nonce, [2], 2))
    const again = await one.receive()
    expect(again).toMatchObject({ type: 2, epoch, count: 1, pid: 2 })
    await one.send(refused(nonce, [2], 4), refused(again.nonce ?? 0, [], 5))
    const handshake = await one.receive()
    expect(handshake).toMatchObject({ type: 1, epoch, to: 1 })
    await one.send(welcome(handshake.nonce ?? 0, { epoch }))
    await one.receiveType(6)
    const end = frame(hexBytes(INCARNATION), u32(epoch), u32(4), u64(1))
    await one.send(refused(0, [1, 2], 2, end))
    expect(await one.receiveType(2)).toMatchObject({ epoch: epoch + 1 })
    expect(await two.line('dead')).toMatchObject({ ...dead('not-delivered'), msgId: 1001 })
    expect(await two.line('delivered')).toMatchObject({ msgId: 1000 })
    const refusals = two.lines.filter(({ event }) => event === 'refused-by-peer')
    expect(refusals.map(({ reason }) => reason)).toEqual(['not-a-member', 'not-a-member'])
  })

  it('waits for acknowledgements when it closes, with PINGs, and sends LEAVE', async () => {
    const { first } = await receiveHello(2)
    const { nonce = 0, epoch = 0 } = first
    await one.send(welcome(nonce, { epoch }))
    await one.receiveType(6)
    const ended = two.stop()
    expect(await one.receive()).toMatchObject({ type: 8 })
    await one.send(ack({ epoch, settled: 2 }))
    expect(await one.receive()).toMatchObject({ type: 3 })
    expect(await ended).toBe(0)
    expect(two.lines.map(({ event }) => event).slice(-3)).toEqual([
      'delivered',
      'delivered',
      'closed',
    ])
  })
})
