/** The memory transport: the contract, and the faults of its network. */
import { afterEach, describe, expect, it } from 'vitest'
import { TestConnection, dialTo, sendHello, bindTo, textBytes } from './recorded-ends.ts'
import { MemoryNetwork } from '../../src/transports/memory/memory-network.ts'
import { TaskQueue } from '../../src/transports/memory/task-queue.ts'
import { memoryTransport } from '../../src/transports/memory/memory-transport.ts'
import { keyedTransport } from './keyed-transport.ts'
import { keysContract } from './keys-contract.ts'
import { transportContract } from './contract.ts'

const microtask = (work: () => void): void => queueMicrotask(work)
let names = 0

transportContract(
  'memory',
  () => memoryTransport({ microtask }),
  () => 'tcp://127.0.0.1:0',
)
transportContract(
  'memory, with keys',
  () => keyedTransport(memoryTransport({ microtask })),
  () => 'tcp://127.0.0.1:0',
)
keysContract(
  'memory',
  () => memoryTransport({ microtask }),
  () => 'tcp://127.0.0.1:0',
)
transportContract(
  'memory by name',
  () => memoryTransport({ microtask: (work) => void setImmediate(work) }),
  () => `inproc://node-${names++}`,
)

describe('a network in memory', () => {
  const network = new MemoryNetwork()
  const one = memoryTransport({ microtask, network })
  const two = memoryTransport({ microtask, network })

  afterEach(() => expect(network.open).toBe(0))

  it('connects only the transports that share it', async () => {
    const binding = await bindTo(one, 'tcp://a:1')
    const connection = await dialTo(two, 'tcp://a:1')
    await sendHello(binding, connection)
    await expect(dialTo(memoryTransport({ microtask }), 'tcp://a:1')).rejects.toThrow('no listener')
    await Promise.all([binding.close(), connection.close()])
  })

  it('cuts every connection to an endpoint, and drops the frames in flight', async () => {
    const binding = await bindTo(one, 'tcp://*:7')
    const connections = [await dialTo(two, 'tcp://b:7'), await dialTo(two, 'tcp://c:7')] as const
    const from = await sendHello(binding, connections[0])
    await sendHello(binding, connections[1])
    connections[0].send(textBytes('lost'))
    binding.send(from, textBytes('lost'))
    network.cut('tcp://b:7')
    await connections[0].waitUntil(() => connections[0].closed > 0)
    await binding.waitUntil(() => binding.disconnected.length > 0)
    expect(connections[0].callbacks).toEqual(['opened', 'closed'])
    expect(binding.disconnected).toEqual([from])
    expect(connections[1].closed).toBe(0)
    network.cut(binding.endpoint)
    await connections[1].waitUntil(() => connections[1].closed > 0)
    expect(binding.frames).toHaveLength(2)
    await binding.close()
  })

  it('refuses connections until refuse(…, false)', async () => {
    const binding = await bindTo(one, 'tcp://a:1')
    network.refuse('tcp://a:1', true)
    await expect(dialTo(two, 'tcp://a:1')).rejects.toThrow('no listener at tcp://a:1')
    network.refuse('tcp://a:1', false)
    const connection = await dialTo(two, 'tcp://a:1')
    await Promise.all([binding.close(), connection.close()])
  })

  it('copies every frame: a receiver that changes it affects no other', async () => {
    const binding = await bindTo(one, 'tcp://a:1')
    const bytes = textBytes('hello')
    const connection = new TestConnection(two, 'tcp://a:1')
    await connection.waitUntil(() => connection.opened > 0)
    const seen: string[] = []
    const mutator = two.connect(
      'tcp://a:1',
      { maxPartBytes: 10 },
      {
        opened: () => undefined,
        frame: ([part]) => void part!.fill(0),
        closed: () => seen.push('closed'),
      },
    )
    await sendHello(binding, connection)
    mutator.send([bytes])
    await binding.waitUntil(() => binding.frames.length === 2)
    for (const { from } of binding.frames.toReversed()) binding.send(from, bytes)
    await connection.waitUntil(() => connection.frames.length === 1)
    expect(String(connection.frames[0]![0])).toBe('hello')
    expect(String(bytes)).toBe('hello')
    mutator.close(0)
    await Promise.all([binding.close(), connection.close()])
    expect(seen).toEqual(['closed'])
  })

  it('treats a wildcard and a host with the same port as one address', async () => {
    const binding = await bindTo(one, 'tcp://0.0.0.0:9')
    await expect(bindTo(two, 'tcp://a:9')).rejects.toMatchObject({ code: 'EADDRINUSE' })
    const free = await bindTo(two, 'tcp://a:*')
    expect(free.endpoint).toMatch(/^tcp:\/\/a:\d{5}$/)
    await Promise.all([binding.close(), free.close()])
  })
})

describe('TaskQueue', () => {
  it('runs tasks in order; one that throws does not stop the others', () => {
    const scheduled: (() => void)[] = []
    const queue = new TaskQueue((work) => scheduled.push(work))
    const done: number[] = []
    queue.enqueue(() => {
      done.push(1)
      queue.enqueue(() => done.push(3))
      throw new Error('mine')
    })
    queue.enqueue(() => done.push(2))
    expect(done).toEqual([])
    const [first, ...others] = scheduled.splice(0)
    expect(others).toEqual([])
    first!()
    expect(done).toEqual([1, 2])
    expect(() => scheduled.splice(0).forEach((work) => work())).toThrow('mine')
    expect(done).toEqual([1, 2, 3])
  })
})
