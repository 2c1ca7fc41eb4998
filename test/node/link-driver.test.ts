/** A link driver over a transport made by hand: connections that are over have nothing more to say. */
import { describe, expect, it } from 'vitest'
import type { Caller, Connection, Frame, Transport } from '../../src/ports/transport.ts'
import { entryOf, senderOf } from '../core/lab.ts'
import { type Outbound, enqueue, openOutbound } from '../../src/core/outbound.ts'
import { LinkDriver } from '../../src/node/link-driver.ts'
import type { SessionOwner } from '../../src/node/session-owner.ts'
import { World } from './world.ts'
import { encodeFrame } from '../../src/core/wire/encode-frame.ts'

/** Every connection that was asked for, with what was sent on it. */
function lines(): {
  transport: Transport
  calls: { caller: Caller; sent: Frame[]; closed: boolean }[]
} {
  const calls: { caller: Caller; sent: Frame[]; closed: boolean }[] = []
  const connect = (_: string, __: object, caller: Caller): Connection => {
    const call = { caller, sent: [] as Frame[], closed: false }
    calls.push(call)
    return { send: (frame) => call.sent.push(frame), close: () => (call.closed = true) }
  }
  const bind = (): never => {
    throw new Error('nobody binds here')
  }
  return { transport: { name: 'hand-made', connect, bind }, calls }
}

function driverOf(world: World, transport: Transport): LinkDriver {
  const address = { cluster: 'test', to: 2, endpoint: 'x', options: { maxPartBytes: 1 } }
  // These dice make every back-off as short as it can be.
  return new LinkDriver(
    { ...world.environment, chance: () => 0 },
    transport,
    address,
    () => undefined,
  )
}

const opened = (owner: SessionOwner): Outbound => openOutbound(senderOf(), 2, 0, owner)
const silent = {
  count: () => undefined,
  settled: () => undefined,
  state: () => undefined,
  welcomed: () => undefined,
  refused: () => undefined,
  badFrame: () => undefined,
  failed: () => undefined,
}

describe('a link driver', () => {
  it('does not listen to a connection that it has hung up', () => {
    const world = new World()
    const { transport, calls } = lines()
    const driver = driverOf(world, transport)
    driver.add(opened(silent))
    calls[0]?.caller.opened()
    // No answer in 5 s: hung up, and dialed again.
    world.run(6_000)
    expect([calls.length, calls[0]?.closed]).toEqual([2, true])
    calls[1]?.caller.opened()
    calls[0]?.caller.frame([encodeFrame({ type: 'bye', sessions: [] })])
    calls[0]?.caller.closed('at last')
    world.run(100)
    expect([calls.length, calls[1]?.closed, calls[1]?.sent.length]).toEqual([2, false, 1])
    driver.close()
  })

  it('does not dial any more once it is closed, though one who was told of a death closed it', () => {
    const world = new World()
    const { transport, calls } = lines()
    const driver = driverOf(world, transport)
    const session: Outbound = opened({
      ...silent,
      settled: () => {
        driver.remove(session, false)
        driver.close()
      },
    })
    driver.add(session)
    // The same tick that finds the envelope too old would dial again.
    enqueue(session, entryOf(1, 1, 0))
    calls[0]?.caller.closed('refused')
    world.run(10_000)
    expect(calls).toHaveLength(1)
  })

  it('tells a frame that cannot be read, and goes on', () => {
    const world = new World()
    const { transport, calls } = lines()
    const driver = driverOf(world, transport)
    const told: string[] = []
    driver.add(opened({ ...silent, badFrame: (detail) => told.push(detail) }))
    calls[0]?.caller.opened()
    calls[0]?.caller.frame([Uint8Array.of(99)])
    calls[0]?.caller.frame([encodeFrame({ type: 'ping', token: 1, report: true })])
    expect(told).toEqual(['unknown frame type 99', 'ping from the listening side'])
    driver.close()
  })
})
