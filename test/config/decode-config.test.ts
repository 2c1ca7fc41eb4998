/** decodeConfig: both forms of the file, and every problem in one error. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { COMPUTED_CONFIG, LIST_CONFIG, clusterErrorOf } from './sample-configs.ts'
import { ClusterError } from '../../src/model/cluster-error.ts'
import { DEFAULT_LIMITS } from '../../src/model/limits.ts'
import { decodeConfig } from '../../src/config/decode-config.ts'

const issues = (json: unknown): readonly string[] => clusterErrorOf(() => decodeConfig(json)).issues
const local = (port: number): string => `tcp://127.0.0.1:${port}`
const without = (key: string): object =>
  Object.fromEntries(Object.entries(COMPUTED_CONFIG).filter(([other]) => other !== key))

describe('computed addresses', () => {
  it('computes the addresses from six keys', () => {
    const config = decodeConfig(JSON.parse(JSON.stringify(COMPUTED_CONFIG)))
    expect(config).toMatchObject({ ...DEFAULT_LIMITS, cluster: 'default', insecure: false })
    expect([...config.members.values()]).toEqual([
      { pid: 1, endpoint: local(5001), bind: local(5001) },
      { pid: 2, endpoint: local(5002), bind: local(5002) },
    ])
    expect(config.addressing).toEqual({
      selfHandle: 'tcp://127.0.0.1:',
      peersHandle: 'tcp://127.0.0.1:',
      startAddress: 5000,
    })
  })

  it('binds at selfHandle and connects at peersHandle', () => {
    const config = decodeConfig({
      ...COMPUTED_CONFIG,
      selfHandle: 'tcp://*:',
      peersHandle: 'tcp://db:',
    })
    expect(config.members.get(2)).toEqual({
      pid: 2,
      bind: 'tcp://*:5002',
      endpoint: 'tcp://db:5002',
    })
  })

  it('accepts spaces between the pids, other limits, and ipc', () => {
    const handles = { selfHandle: 'ipc:///tmp/n-', peersHandle: 'ipc:///tmp/n-' }
    const config = decodeConfig({ ...COMPUTED_CONFIG, ...handles, peersPid: ' 1, 20 ,3', ttlMs: 5 })
    expect([...config.members.keys()]).toEqual([1, 20, 3])
    expect(config.members.get(20)?.endpoint).toBe('ipc:///tmp/n-5020')
    expect(config.ttlMs).toBe(5)
  })

  it.each([
    [
      { ...COMPUTED_CONFIG, peersPid: '' },
      'peersPid: expected pids between commas, such as "1,2", got ""',
    ],
    [
      { ...COMPUTED_CONFIG, peersPid: 12 },
      'peersPid: expected pids between commas, such as "1,2", got 12',
    ],
    [
      { ...COMPUTED_CONFIG, peersPid: '1,2,' },
      'peersPid[2]: expected an integer from 0 to 2147483647, got ""',
    ],
    [
      { ...COMPUTED_CONFIG, peersPid: '1,-1' },
      'peersPid[1]: expected an integer from 0 to 2147483647, got "-1"',
    ],
    [
      { ...COMPUTED_CONFIG, peersPid: '1,2,1' },
      'peersPid[2]: expected each pid once, got 1 as in peersPid[0]',
    ],
    [
      { ...COMPUTED_CONFIG, peersPid: '1,600', startAddress: 65_000 },
      'peersPid[1]: expected startAddress + pid to be a port from 1 to 65535, got 65000 + 600 = 65600',
    ],
    [
      { ...COMPUTED_CONFIG, peersPid: '0,1', startAddress: 0 },
      'peersPid[0]: expected startAddress + pid to be a port from 1 to 65535, got 0 + 0 = 0',
    ],
    [
      { ...COMPUTED_CONFIG, startAddress: 5000.5 },
      'startAddress: expected an integer from 0 to 9007199254740991, got 5000.5',
    ],
    [
      { ...COMPUTED_CONFIG, selfHandle: 'tcp://127.0.0.1' },
      'selfHandle: expected an address up to its port, such as "tcp://*:", got "tcp://127.0.0.1"',
    ],
    [
      { ...COMPUTED_CONFIG, peersHandle: 'tcp://*:' },
      'peersHandle: expected an address up to its port, such as "tcp://127.0.0.1:", got "tcp://*:"',
    ],
    [
      without('startAddress'),
      'startAddress: expected an integer from 0 to 9007199254740991, got undefined',
    ],
  ])('%j', (json, issue) => {
    expect(issues(json)).toEqual([issue])
  })
})

describe('a list of peers', () => {
  it('binds at `bind`, or else at the endpoint', () => {
    const config = decodeConfig(LIST_CONFIG)
    expect(config.cluster).toBe('orders')
    expect(config.addressing).toBeUndefined()
    expect([...config.members.values()]).toEqual([
      { pid: 1, endpoint: 'tcp://10.0.0.1:5000', bind: 'tcp://*:5000' },
      { pid: 2, endpoint: 'tcp://10.0.0.2:5000', bind: 'tcp://10.0.0.2:5000' },
    ])
  })

  it('reports all problems at once, each with its path', () => {
    const peers = [
      { pid: 'a', endpoint: 'udp://x' },
      { pid: 1, endpoint: 'tcp://10.0.0.1:70000', bnid: 3 },
      { pid: 1, endpoint: 'tcp://A:1' },
      { pid: 2, endpoint: 'tcp://a:01', bind: 'tcp://*:0' },
      7,
    ]
    const json = { peers, bufsize: 5, cluster: '', insecure: 'no', overflow: 'drop' }
    const endpoint =
      'an endpoint such as "tcp://10.0.0.1:5000", "ipc:///tmp/node-1" or "inproc://node-1"'
    expect(issues(json)).toEqual([
      'peers[0].pid: expected an integer from 0 to 2147483647, got "a"',
      `peers[0].endpoint: expected ${endpoint}, got "udp://x"`,
      'peers[1].endpoint: expected a port from 1 to 65535, got 70000 in "tcp://10.0.0.1:70000"',
      'peers[1].bnid: expected no such key, got 3 (did you mean bind?)',
      'peers[4]: expected an object { pid, endpoint, bind?, publicKey? }, got 7',
      'peers[2].pid: expected each pid once, got 1 as in peers[1]',
      'peers[3].endpoint: expected each endpoint once, got "tcp://a:1" as in peers[2]',
      'overflow: expected "drop-newest" or "drop-oldest", got "drop"',
      'cluster: expected a name of 1 to 200 characters, got ""',
      'insecure: expected true or false, got "no"',
      'bufsize: expected no such key, got 5 (did you mean bufSize?)',
    ])
    const { code, message } = clusterErrorOf(() => decodeConfig(json))
    expect(code).toBe('CONFIG_INVALID')
    expect(message).toMatch(/^the config has 11 problems:\n {2}peers\[0\]\.pid: /)
  })

  it.each([
    [
      { peers: [] },
      'peers: expected a list of { pid, endpoint, bind?, publicKey? }, at least one, got an array of 0',
    ],
    [
      { ...LIST_CONFIG, maxMessageBytes: 0 },
      'maxMessageBytes: expected an integer from 1 to 1073741824, got 0',
    ],
    [
      { ...LIST_CONFIG, ttlMs: Infinity },
      'ttlMs: expected an integer from 1 to 2147483647, got Infinity',
    ],
    [{ ...LIST_CONFIG, ttlMs: null }, 'ttlMs: expected an integer from 1 to 2147483647, got null'],
  ])('%j', (json, issue) => {
    expect(issues(json)).toEqual([issue])
  })
})

describe('a file of neither form', () => {
  const forms = 'either peers (a list) or selfHandle, peersPid, peersHandle, startAddress'

  it.each([[], null, 'text', 5, undefined, true].map((json) => [json]))(
    'is refused: %j',
    (json) => {
      expect(issues(json)).toEqual([expect.stringMatching(/^config: expected an object, got /)])
    },
  )

  it('is refused, like a file of both forms', () => {
    expect(issues({ ...COMPUTED_CONFIG, ...LIST_CONFIG })).toEqual([
      `config: expected ${forms}, got both`,
    ])
    expect(issues({ Peers: [], bufSize: 'x' })).toEqual([
      `config: expected ${forms}, got neither`,
      'bufSize: expected an integer from 1 to 2147483647, got "x"',
      'Peers: expected no such key, got an array of 0 (did you mean peers?)',
    ])
  })
})

describe('a hostile file', () => {
  it('changes no prototype through __proto__', () => {
    const text =
      '{"peers":[{"pid":1,"endpoint":"ipc://a","__proto__":{"isAdmin":true}}],"__proto__":{"x":1}}'
    expect(issues(JSON.parse(text))).toEqual([
      'peers[0].__proto__: expected no such key, got an object',
      '__proto__: expected no such key, got an object',
    ])
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
    expect(issues({ ...LIST_CONFIG, constructor: 1, toString: 2 })).toHaveLength(2)
  })

  it('may be nested to any depth, and have any number of keys', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown
    expect(issues({ peers: deep })).toEqual([
      'peers[0]: expected an object { pid, endpoint, bind?, publicKey? }, got an array of 1',
    ])
    const keys = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, 0]))
    const error = clusterErrorOf(() =>
      decodeConfig({ ...LIST_CONFIG, ...keys, ['x'.repeat(1_000)]: 1 }),
    )
    expect(error.issues).toHaveLength(50_001)
    expect(error.message.length).toBeLessThan(4_000)
  })

  it('throws nothing but a ClusterError', () => {
    const key = fc.constantFrom(
      ...Object.keys(COMPUTED_CONFIG),
      'peers',
      'cluster',
      'pid',
      'endpoint',
      '0',
    )
    const thing = fc.anything({ key, withNullPrototype: true, maxDepth: 4 })
    fc.assert(
      fc.property(thing, (json) => {
        try {
          decodeConfig(json)
        } catch (error) {
          expect(error).toBeInstanceOf(ClusterError)
          for (const issue of (error as ClusterError).issues) {
            expect(issue).toMatch(/^.+: expected .+, got .+$/s)
          }
        }
      }),
    )
  })
})

it('a decoded config is frozen', () => {
  const config = decodeConfig(LIST_CONFIG)
  expect(() => Object.assign(config, { cluster: 'x' })).toThrow(TypeError)
  expect(() => (config.members as Map<unknown, unknown>).clear()).toThrow(TypeError)
  expect(() => Object.assign(config.members.get(1) ?? {}, { pid: 5 })).toThrow(TypeError)
})
