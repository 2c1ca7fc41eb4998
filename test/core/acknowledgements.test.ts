/** A reception, step by step: whom it acknowledges, and how often it says that it knows nobody. */
import { describe, expect, it } from 'vitest'
import { type Reception, type ReceptionEffect, openReception } from '../../src/core/reception.ts'
import { type ReceptionEvent, stepReception } from '../../src/core/reception.ts'
import type { WireFrame } from '../../src/core/wire/frames.ts'
import { decodeFrame } from '../../src/core/wire/decode-frame.ts'
import { encodeBatch } from '../../src/core/wire/batch.ts'
import { entryWith, runOf } from './entries.ts'

function open(): { state: Reception; step: (event: ReceptionEvent) => readonly ReceptionEffect[] } {
  const names = { pid: 9, incarnation: '00000000000000bb', cluster: 'c' }
  const state = openReception({ ...names, windowBytes: 1e6, maxMessageBytes: 1e6 })
  const step = (event: ReceptionEvent): readonly ReceptionEffect[] => stepReception(state, event)[1]
  step({ type: 'members', pids: new Set([1, 2]) })
  const greeting = (pid: number) => ({ pid, incarnation: '00000000000000aa', epoch: 1, settled: 0 })
  const hello = { type: 'hello', version: 1, nonce: 1, cluster: 'c', to: 9, features: 0 } as const
  step({
    type: 'frame',
    connection: 'x',
    frame: { ...hello, greetings: [greeting(1), greeting(2)] },
  })
  return { state, step }
}

const sent = (effects: readonly ReceptionEffect[]): WireFrame[] =>
  effects.flatMap((one) => (one.type === 'send' ? [decodeFrame(one.frame)] : []))
const data = (...runs: ReturnType<typeof runOf>[]): ReceptionEvent => ({
  type: 'frame',
  connection: 'x',
  frame: decodeFrame(encodeBatch(runs)),
})

describe('a reception', () => {
  it('holds the bytes of a run, those in parts of their own too, until it is finished', () => {
    const { state, step } = open()
    step(data(runOf([entryWith(new Uint8Array(40_000)), entryWith([1])], { pid: 1, toEpoch: 1 })))
    expect(state.sessions.get(1)?.heldBytes).toBeGreaterThanOrEqual(40_000 + 13 + 14)
  })

  it('says nothing more of a session that is over', () => {
    const { step } = open()
    step(data(runOf([entryWith([1])], { pid: 1, toEpoch: 1 })))
    step({
      type: 'frame',
      connection: 'x',
      frame: { type: 'leave', leaving: [{ pid: 1, epoch: 1 }] },
    })
    expect(sent(step({ type: 'flush' }))).toEqual([])
  })

  it('asks for HELLO once for a frame, however many strangers it names', () => {
    const { step } = open()
    const runs = [5, 6, 7].map((pid) => runOf([entryWith([1])], { pid }))
    expect(sent(step(data(...runs))).map(({ type }) => type)).toEqual(['refused'])
  })

  it('reports to PING only where it is asked to', () => {
    const { step } = open()
    const ping = (report: boolean): string[] =>
      sent(step({ type: 'frame', connection: 'x', frame: { type: 'ping', token: 1, report } })).map(
        ({ type }) => type,
      )
    expect([ping(false), ping(true)]).toEqual([['pong'], ['ack', 'pong']])
  })
})
