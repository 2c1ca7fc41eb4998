/** The memory transport: the contract, and the ways to break its network. */
import { afterEach, describe, expect, it } from 'vitest'
import { Call, dial, hello, open, text } from './ends.ts'
import { MemoryNetwork } from '../../src/transports/memory/memory-network.ts'
import { Turns } from '../../src/transports/memory/turns.ts'
import { memoryTransport } from '../../src/transports/memory/memory-transport.ts'
import { transportContract } from './contract.ts'

const soon = (work: () => void): void => queueMicrotask(work)
let names = 0

transportContract(
  'memory',
  () => memoryTransport({ soon }),
  () => 'tcp://127.0.0.1:0',
)
transportContract(
  'memory by name',
  () => memoryTransport({ soon: (work) => void setImmediate(work) }),
  () => `inproc://office-${names++}`,
)

describe('a network in memory', () => {
  const network = new MemoryNetwork()
  const one = memoryTransport({ soon, network })
  const two = memoryTransport({ soon, network })

  afterEach(() => expect(network.open).toBe(0))

  it('joins the transports over it, and no others', async () => {
    const office = await open(one, 'tcp://a:1')
    const call = await dial(two, 'tcp://a:1')
    await hello(office, call)
    await expect(dial(memoryTransport({ soon }), 'tcp://a:1')).rejects.toThrow('nobody listens')
    await Promise.all([office.close(), call.close()])
  })

  it('cuts every connection to an endpoint, with the frames in flight', async () => {
    const office = await open(one, 'tcp://*:7')
    const calls = [await dial(two, 'tcp://b:7'), await dial(two, 'tcp://c:7')] as const
    const from = await hello(office, calls[0])
    await hello(office, calls[1])
    calls[0].send(text('lost'))
    office.send(from, text('lost'))
    network.cut('tcp://b:7')
    await calls[0].until(() => calls[0].closed > 0)
    await office.until(() => office.gone.length > 0)
    expect(calls[0].told).toEqual(['opened', 'closed'])
    expect(office.gone).toEqual([from])
    expect(calls[1].closed).toBe(0)
    network.cut(office.endpoint)
    await calls[1].until(() => calls[1].closed > 0)
    expect(office.letters).toHaveLength(2)
    await office.close()
  })

  it('refuses until it is told otherwise', async () => {
    const office = await open(one, 'tcp://a:1')
    network.refuse('tcp://a:1', true)
    await expect(dial(two, 'tcp://a:1')).rejects.toThrow('nobody listens at tcp://a:1')
    network.refuse('tcp://a:1', false)
    const call = await dial(two, 'tcp://a:1')
    await Promise.all([office.close(), call.close()])
  })

  it('gives every receiver a copy: what one does to it reaches nobody else', async () => {
    const office = await open(one, 'tcp://a:1')
    const bytes = text('hello')
    const call = new Call(two, 'tcp://a:1')
    await call.until(() => call.opened > 0)
    const seen: string[] = []
    const spoiler = two.connect(
      'tcp://a:1',
      { maxPartBytes: 10 },
      {
        opened: () => undefined,
        frame: ([part]) => void part!.fill(0),
        closed: () => seen.push('closed'),
      },
    )
    await hello(office, call)
    spoiler.send([bytes])
    await office.until(() => office.letters.length === 2)
    for (const { from } of office.letters.toReversed()) office.send(from, bytes)
    await call.until(() => call.frames.length === 1)
    expect(String(call.frames[0]![0])).toBe('hello')
    expect(String(bytes)).toBe('hello')
    spoiler.close(0)
    await Promise.all([office.close(), call.close()])
    expect(seen).toEqual(['closed'])
  })

  it('takes a wildcard and a single host at one port for the same address', async () => {
    const office = await open(one, 'tcp://0.0.0.0:9')
    await expect(open(two, 'tcp://a:9')).rejects.toMatchObject({ code: 'EADDRINUSE' })
    const free = await open(two, 'tcp://a:*')
    expect(free.endpoint).toMatch(/^tcp:\/\/a:\d{5}$/)
    await Promise.all([office.close(), free.close()])
  })
})

describe('turns', () => {
  it('run in order, and what throws does so alone', () => {
    const waiting: (() => void)[] = []
    const turns = new Turns((work) => waiting.push(work))
    const done: number[] = []
    turns.take(() => {
      done.push(1)
      turns.take(() => done.push(3))
      throw new Error('mine')
    })
    turns.take(() => done.push(2))
    expect(done).toEqual([])
    const [first, ...others] = waiting.splice(0)
    expect(others).toEqual([])
    first!()
    expect(done).toEqual([1, 2])
    expect(() => waiting.splice(0).forEach((work) => work())).toThrow('mine')
    expect(done).toEqual([1, 2, 3])
  })
})
