/** Acknowledgements of a receiver, and the frames that one frame may cause. */
import { NO_CHALLENGES, PLAIN_HELLO, PLAIN_RECEIVER } from './plain.ts'
import type { Incarnation } from '../../src/model/envelope.ts'
import { describe, expect, it } from 'vitest'
import {
  type Receiver,
  type ReceiverEffect,
  createReceiver,
  type ReceiverEvent,
} from '../../src/protocol/receiver/receiver-state.ts'
import { stepReceiver } from '../../src/protocol/receiver/receiver.ts'
import type { WireFrame } from '../../src/protocol/wire/frames.ts'
import { decodeFrame } from '../../src/protocol/wire/decode-frame.ts'
import { encodeDataFrame } from '../../src/protocol/wire/data-frame.ts'
import { entryWith, batchOf } from './entries.ts'

function openReceiver(): {
  receiver: Receiver
  step: (event: ReceiverEvent) => readonly ReceiverEffect[]
} {
  const identity = { pid: 9, incarnation: '00000000000000bb' as Incarnation, cluster: 'c' }
  const receiver = createReceiver({ ...identity, windowBytes: 1e6, maxMessageBytes: 1e6, ...PLAIN_RECEIVER })
  const step = (event: ReceiverEvent): readonly ReceiverEffect[] => stepReceiver(receiver, event, NO_CHALLENGES)[1]
  step({ type: 'members', pids: new Set([1, 2]) })
  const offer = (pid: number) => ({
    pid,
    incarnation: '00000000000000aa' as Incarnation,
    epoch: 1,
    settled: 0,
  })
  const hello = { type: 'hello', version: 2, nonce: 1, cluster: 'c', to: 9, ...PLAIN_HELLO } as const
  step({
    type: 'frame',
    connection: 'x',
    frame: { ...hello, offers: [offer(1), offer(2)] },
  })
  return { receiver, step }
}

const sent = (effects: readonly ReceiverEffect[]): WireFrame[] =>
  effects.flatMap((effect) => (effect.type === 'send' ? [decodeFrame(effect.frame)] : []))
const data = (...batches: ReturnType<typeof batchOf>[]): ReceiverEvent => ({
  type: 'frame',
  connection: 'x',
  frame: decodeFrame(encodeDataFrame(batches)),
})

describe('a receiver', () => {
  it('counts the bytes of an unfinished batch, separate bodies included', () => {
    const { receiver, step } = openReceiver()
    step(data(batchOf([entryWith(new Uint8Array(40_000)), entryWith([1])], { pid: 1, toEpoch: 1 })))
    expect(receiver.sessions.get(1)?.bufferedBytes).toBeGreaterThanOrEqual(40_000 + 13 + 14)
  })

  it('does not report a session that has ended', () => {
    const { step } = openReceiver()
    step(data(batchOf([entryWith([1])], { pid: 1, toEpoch: 1 })))
    step({
      type: 'frame',
      connection: 'x',
      frame: { type: 'leave', ended: [{ pid: 1, epoch: 1 }] },
    })
    expect(sent(step({ type: 'flush' }))).toEqual([])
  })

  it('sends hello-required once per frame with several unknown sessions', () => {
    const { step } = openReceiver()
    const batches = [5, 6, 7].map((pid) => batchOf([entryWith([1])], { pid }))
    expect(sent(step(data(...batches))).map(({ type }) => type)).toEqual(['refused'])
  })

  it('reports before PONG only if PING requests it', () => {
    const { step } = openReceiver()
    const ping = (requestsReports: boolean): string[] =>
      sent(
        step({
          type: 'frame',
          connection: 'x',
          frame: { type: 'ping', token: 1, requestsReports },
        }),
      ).map(({ type }) => type)
    expect([ping(false), ping(true)]).toEqual([['pong'], ['ack', 'pong']])
  })
})
