/** A receiver driver and an inbox over a hand-made transport: the order of steps and reports. */
import { PLAIN_HELLO, PLAIN_RECEIVER } from '../protocol/plain.ts'
import { describe, expect, it } from 'vitest'
import type { BindingHandler, Frame, Transport } from '../../src/ports/transport.ts'
import { batchOf, entryWith } from '../protocol/entries.ts'
import type { Incarnation, Envelope } from '../../src/model/envelope.ts'
import { Inbox } from '../../src/node/receiving/inbox.ts'
import { NodeCounters } from '../../src/node/counters.ts'
import type { NodeEvent } from '../../src/model/node-event.ts'
import type { Pid } from '../../src/model/pid.ts'
import { ReceiverDriver } from '../../src/node/receiving/receiver-driver.ts'
import type { WireFrame } from '../../src/protocol/wire/frames.ts'
import { World } from './world.ts'
import { createReceiver } from '../../src/protocol/receiver/receiver-state.ts'
import { decodeFrame } from '../../src/protocol/wire/decode-frame.ts'
import { encodeDataFrame } from '../../src/protocol/wire/data-frame.ts'
import { encodeFrame } from '../../src/protocol/wire/encode-frame.ts'
import { messagePack } from '../../src/codec/message-pack.ts'

const CONNECTION = 'connection'

/** Node 9 with an inbox, and one connection on which pids 1 and 2 have sessions. */
class ReceiverHarness {
  readonly sent: WireFrame[] = []
  readonly received: unknown[] = []
  onEvent: (event: NodeEvent) => void = () => undefined
  readonly driver: ReceiverDriver
  readonly inbox: Inbox
  readonly #world = new World()
  #handler: BindingHandler | undefined

  /** Subscribes to the inbox, and lets the present task end. */
  subscribe(next: (envelope: Envelope) => void): void {
    this.inbox.envelopes.subscribe(next)
    this.#world.run(0)
  }

  constructor() {
    const { environment } = this.#world
    const transport: Transport = {
      name: 'hand-made',
      connect: () => {
        throw new Error('a receiver does not connect')
      },
      bind: (_endpoint, _options, handler) => {
        this.#handler = handler
        const send = (_connection: string, frame: Frame): void => {
          this.sent.push(decodeFrame(frame))
        }
        return { send, close: () => handler.closed() }
      },
    }
    const incarnation = '00000000000000ff' as Incarnation
    const limits = { windowBytes: 1_000_000, maxMessageBytes: 1_000, bufSize: 100 }
    const events = { next: (event: NodeEvent) => this.onEvent(event) }
    this.driver = new ReceiverDriver({
      environment,
      transport,
      endpoint: 'x',
      options: { maxPartBytes: 1_000_000 },
      receiver: createReceiver({ pid: 9, cluster: 'test', incarnation, ...limits, ...PLAIN_RECEIVER }),
      senders: { senderAccepted: () => undefined },
      events,
      bound: { next: () => undefined, complete: () => undefined, error: () => undefined },
    })
    this.inbox = new Inbox({
      environment,
      receiver: this.driver,
      codec: messagePack(),
      limits,
      counters: new NodeCounters(),
      events,
      probe: undefined,
    })
    this.driver.start(this.inbox)
    this.driver.setMembers(new Set([1, 2]))
    this.hello([1, 2])
  }

  /** Brings a HELLO for sessions of these pids. */
  hello(pids: readonly Pid[]): void {
    const incarnation = '00000000000000aa' as Incarnation
    const offers = pids.map((pid) => ({ pid, incarnation, epoch: 1, settled: 0 }))
    const hello = { type: 'hello', version: 2, nonce: 1, cluster: 'test', to: 9 } as const
    this.#frame([encodeFrame({ ...hello, ...PLAIN_HELLO, offers })])
  }

  /** Brings one DATA frame with a batch of small integers for each sender, from sequence number 1. */
  data(...batches: readonly (readonly [pid: Pid, messages: readonly number[]])[]): Frame {
    const encoded = batches.map(([pid, messages]) =>
      batchOf(
        messages.map((message) => entryWith([message])),
        { pid, toEpoch: pid },
      ),
    )
    const frame = encodeDataFrame(encoded)
    this.#frame(frame)
    return frame
  }

