/** Replays recordings of real and of simulated nodes, in virtual time. */
import {
  BehaviorSubject,
  EMPTY,
  type Observable,
  filter,
  firstValueFrom,
  interval,
  map,
  merge,
  mergeMap,
  of,
  tap,
} from 'rxjs'
import type { Incarnation, Envelope, OutgoingEnvelope } from '../../src/model/envelope.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { parseRecording, renderRecording } from '../../src/recording/recording-text.ts'
import { BROADCAST } from '../../src/model/pid.ts'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import { DEFAULT_LIMITS } from '../../src/model/limits.ts'
import type { Protocol } from '../../src/testing/simulation/world.ts'
import { Real, until } from '../node/real.ts'
import type { Recording } from '../../src/recording/recording.ts'
import { asyncScheduler } from 'rxjs'
import { join } from 'node:path'
import { replayRecording } from '../../src/testing/replay/replay-recording.ts'
import { replyWith } from '../../src/operators/reply-with.ts'
import { request } from '../../src/operators/request.ts'
import { simulate } from '../../src/testing/simulation/simulate.ts'
import { tmpdir } from 'node:os'

const reals: Real[] = []
afterEach(async () => {
  await Promise.all(reals.splice(0).map((real) => real.close()))
})

function open(): Real {
  const real = new Real()
  reals.push(real)
  return real
}

/** Replies to requests, sends a request to each peer that says hello, and collects its inbox. */
function askAndReply(inbox: Envelope[]): Protocol {
  return (node) => {
    node.inbox.subscribe((envelope) => inbox.push(structuredClone(envelope)))
    const requests = node.inbox.pipe(filter(({ re }) => re === undefined))
    const ownRequests = requests.pipe(
      filter(({ msg }) => hasType(msg, 'hello')),
      mergeMap(({ pid, msg }) =>
        request(node, { pid, msg: { type: 'who', seen: msg } }, { timeoutMs: 10_000 }),
      ),
      map(({ msg }) => msg),
    )
    const servedRequests = requests.pipe(
      filter(({ msg }) => hasType(msg, 'sum')),
      replyWith(node, ({ msg }) =>
        of({ sum: (msg as { of: number[] }).of.reduce((a, b) => a + b, 0) }),
      ),
    )
    return merge(ownRequests, servedRequests as Observable<never>)
  }
}

function hasType(msg: unknown, type: string): boolean {
  return typeof msg === 'object' && msg !== null && 'type' in msg && msg.type === type
}

/** Runs a protocol on a real node. */
function run(
  protocol: Protocol,
  node: ClusterNode,
  onOutput: (value: unknown) => void = () => undefined,
): unknown[] {
  const outputs: unknown[] = []
  const { pid } = node
  const local = {
    pid,
    restarts: 0,
    scheduler: asyncScheduler,
    random: () => 0.5,
    storage: new Map(),
  }
  const result = protocol(node, local) as Observable<unknown>
  result.subscribe((value) => {
    outputs.push(value)
    onOutput(value)
  })
  return outputs
}

/** A peer that replies to `who` with every type that a message can hold. */
async function peer(real: Real, pid: number, bind = 'tcp://127.0.0.1:0') {
  const { node, endpoint } = await real.open(pid, { bind })
  const received = new BehaviorSubject<readonly Envelope[]>([])
  node.inbox.subscribe((envelope) => received.next([...received.value, envelope]))
  node.inbox.pipe(filter(({ msg }) => hasType(msg, 'who'))).subscribe((envelope) => {
    const msg = {
      bytes: Uint8Array.of(pid, 0, 255),
      born: new Date(1_700_000_000_123),
      big: 2n ** 60n,
      nothing: undefined,
      odd: [NaN, -0, Infinity],
    }
    node.outbox.next({ pid: envelope.pid, re: envelope.msgId, msg })
  })
  return { node, endpoint, received, send: (out: OutgoingEnvelope) => node.outbox.next(out) }
}

/** Writes a recording to a file, and reads it again. */
async function saveAndLoad(recording: Recording | undefined): Promise<Recording> {
  if (recording === undefined) throw new Error('the node has no recording')
  const directory = await mkdtemp(join(tmpdir(), 'rx-cluster-record-'))
  const path = join(directory, 'node-1.jsonl')
  await writeFile(path, renderRecording(recording))
  const loaded = parseRecording(await readFile(path, 'utf8'))
  await rm(directory, { recursive: true })
  expect(loaded).toStrictEqual(recording)
  return loaded
}

function peersOf(...pids: { node: ClusterNode; endpoint: string }[]) {
  return new Map(pids.map(({ node, endpoint }) => [node.pid, { pid: node.pid, endpoint }]))
}

const outputsIn = ({ trace }: ReturnType<typeof replayRecording>): readonly unknown[] =>
  trace.flatMap((event) => (event.type === 'output' ? [event.value] : []))

