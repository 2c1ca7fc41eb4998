/** The contract of transports on keys: which connections a binding admits. */
import { afterEach, describe, expect, it } from 'vitest'
import type { ConnectionSecurity } from '../../src/ports/connection-security.ts'
import type { KeyPair } from '../../src/ports/keys.ts'
import type { Transport } from '../../src/ports/transport.ts'
import { AllowList, keyPairOf } from './keyed-transport.ts'
import { LIMITS, TestBinding, TestConnection, bindTo, dialTo, sendHello } from './recorded-ends.ts'

const MEMBER = keyPairOf('member')
const OTHER = keyPairOf('other')

/**
 * Declares the suite.
 *
 * @param makeTransport creates a transport for one test
 * @param makeEndpoint an endpoint to bind: free, or with a port chosen by the system
 */
export function keysContract(
  name: string,
  makeTransport: () => Transport,
  makeEndpoint: () => string,
): void {
  describe(`the contract of keys, with ${name}`, () => {
    const ends: (TestBinding | TestConnection)[] = []
    const tracked = <T extends TestBinding | TestConnection>(end: T): T => {
      ends.push(end)
      return end
    }
    afterEach(() => Promise.all(ends.splice(0).map((end) => end.close())))

    async function bindWith(
      transport: Transport,
      security: AllowList | undefined,
    ): Promise<TestBinding> {
      return tracked(await bindTo(transport, makeEndpoint(), { ...LIMITS, security }))
    }

    async function dialWith(
      transport: Transport,
      { endpoint }: TestBinding,
      security: ConnectionSecurity | undefined,
    ): Promise<TestConnection> {
      return tracked(await dialTo(transport, endpoint, { ...LIMITS, security }))
    }

    /** Connects, sends at once, and waits until the connection is refused. */
    async function refused(
      transport: Transport,
      { endpoint }: TestBinding,
      security: ConnectionSecurity | undefined,
    ): Promise<TestConnection> {
      const connection = tracked(new TestConnection(transport, endpoint, { ...LIMITS, security }))
      connection.send(Buffer.from('early'))
      await connection.waitUntil(() => connection.opened > 0 || connection.closed > 0)
      expect(connection.callbacks).toEqual(['closed'])
      expect(connection.reason).toContain(endpoint)
      return connection
    }

    const to = (binding: AllowList, keys: KeyPair): ConnectionSecurity => ({
      keys,
      serverKey: binding.keys.publicKey,
    })

    it('admits an admitted key, and refuses another with EACCES', async () => {
      const transport = makeTransport()
      const list = new AllowList('one', [MEMBER])
      const binding = await bindWith(transport, list)
      const member = await dialWith(transport, binding, to(list, MEMBER))
      const outsider = await refused(transport, binding, to(list, OTHER))
      expect(outsider.code).toBe('EACCES')
      expect(outsider.reason).toContain('refused the public key')
      await sendHello(binding, member)
      expect(binding.frames).toHaveLength(1)
    })

    it('refuses a connection without keys, and asks for no key', async () => {
      const transport = makeTransport()
      const list = new AllowList('one', [MEMBER])
      const binding = await bindWith(transport, list)
      const outsider = await refused(transport, binding, undefined)
      expect(outsider.code).toMatch(/^(EPROTO|EPIPE)$/)
      expect(outsider.reason).toMatch(/requires? keys/)
      expect(list.asked).toEqual([])
    })

    it('refuses a connection that expects another key of the binding', async () => {
      const transport = makeTransport()
      const list = new AllowList('one', [MEMBER])
      const binding = await bindWith(transport, list)
      const wrong = { keys: MEMBER, serverKey: OTHER.publicKey }
      const connection = await refused(transport, binding, wrong)
      expect(connection.code).toBe('EPIPE')
      expect(connection.reason).toContain('another public key')
      expect(list.asked).toEqual([])
    })

    it('does not connect with keys to a binding without keys', async () => {
      const transport = makeTransport()
      const binding = await bindWith(transport, undefined)
      const connection = await refused(transport, binding, to(new AllowList('one'), MEMBER))
      // A listener may disconnect before its own mechanism has arrived.
      expect(connection.code).toMatch(/^(EPROTO|EPIPE)$/)
      expect(connection.reason).toMatch(/no keys/)
      await sendHello(binding, await dialWith(transport, binding, undefined))
      expect(binding.frames).toHaveLength(1)
    })

    it('asks the list at each attempt: open connections stay', async () => {
      const transport = makeTransport()
      const list = new AllowList('one', [MEMBER])
      const binding = await bindWith(transport, list)
      const first = await dialWith(transport, binding, to(list, MEMBER))
      list.remove(MEMBER)
      expect((await refused(transport, binding, to(list, MEMBER))).code).toBe('EACCES')
      await sendHello(binding, first)
      list.add(MEMBER)
      await sendHello(binding, await dialWith(transport, binding, to(list, MEMBER)))
      expect(first.closed).toBe(0)
    })

    it('asks the list of each binding, also where two have the same domain', async () => {
      const transport = makeTransport()
      const names = ['a/1', 'b/1', 'b/1']
      const keys = names.map((_, n) => keyPairOf(`member ${n}`))
      const lists = names.map((name, n) => new AllowList(name, [keys[n]!]))
      const bindings = await Promise.all(lists.map((list) => bindWith(transport, list)))
      for (const [at, binding] of bindings.entries()) {
        for (const [of, pair] of keys.entries()) {
          const security = to(lists[at]!, pair)
          if (at === of) await sendHello(binding, await dialWith(transport, binding, security))
          else expect((await refused(transport, binding, security)).code).toBe('EACCES')
        }
      }
      expect(lists.map(({ asked }) => asked.length)).toEqual([3, 3, 3])
    })

    it('refuses a key where the list throws, and asks again', async () => {
      const transport = makeTransport()
      const list = new AllowList('one', [MEMBER])
      const binding = await bindWith(transport, list)
      let failures = 1
      const admits = list.admits.bind(list)
      list.admits = (key) => {
        if (failures-- > 0) throw new Error('cannot look it up')
        return admits(key)
      }
      expect((await refused(transport, binding, to(list, MEMBER))).code).toBe('EACCES')
      await sendHello(binding, await dialWith(transport, binding, to(list, MEMBER)))
    })

    it('admits again after all bindings with keys were closed', async () => {
      const transport = makeTransport()
      const list = new AllowList('one', [MEMBER])
      for (let round = 0; round < 3; round++) {
        const binding = await bindWith(transport, list)
        await sendHello(binding, await dialWith(transport, binding, to(list, MEMBER)))
        await binding.close()
      }
    })
  })
}