  settledOf(type: 'ack' | 'bye'): readonly (readonly [pid: Pid, settled: number])[] {
    return this.sent.flatMap((frame) =>
      frame.type === type ? frame.sessions.map(({ pid, settled }) => [pid, settled] as const) : [],
    )
  }

  run(): void {
    this.#world.run(100)
  }

  #frame(frame: Frame): void {
    this.#handler?.frame(CONNECTION, frame)
  }
}

describe('a receiver driver', () => {
  it('takes batches after the effects of their step, and acknowledges all of them at once', () => {
    const harness = new ReceiverHarness()
    harness.subscribe(({ msg }) => {
      harness.received.push(msg)
      // No ACK is sent in the middle.
      expect(harness.settledOf('ack')).toEqual([])
    })
    harness.data([1, [1, 2]], [2, [3]])
    expect(harness.received).toEqual([1, 2, 3])
    harness.run()
    expect(harness.settledOf('ack')).toEqual([
      [1, 2],
      [2, 1],
    ])
  })

  it('takes nothing more of a sender that is removed in a batch before its own', () => {
    const harness = new ReceiverHarness()
    harness.subscribe(({ msg }) => {
      harness.received.push(msg)
      if (msg === 1) harness.driver.setMembers(new Set([1]))
    })
    harness.data([1, [1, 2]], [2, [3]])
    expect(harness.received).toEqual([1, 2])
    harness.run()
    expect(harness.sent.find(({ type }) => type === 'refused')).toMatchObject({
      pids: [2],
      reason: 'not-a-member',
      final: { settled: 0 },
    })
  })

  it('reports to a sender that is removed in the middle of its batch exactly what was taken', () => {
    const harness = new ReceiverHarness()
    harness.subscribe(({ msg }) => {
      harness.received.push(msg)
      if (msg === 2) harness.driver.setMembers(new Set([2]))
    })
    harness.data([1, [1, 2, 3]], [2, [4]])
    expect(harness.received).toEqual([1, 2, 4])
    expect(harness.settledOf('ack')).toEqual([[1, 2]])
    expect(harness.sent.find(({ type }) => type === 'refused')).toMatchObject({
      pids: [1],
      final: { settled: 2 },
    })
  })

  it('sends BYE with exactly what was taken before it', () => {
    const harness = new ReceiverHarness()
    let closed = false
    harness.subscribe(({ msg }) => {
      harness.received.push(msg)
      if (msg === 2) harness.driver.close(0, () => (closed = true))
      // Not in the middle of a step.
      expect(closed).toBe(false)
    })
    harness.data([1, [1, 2, 3]], [2, [4]])
    expect(harness.received).toEqual([1, 2])
    expect(closed).toBe(true)
    expect(harness.settledOf('bye')).toEqual([
      [1, 2],
      [2, 0],
    ])
  })

  it('takes the rest when a callback of its own events resumes the inbox, after that step', () => {
    const harness = new ReceiverHarness()
    harness.subscribe(({ msg }) => harness.received.push(msg))
    const resume = harness.inbox.pause()
    harness.data([1, [1]])
    // A sender that is no member: the event is an effect of the step.
    harness.onEvent = (event) => {
      if (event.type !== 'refused-peer') return
      resume()
      expect(harness.received).toEqual([])
    }
    harness.hello([5])
    expect(harness.received).toEqual([1])
  })

  it('copies every batch that it cannot take, since the transport reuses the memory of a frame', () => {
    const harness = new ReceiverHarness()
    let resume = (): void => undefined
    harness.subscribe(({ msg }) => {
      harness.received.push(msg)
      if (msg === 1) resume = harness.inbox.pause()
    })
    const frames = [harness.data([1, [1, 2]], [2, [3]]), harness.data([1, [1, 2, 4]])]
    for (const [head] of frames) head?.fill(0)
    resume()
    expect(harness.received).toEqual([1, 2, 3, 4])
  })
})