describe('a recording of a real node', () => {
  it('is replayed with the same inbox, sends and outputs', async () => {
    const real = open()
    const one = await real.open(1, { recordEvents: 10_000 })
    const inbox: Envelope[] = []
    const outputs = run(askAndReply(inbox), one.node)
    const [two, three] = [await peer(real, 2), await peer(real, 3)]
    one.node.peers.next(peersOf(two, three))
    two.node.peers.next(peersOf(one))
    three.node.peers.next(peersOf(one))
    two.send({ pid: 1, msg: { type: 'hello', bytes: new Uint8Array(100_000).fill(7) } })
    three.send({ pid: BROADCAST, msg: { type: 'sum', of: [1, 2, 3] }, msgId: 77 })
    for (let n = 0; n < 500; n++) two.send({ pid: 1, msg: { n } })
    await until(three.received, (envelopes) => envelopes.length === 1)
    await until(two.received, (envelopes) => envelopes.length === 1)
    two.send({ pid: 1, msg: { type: 'sum', of: [1.5, 2] }, re: undefined as never })
    await until(two.received, (envelopes) => envelopes.length === 2)
    const recording = await saveAndLoad(one.node.recording())

    // The inbox does not emit the reply to the request.
    expect(inbox.length).toBe(503)
    expect(outputs.length).toBe(3)
    const again: Envelope[] = []
    const replay = replayRecording(recording, askAndReply(again))
    expect(again).toStrictEqual(inbox)
    expect(replay.inbox).toEqual({ missing: [], added: [] })
    expect(replay.sends).toEqual({ missing: [], added: [] })
    expect(replay.same).toBe(true)
    expect(outputsIn(replay)).toStrictEqual(outputs)
    const links = (events: Recording['events']) => events.filter(({ type }) => type === 'link')
    expect(links(replay.trace)).toEqual(links(recording.events))
    // A replay is a pure function of the recording.
    expect(replayRecording(recording, askAndReply([]))).toEqual(replay)
  })

  it('is replayed with both incarnations of a peer that restarted', async () => {
    const real = open()
    const one = await real.open(1, { recordEvents: 10_000 })
    const inbox: Envelope[] = []
    run(askAndReply(inbox), one.node)
    const first = await peer(real, 2)
    one.node.peers.next(peersOf(first))
    first.node.peers.next(peersOf(one))
    first.send({ pid: 1, msg: { type: 'hello' } })
    await until(first.received, (envelopes) => envelopes.length === 1)
    await first.node.close()
    const second = await peer(real, 2, first.endpoint)
    second.node.peers.next(peersOf(one))
    second.send({ pid: 1, msg: { type: 'hello', again: true } })
    await until(second.received, (envelopes) => envelopes.length === 1)
    await firstValueFrom(one.node.links.pipe(filter((links) => links.get(2)?.state === 'up')))
    second.send({ pid: 1, msg: 'last' })
    await until(one.node.inbox, ({ msg }) => msg === 'last')
    const recording = await saveAndLoad(one.node.recording())

    expect(new Set(inbox.map(({ incarnation }) => incarnation)).size).toBe(2)
    const again: Envelope[] = []
    const replay = replayRecording(recording, askAndReply(again))
    expect(again).toStrictEqual(inbox)
    expect(replay.same).toBe(true)
    const states = (events: Recording['events']) =>
      events
        .flatMap((event) => (event.type === 'link' ? [event.state] : []))
        // The reason of a link that is down may change; that of the replay does not.
        .filter((state, index, all) => state !== all[index - 1])
    expect(states(replay.trace)).toEqual(states(recording.events))
  })

  it('is replayed from its first event, if its beginning was dropped', async () => {
    const real = open()
    const one = await real.open(1, { recordEvents: 20 })
    const inbox: Envelope[] = []
    const replied = new Promise<void>((resolve) => {
      run(askAndReply(inbox), one.node, (value) => {
        if (typeof value === 'object' && value !== null && 'born' in value) resolve()
      })
    })
    const two = await peer(real, 2)
    one.node.peers.next(peersOf(two))
    two.node.peers.next(peersOf(one))
    for (let n = 0; n < 100; n++) two.send({ pid: 1, msg: { type: 'sum', of: [n] } })
    await until(two.received, (envelopes) => envelopes.length === 100)
    two.send({ pid: 1, msg: { type: 'hello' } })
    await replied
    const recording = await saveAndLoad(one.node.recording())
    expect(recording.dropped).toBeGreaterThan(100)
    expect(recording.events.length).toBe(20)

    const again: Envelope[] = []
    const replay = replayRecording(recording, askAndReply(again))
    const emitted = recording.events.filter(
      (one) => one.type === 'received' && one.re === undefined,
    )
    // The replies to dropped requests are missing, so a later request has another `msgId` than in
    // the recording, and the recorded reply to it is one that nothing waits for.
    const requests = again.filter(({ re }) => re === undefined)
    expect(requests).toStrictEqual(inbox.slice(-emitted.length))
    expect(replay.inbox).toEqual({ missing: [], added: [] })
    // Requests in the recording get a reply. The first recorded replies are to dropped requests.
    expect(replay.sends.added).toEqual([])
  })
})

