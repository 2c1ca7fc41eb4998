/** The simulated transport: keys decide as they do over ZeroMQ. */
import { describe, expect, it } from 'vitest'
import { AllowList, keyPairOf } from '../transports/keyed-transport.ts'
import type { ConnectionSecurity } from '../../src/ports/connection-security.ts'
import {
  IDEAL_CONDITIONS,
  NetworkConditions,
} from '../../src/testing/simulation/network/conditions.ts'
import { LIMITS, TestBinding, TestConnection } from '../transports/recorded-ends.ts'
import { MicrotaskQueue } from '../../src/testing/simulation/time/microtask-queue.ts'
import { SimNetwork } from '../../src/testing/simulation/network/sim-network.ts'
import { SimProcess } from '../../src/testing/simulation/cluster/sim-process.ts'
import { VirtualClock } from '../../src/testing/simulation/time/virtual-clock.ts'
import { seededRandom } from '../../src/base/seeded-random.ts'
import { simTransport } from '../../src/testing/simulation/network/sim-transport.ts'

const ENDPOINT = 'tcp://node-1:7000'
const MEMBER = keyPairOf('member')

describe('a simulated connection with keys', () => {
  const clock = new VirtualClock()
  const microtasks = new MicrotaskQueue()
  const conditions = new NetworkConditions(IDEAL_CONDITIONS)
  const network = new SimNetwork(clock, conditions, seededRandom(1))
  const [listener, caller] = [1, 2].map((pid) =>
    simTransport(network, new SimProcess(clock, microtasks, { pid, restarts: 0, seed: 1 })),
  )
  const list = new AllowList('one', [MEMBER])
  const { publicKey: serverKey } = list.keys
  const binding = new TestBinding(listener!, ENDPOINT, { ...LIMITS, security: list })
  settle()

  function settle(): void {
    do microtasks.drain()
    while (clock.step(Infinity))
  }

  function dial(security: ConnectionSecurity | undefined): TestConnection {
    const connection = new TestConnection(caller!, ENDPOINT, { ...LIMITS, security })
    settle()
    return connection
  }

  it.each([
    ['no keys', undefined, 'EPROTO'],
    ['an unknown key', { keys: keyPairOf('unknown'), serverKey }, 'EACCES'],
    ['another server key', { keys: MEMBER, serverKey: MEMBER.publicKey }, 'EPIPE'],
  ])('is refused with %s', (_, security, code) => {
    const connection = dial(security)
    expect([connection.callbacks, connection.code]).toEqual([['closed'], code])
    expect(connection.reason).toContain(ENDPOINT)
    expect(binding.callbacks).toEqual(['bound'])
  })

  it('opens with an admitted key, until that is removed', () => {
    const security = { keys: MEMBER, serverKey }
    expect(dial(security).callbacks).toEqual(['opened'])
    list.remove(MEMBER)
    expect(dial(security).code).toBe('EACCES')
    list.add(MEMBER)
    expect(dial(security).callbacks).toEqual(['opened'])
  })
})
