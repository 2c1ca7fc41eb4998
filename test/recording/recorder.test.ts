/** The recorder: which events it keeps, and its bounds. */
import { describe, expect, it } from 'vitest'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import type { Recording } from '../../src/recording/recording.ts'
import { World, endpointOf } from '../node/world.ts'
import { BROADCAST } from '../../src/model/pid.ts'
import { createNode } from '../../src/node/create-node.ts'

function recordingOf(node: ClusterNode): Recording {
  const recording = node.recording()
  if (recording === undefined) throw new Error('the node has no recording')
  return recording
}

const typesOf = ({ events }: Recording): readonly string[] => events.map(({ type }) => type)

describe('the recorder', () => {
  it('is off by default', async () => {
    const node = await createNode({ peers: [{ pid: 1, endpoint: 'inproc://rec-off' }] }, 1)
    expect(node.recording()).toBeUndefined()
    await node.close()
  })

  it('is enabled by an option or by the config', async () => {
    const config = { recordEvents: 5, peers: [{ pid: 1, endpoint: 'inproc://rec-on' }] }
    const node = await createNode(config, 1, { recordBytes: 100 })
    expect(recordingOf(node)).toMatchObject({
      pid: 1,
      limits: { recordEvents: 5, recordBytes: 100 },
    })
    await node.close()
    expect(typesOf(recordingOf(node))).toEqual(['started', 'closed'])
  })

  it('keeps every event of an incarnation, in order', () => {
    const world = new World()
    const one = world.open(1, [1, 2], { recordEvents: 1_000 })
    const two = world.open(2, [1, 2])
    one.inbox.subscribe()
    world.run(1_000)
    const msg = { bytes: Uint8Array.of(1, 2), at: new Date(5), n: 5n, none: undefined }
    one.outbox.next({ pid: 2, msg, re: 4 })
    two.outbox.next({ pid: 1, msg, msgId: 7 })
    world.run(1_000)
    one.addPeer({ pid: 3, endpoint: endpointOf(3) })
    one.outbox.next({ pid: 9, msg: 1 })
    world.run(1)
    one.removePeer(3)
    world.end()
    const recording = recordingOf(one)
    const { incarnation } = one
    const peer = (pid: number) => ({ pid, endpoint: endpointOf(pid) })
    expect(recording).toMatchObject({ pid: 1, incarnation, cluster: 'test', bind: endpointOf(1) })
    expect(recording.peers).toEqual([{ ...peer(2), link: 'connecting' }])
    expect(recording.dropped).toBe(0)
    const recorded = recording.events.filter(({ atMs }) => atMs >= 1_000)
    expect(recording.events[0]).toEqual({ atMs: 0, pid: 1, type: 'started', incarnation })
    expect(recording.events).toContainEqual(
      expect.objectContaining({ type: 'link', peer: 2, state: 'up' }),
    )
    expect(recorded.map(({ pid: _pid, atMs: _atMs, ...event }) => event)).toEqual([
      { type: 'sent', to: 2, msgId: 1000, re: 4, msg },
      { type: 'received', from: 2, incarnation: two.incarnation, msgId: 7, msg },
      { type: 'peers', peers: [peer(2), peer(3)] },
      { type: 'sent', to: 9, msgId: 1001, msg: 1 },
      { type: 'dead', to: 9, msgId: 1001, reason: 'unknown-pid', outcome: 'not-delivered' },
      { type: 'link', peer: 3, state: 'down', reason: `no listener at ${endpointOf(3)}` },
      { type: 'peers', peers: [peer(2)] },
      { type: 'closed' },
    ])
    expect(recorded.slice(0, 3).map(({ atMs }) => atMs)).toEqual([1_000, 1_000, 2_000])
  })

  it('keeps messages as they were sent or received, whatever is done to them later', () => {
    const world = new World()
    const one = world.open(1, [1, 2], { recordEvents: 1_000 })
    const two = world.open(2, [1, 2])
    const overwrite = ({ msg }: { msg: unknown }): void => void (msg as number[]).fill(0)
    one.inbox.subscribe(overwrite)
    two.inbox.subscribe(overwrite)
    world.run(100)
    const small = [1, 2, 3]
    const large = Uint8Array.from({ length: 100_000 }, (_, index) => index)
    for (const msg of [small, large]) {
      const copy = msg.slice()
      one.outbox.next({ pid: 2, msg: copy })
      copy.fill(9)
      two.outbox.next({ pid: 1, msg })
      world.run(100)
    }
    // Each call decodes anew: changes to one recording do not show in the next.
    for (let time = 0; time < 2; time++) {
      const messages = recordingOf(one).events.filter((event) => 'msg' in event)
      expect(messages.map(({ type }) => type)).toEqual(['sent', 'received', 'sent', 'received'])
      expect(messages.map(({ msg }) => msg)).toEqual([small, small, large, large])
      for (const event of messages) overwrite(event as { msg: unknown })
    }
    world.end()
  })

  it('drops the oldest events, counts them, and keeps the state before the first one left', () => {
    const world = new World()
    const one = world.open(1, [1, 2], { recordEvents: 3 })
    world.open(2, [1, 2])
    world.run(100)
    one.addPeer({ pid: 3, endpoint: endpointOf(3) })
    world.run(100)
    const before = recordingOf(one)
    for (let n = 0; n < 10; n++) one.outbox.next({ pid: 2, msg: n })
    const recording = recordingOf(one)
    expect(recording.dropped).toBe(before.dropped + 10)
    expect(recording.events.map((event) => 'msg' in event && event.msg)).toEqual([7, 8, 9])
    expect(recording.peers).toEqual([
      { pid: 2, endpoint: endpointOf(2), link: 'up' },
      { pid: 3, endpoint: endpointOf(3), link: 'down' },
    ])
    world.end()
  })

  it('keeps headers and error replies, as they were sent or received', () => {
    const world = new World()
    const one = world.open(1, [1, 2, 3], { recordEvents: 1_000 })
    const two = world.open(2, [1, 2, 3])
    const error = { code: 'FULL', message: 'later' }
    one.inbox.subscribe(({ headers = {}, error: received }) => {
      Object.assign(headers, { step: 'changed' })
      if (received !== undefined) Object.assign(received, { code: 'CHANGED' })
    })
    world.run(1_000)
    const headers = { step: '1' }
    one.outbox.next({ pid: BROADCAST, msg: 'hi', headers })
    headers.step = '2'
    one.outbox.next({ pid: 2, msg: 'hi', headers })
    two.outbox.next({ pid: 1, msg: undefined, re: 5, error, headers })
    world.run(100)
    const recorded = recordingOf(one).events.filter(({ atMs }) => atMs >= 1_000)
    const from = { from: 2, incarnation: two.incarnation }
    expect(recorded.map(({ pid: _pid, atMs: _atMs, ...event }) => event)).toStrictEqual([
      { type: 'sent', to: 2, msgId: 1000, headers: { step: '1' }, msg: 'hi' },
      { type: 'sent', to: 3, msgId: 1000, headers: { step: '1' }, msg: 'hi' },
      { type: 'sent', to: 2, msgId: 1001, headers: { step: '2' }, msg: 'hi' },
      { type: 'received', ...from, msgId: 1000, re: 5, headers, error, msg: undefined },
    ])
    world.end()
  })

  it('counts headers in recordBytes', () => {
    const world = new World()
    const one = world.open(1, [1, 2], { recordEvents: 1_000, recordBytes: 3_000 })
    world.run(100)
    for (let n = 0; n < 9; n++) {
      one.outbox.next({ pid: 2, msg: n, msgId: n, headers: { text: 'x'.repeat(990) } })
    }
    expect(recordingOf(one).events).toMatchObject([{ msg: 6 }, { msg: 7 }, { msg: 8 }])
    // The same message again: its bytes are shared, its headers are not.
    for (let n = 0; n < 9; n++) {
      one.outbox.next({ pid: 2, msg: 0, msgId: 0, headers: { text: 'y'.repeat(990) } })
    }
    expect(recordingOf(one).events.length).toBe(3)
    for (let n = 0; n < 9; n++) one.outbox.next({ pid: 2, msg: 'small' })
    expect(recordingOf(one).events.length).toBe(11)
    world.end()
  })

  it('keeps up to recordBytes of messages, and counts a broadcast once', () => {
    const world = new World()
    const one = world.open(1, [1, 2, 3, 4], { recordEvents: 1_000, recordBytes: 3_000 })
    world.run(100)
    const sent = (): readonly unknown[] =>
      recordingOf(one).events.filter(({ type }) => type === 'sent')
    for (let n = 0; n < 2; n++) {
      one.outbox.next({ pid: BROADCAST, msg: new Uint8Array(1_000).fill(n) })
    }
    expect(sent().length).toBe(6)
    one.outbox.next({ pid: 2, msg: new Uint8Array(1_000).fill(7) })
    expect(sent().length).toBe(4)
    one.outbox.next({ pid: 2, msg: new Uint8Array(5_000) })
    expect(recordingOf(one).events).toEqual([])
    one.outbox.next({ pid: 2, msg: 'small' })
    expect(sent().length).toBe(1)
    world.end()
  })
})