describe('a recording of a simulated node', () => {
  /** Each node broadcasts, and replies to each broadcast. */
  const chatter: Protocol = (node, { scheduler }) =>
    merge(
      interval(70, scheduler).pipe(
        map((n) => ({ pid: BROADCAST, msg: { n, at: new Date(n), bytes: Uint8Array.of(n) } })),
        tap((envelope) => node.outbox.next(envelope)),
      ),
      node.inbox.pipe(
        filter(({ re }) => re === undefined),
        replyWith(node, ({ msgId }) => of(msgId)),
      ),
    )

  const faults = [
    '-- 300ms (partition 1|2,3) 900ms (heal) 300ms (crash 2) 100ms (restart 2) 200ms (pause 3) ' +
      '400ms (resume 3)',
    '-- (delay ~20ms; drop 20%; reorder 20%; duplicate 10%) 700ms (reset 1-2; crash 3) 5ms ' +
      '(restart 3) 500ms (crash 3) 1ms (restart 3)',
  ]

  it.each(Array.from({ length: 10 }, (_, seed) => [seed + 1]))(
    'is replayed with the same inbox, under every fault: seed %i',
    (seed) => {
      for (const [index, network] of faults.entries()) {
        const limits = { recordEvents: index === 0 ? 100_000 : 200 }
        const recordings = simulate(
          { seed, peers: 3, protocol: chatter, network, limits },
          (world) => {
            world.run(3_000)
            return world.pids.map((pid) => world.node(pid).recording() as Recording)
          },
        )
        for (const recording of recordings) {
          expect(recording.events.length).toBeGreaterThan(50)
          const text = renderRecording(recording)
          const { inbox, sends } = replayRecording(parseRecording(text), chatter)
          expect(inbox).toEqual({ missing: [], added: [] })
          // A paused process did not send; its replay is not paused.
          const wasPaused = index === 0 && recording.pid === 3
          if (wasPaused) expect(sends.added.length).toBeGreaterThan(0)
          else if (recording.dropped === 0) expect(sends).toEqual({ missing: [], added: [] })
        }
      }
    },
  )
})

