/** A link driver over a hand-made transport. */
import { PLAIN_LINK } from '../protocol/plain.ts'
import { describe, expect, it } from 'vitest'
import type { ConnectionHandler, Connection, Frame, Transport } from '../../src/ports/transport.ts'
import { entryOf, localNodeOf } from '../protocol/session-harness.ts'
import {
  type OutboundSession,
  enqueue,
  createOutboundSession,
} from '../../src/protocol/session/outbound-session.ts'
import { LinkDriver, type SessionObserver } from '../../src/node/links/link-driver.ts'
import { World } from './world.ts'
import { encodeFrame } from '../../src/protocol/wire/encode-frame.ts'

/** A transport that keeps each connection with the frames sent on it. */
function handMadeTransport(): {
  transport: Transport
  connections: { handler: ConnectionHandler; sent: Frame[]; closed: boolean }[]
} {
  const connections: { handler: ConnectionHandler; sent: Frame[]; closed: boolean }[] = []
  const connect = (_: string, __: object, handler: ConnectionHandler): Connection => {
    const connection = { handler, sent: [] as Frame[], closed: false }
    connections.push(connection)
    return { send: (frame) => connection.sent.push(frame), close: () => (connection.closed = true) }
  }
  const bind = (): never => {
    throw new Error('a link does not bind')
  }
  return { transport: { name: 'hand-made', connect, bind }, connections }
}

function driverOf(world: World, transport: Transport, keyed = false): LinkDriver {
  const node = { cluster: 'test', to: 2, endpoint: 'x', ...PLAIN_LINK, keyed }
  const address = { ...node, options: { maxPartBytes: 1 } }
  // The smallest random number makes each back-off as short as possible.
  return new LinkDriver(
    keyed ? world.environment : { ...world.environment, random: () => 0 },
    transport,
    address,
    () => undefined,
  )
}

const sessionFor = (observer: SessionObserver, pid = 1): OutboundSession =>
  createOutboundSession({ ...localNodeOf(), pid }, 2, 0, observer)
const ignoring = {
  recordSettlement: () => undefined,
  settled: () => undefined,
  linkState: () => undefined,
  established: () => undefined,
  refused: () => undefined,
  badFrame: () => undefined,
  linkFailed: () => undefined,
}

describe('a link driver', () => {
  it('never connects without keys where its nodes have keys', () => {
    const world = new World()
    const { transport, connections } = handMadeTransport()
    const driver = driverOf(world, transport, true)
    const reasons: (string | undefined)[] = []
    driver.add(sessionFor({ ...ignoring, linkState: (_, reason) => reasons.push(reason) }))
    world.run(6_000)
    expect(connections).toEqual([])
    expect(new Set(reasons)).toEqual(new Set(['this node has no public key of peer 2']))
    driver.close()
  })

  it('ignores a connection that it has closed', () => {
    const world = new World()
    const { transport, connections } = handMadeTransport()
    const driver = driverOf(world, transport)
    driver.add(sessionFor(ignoring))
    connections[0]?.handler.opened()
    // No answer in 5 s: closed, and dialed again.
    world.run(6_000)
    expect([connections.length, connections[0]?.closed]).toEqual([2, true])
    connections[1]?.handler.opened()
    connections[0]?.handler.frame([encodeFrame({ type: 'bye', sessions: [] })])
    connections[0]?.handler.closed('at last')
    world.run(100)
    expect([connections.length, connections[1]?.closed, connections[1]?.sent.length]).toEqual([
      2,
      false,
      1,
    ])
    driver.close()
  })

  it('does not dial once it is closed, even by an observer of a settlement', () => {
    const world = new World()
    const { transport, connections } = handMadeTransport()
    const driver = driverOf(world, transport)
    const session: OutboundSession = sessionFor({
      ...ignoring,
      settled: () => {
        driver.remove(session, false)
        driver.close()
      },
    })
    driver.add(session)
    // The same tick that finds the envelope too old would dial again.
    enqueue(session, entryOf(1, 1, 0))
    connections[0]?.handler.closed('refused')
    world.run(10_000)
    expect(connections).toHaveLength(1)
  })

  it('reports a malformed frame, and goes on', () => {
    const world = new World()
    const { transport, connections } = handMadeTransport()
    const driver = driverOf(world, transport)
    const details: string[] = []
    driver.add(sessionFor({ ...ignoring, badFrame: (detail) => details.push(detail) }))
    connections[0]?.handler.opened()
    connections[0]?.handler.frame([Uint8Array.of(99)])
    connections[0]?.handler.frame([encodeFrame({ type: 'ping', token: 1, requestsReports: true })])
    expect(details).toEqual(['unknown frame type 99', 'unexpected ping from a receiver'])
    driver.close()
  })

  it('counts all settlements of a step before it reports any, and reports all it has counted', () => {
    const world = new World()
    const { transport, connections } = handMadeTransport()
    const driver = driverOf(world, transport)
    const calls: string[] = []
    const sessions: OutboundSession[] = [1, 3].map((pid) =>
      sessionFor(
        {
          ...ignoring,
          recordSettlement: ({ dead }) => calls.push(`${pid} counted ${dead.length}`),
          settled: ({ dead }) => {
            calls.push(`${pid} settled ${dead.length}`)
            for (const session of sessions) driver.remove(session, false)
          },
        },
        pid,
      ),
    )
    for (const session of sessions) driver.add(session)
    // The tick after the connection is closed finds both envelopes too old.
    for (const session of sessions) enqueue(session, entryOf(1, 1, 0))
    connections[0]?.handler.closed('refused')
    world.run(10_000)
    expect(calls).toEqual(['1 counted 1', '3 counted 1', '1 settled 1', '3 settled 1'])
    driver.close()
  })
})