describe('a replay', () => {
  const incarnation = '00000000deadbeef' as Incarnation
  const base: Recording = {
    pid: 1,
    incarnation,
    cluster: 'synthetic',
    bind: 'tcp://*:5000',
    startedAt: new Date('2026-03-04T05:06:07.000Z'),
    limits: DEFAULT_LIMITS,
    dropped: 0,
    peers: [2, 3].map((pid) => ({ pid, endpoint: `tcp://h${pid}:1`, link: 'connecting' as const })),
    events: [],
  }
  const received = (atMs: number, from: number, msg: unknown, incarnationSuffix = '1') =>
    ({
      atMs,
      pid: 1,
      type: 'received',
      from,
      incarnation: incarnationSuffix.padStart(16, '0') as Incarnation,
      msgId: 9,
      msg,
    }) as const

  it('keeps the times, and the order at one time across peers and incarnations', () => {
    const events = [
      received(0, 3, 'a'),
      ...Array.from({ length: 200 }, (_, n) => received(0.001, 2 + (n % 2), n)),
      received(0.001, 3, 'b', 'f'),
      received(70_000, 3, 'c', 'f'),
      received(70_000, 2, new Uint8Array(12 * 2 ** 20)),
      received(70_000, 2, new Uint8Array(12 * 2 ** 20)),
    ]
    const replay = replayRecording({ ...base, events })
    expect(replay.inbox).toEqual({ missing: [], added: [] })
    expect(replay.trace.filter(({ type }) => type === 'received').map(({ atMs }) => atMs)).toEqual(
      events.map(({ atMs }) => atMs),
    )
  })

  it('repeats headers, and an error reply as one that ends its request', () => {
    const content = { headers: { trace: '1' }, error: { code: 'FULL', message: 'later' } }
    const reply = { ...received(9, 2, undefined), msgId: 10, re: 1000, ...content }
    const events = [
      { atMs: 1, pid: 1, type: 'link', peer: 2, state: 'up' } as const,
      { ...received(5, 2, 'ask'), headers: { trace: '0' } },
      { atMs: 5, pid: 1, type: 'sent', to: 2, msgId: 1000, msg: 'who' } as const,
      reply,
      { ...reply, msgId: 11, re: 7, atMs: 11 },
    ]
    const outcomes: unknown[] = []
    const protocol: Protocol = (node) => {
      node.inbox.pipe(filter(({ msg }) => msg === 'ask')).subscribe(() => {
        request(node, { pid: 2, msg: 'who' }).subscribe({ error: (e) => outcomes.push(e) })
      })
    }
    const recording = { ...base, limits: { ...DEFAULT_LIMITS, startMsgId: 1000 }, events }
    const replay = replayRecording(recording, protocol)
    expect(replay.inbox).toEqual({ missing: [], added: [] })
    expect(replay.sends).toEqual({ missing: [], added: [] })
    const isContent = ({ type }: { type: string }) => type === 'received' || type === 'sent'
    expect(replay.trace.filter(isContent)).toStrictEqual(events.slice(1))
    expect(outcomes).toMatchObject([{ code: 'REMOTE_ERROR', cause: content.error }])
  })

  it('reports what was sent with other headers, or as another error', () => {
    const error = { code: 'A', message: '' }
    const sent = (content: object) =>
      ({ atMs: 0, pid: 1, type: 'sent', to: 2, msgId: 1, msg: undefined, ...content }) as const
    const events = [sent({ headers: { a: '1' } }), sent({ re: 5, error })]
    const replay = (headers: object, code: string) =>
      replayRecording({ ...base, events }, (node) => {
        node.outbox.next({ pid: 2, msg: undefined, headers: headers as never })
        node.outbox.next({ pid: 2, msg: undefined, re: 5, error: { ...error, code } })
      })
    expect(replay({ a: '1' }, 'A').same).toBe(true)
    expect(replay({ a: '2' }, 'A').sends.missing).toEqual([events[0]])
    expect(replay({ a: '1' }, 'B').sends.missing).toEqual([events[1]])
  })

  it('repeats the link states at the recorded times', () => {
    const link = (atMs: number, peer: number, state: 'up' | 'down') =>
      ({ atMs, pid: 1, type: 'link', peer, state }) as const
    const events = [
      link(2.5, 2, 'up'),
      link(20, 2, 'down'),
      link(1_000, 2, 'up'),
      link(1_002.25, 2, 'down'),
      link(1_003.5, 2, 'up'),
      link(1_500, 3, 'down'),
      link(70_000, 3, 'up'),
    ]
    const replay = replayRecording({ ...base, events })
    expect(replay.trace.filter(({ type }) => type === 'link')).toEqual(events)
  })

  it('gives the protocol the recorded time, and reports different sends', () => {
    const sent = (to: number, msg: unknown) =>
      ({ atMs: 5, pid: 1, type: 'sent', to, msgId: 1, msg }) as const
    const link = { atMs: 1, pid: 1, type: 'link', peer: 2, state: 'up' } as const
    const events = [
      link,
      received(5, 2, 'ask'),
      sent(2, 'yes'),
      sent(2, 'well'),
      sent(3, 'no'),
      received(10, 2, 'end'),
    ]
    const protocol: Protocol = (node) => {
      node.inbox.pipe(filter(({ msg }) => msg === 'ask')).subscribe(() => {
        node.outbox.next({ pid: 3, msg: 'no' })
        node.outbox.next({ pid: 2, msg: 'yes' })
        node.outbox.next({ pid: 2, msg: new Date().toISOString() })
      })
      return EMPTY
    }
    const replay = replayRecording({ ...base, events }, protocol)
    expect(replay.same).toBe(false)
    expect(replay.inbox).toEqual({ missing: [], added: [] })
    expect(replay.sends.missing).toEqual([sent(2, 'well')])
    expect(replay.sends.added).toMatchObject([{ to: 2, atMs: 5, msg: '2026-03-04T05:06:07.005Z' }])
  })

  it('reports envelopes that a paused inbox did not emit, and errors of the protocol', () => {
    const events = [received(1, 2, 'a'), received(2, 2, 'b')]
    const paused = replayRecording({ ...base, events }, (node) => void node.pause())
    expect(paused.inbox.missing).toEqual(events)
    const failed = replayRecording({ ...base, events }, (node) =>
      node.inbox.pipe(
        map(() => {
          throw new TypeError('a bug')
        }),
      ),
    )
    expect(failed.trace).toContainEqual({
      atMs: 1,
      pid: 1,
      type: 'failed',
      error: 'TypeError: a bug',
    })
    expect(failed.inbox.missing).toEqual([])
  })

  it('rejects a Promise in the protocol', () => {
    const events = [received(1, 2, 'a')]
    const protocol: Protocol = (node) => void node.inbox.subscribe(() => void Promise.resolve())
    expect(() => replayRecording({ ...base, events }, protocol)).toThrow(
      expect.objectContaining({ code: 'NONDETERMINISTIC' }),
    )
  })
})
