/** Public keys in a config, and the keys of one node: what fits together, and what is refused. */
import { COMPUTED_CONFIG, LIST_CONFIG, clusterErrorOf } from './sample-configs.ts'
import type { ConfigInput, ListConfig } from '../../src/config/config-input.ts'
import { describe, expect, it } from 'vitest'
import { formatKey, parseKey } from '../../src/keys/key-text.ts'
import type { ClusterError } from '../../src/model/cluster-error.ts'
import type { ConfigOverrides } from '../../src/config/node-config.ts'
import type { KeyPair } from '../../src/ports/keys.ts'
import type { NodeConfig } from '../../src/config/config.ts'
import { checkPeers } from '../../src/config/check-peers.ts'
import { decodeConfig } from '../../src/config/decode-config.ts'
import { generateClusterSecret } from '../../src/keys/cluster-secret.ts'
import { generateKeyPair } from '../../src/keys/x25519.ts'
import { inspect } from 'node:util'
import { nodeConfig } from '../../src/config/node-config.ts'

const SHARED = generateClusterSecret()
const pairs = Array.from({ length: 5 }, generateKeyPair)
const pairAt = (index: number): KeyPair => pairs[index] ?? generateKeyPair()
const publicKey = (index: number): string => formatKey(pairAt(index).publicKey)
const secretKey = (index: number): string => formatKey(pairAt(index).secretKey)

/** Returns a config whose peer `pid` has the key of that number. */
function keyed(...keys: readonly (unknown | undefined)[]): ListConfig {
  const peers = keys.map((key, index) => ({
    pid: index + 1,
    endpoint: `tcp://10.0.0.${index + 1}:7000`,
    publicKey: key as string | undefined,
  }))
  return { cluster: 'orders', peers }
}

const KEYED = keyed(publicKey(1), publicKey(2), publicKey(3))
const open = (config: ConfigInput, pid: number, options: ConfigOverrides = {}): NodeConfig =>
  nodeConfig(decodeConfig(config), pid, options)

/** Returns the error of a call, which shows no part of a secret. */
function refusal(call: () => unknown): ClusterError {
  const error = clusterErrorOf(call)
  const text = inspect(error, { depth: 5 })
  for (const secret of [...pairs.map((_, index) => secretKey(index)), SHARED.slice(6)]) {
    for (let at = 0; at + 8 <= secret.length; at++) {
      expect(text).not.toContain(secret.slice(at, at + 8))
    }
  }
  return error
}
const issuesOf = (config: unknown): readonly string[] => refusal(() => decodeConfig(config)).issues

describe('a list of peers with public keys', () => {
  it('has one key or several for each', () => {
    const { members } = decodeConfig(keyed(publicKey(1), [publicKey(2), publicKey(3)]))
    expect(members.get(1)?.publicKey).toBe(publicKey(1))
    expect(members.get(2)?.publicKey).toEqual([publicKey(2), publicKey(3)])
    expect(Object.isFrozen(members.get(2)?.publicKey)).toBe(true)
  })

  it.each([
    ['a short text', secretKey(0).slice(1), 'publicKey', 'got a text of 39 characters'],
    ['a secret with a space behind it', `${secretKey(0)} `, 'publicKey', 'a text of 41'],
    ['no Z85', `${secretKey(0).slice(1)}~`, 'publicKey', 'got 40 characters that are none'],
    ['a point of small order', '0'.repeat(40), 'publicKey', 'got 40 characters that are none'],
    ['a number', 5, 'publicKey', 'or a list of 1 to 8 of them, got 5'],
    ['null', null, 'publicKey', 'got null'],
    ['an empty list', [], 'publicKey', 'got an array of 0'],
    ['a list with a number', [publicKey(1), 7], 'publicKey[1]', 'got 7'],
    ['a list with a key twice', [publicKey(1), publicKey(1)], 'publicKey[1]', 'that of [0]'],
  ])('is refused with %s', (_, key, path, part) => {
    const [issue = '', ...others] = issuesOf(keyed(key, publicKey(2)))
    expect(others).toEqual([])
    expect(issue).toMatch(new RegExp(`^peers\\[0\\]\\.${path.replace(/[[\]]/g, '\\$&')}: expected`))
    expect(issue).toContain(part)
  })

  it('has no key twice, and each peer has one or none has', () => {
    expect(issuesOf(keyed(publicKey(1), [publicKey(2), publicKey(1)]))).toEqual([
      'peers[1].publicKey: expected a key of its own, got that of peers[0]',
    ])
    expect(issuesOf(keyed(undefined, publicKey(2), undefined))).toEqual([
      'peers[0].publicKey: expected a public key, because peers[1] has one, got nothing',
      'peers[2].publicKey: expected a public key, because peers[1] has one, got nothing',
    ])
  })

  it.each([
    ['clusterSecret', SHARED],
    ['secretKey', secretKey(0)],
    ['clusterSecretFile', '/run/secrets/orders'],
  ])('has no %s, in either form, and none is shown', (key, value) => {
    for (const form of [LIST_CONFIG, COMPUTED_CONFIG]) {
      const [issue = ''] = issuesOf({ ...form, [key]: value })
      expect(issue).toMatch(new RegExp(`^${key}: expected no secret here, .* RX_CLUSTER_SECRET`))
    }
    const [peer] = LIST_CONFIG.peers
    expect(issuesOf({ peers: [{ ...peer, [key]: value }] })[0]).toContain('expected no secret')
  })

  it('shows no secret in any other place', () => {
    const [peer] = LIST_CONFIG.peers
    issuesOf({ ...LIST_CONFIG, cluster: SHARED.repeat(5), secret_key: secretKey(1) })
    issuesOf({ ...LIST_CONFIG, token: SHARED, key: secretKey(2), ttlMs: secretKey(3) })
    issuesOf({ peers: [{ ...peer, endpoint: secretKey(1), pid: SHARED }] })
    issuesOf(secretKey(1))
  })
})

describe('the keys of a node', () => {
  it('are its own pair and the public keys of its peers', () => {
    const { keys, insecure, peers } = open(KEYED, 2, { secretKey: secretKey(2) })
    expect(formatKey(keys?.pair.publicKey ?? new Uint8Array())).toBe(publicKey(2))
    expect(keys?.publicKeysOf(3)).toEqual([parseKey(publicKey(3))])
    expect(keys?.publicKeysOf(2)).toEqual([parseKey(publicKey(2))])
    // Keys protect addresses that other machines reach.
    expect(insecure).toBe(false)
    expect(peers.get(3)).toEqual({
      pid: 3,
      endpoint: 'tcp://10.0.0.3:7000',
      publicKey: publicKey(3),
    })
  })

  it('are either pair of a node whose key is rotated', () => {
    const rotated = keyed(publicKey(1), [publicKey(2), publicKey(4)])
    for (const index of [2, 4]) {
      const { keys } = open(rotated, 2, { secretKey: secretKey(index) })
      expect(keys?.pair.publicKey).toEqual(pairAt(index).publicKey)
    }
  })

  it.each([
    ['a list', LIST_CONFIG],
    ['computed addresses', { ...COMPUTED_CONFIG, selfHandle: 'tcp://*:', cluster: 'orders' }],
  ])('are derived from the secret of the cluster, with %s', (_, config) => {
    const one = open(config, 1, { clusterSecret: SHARED }).keys
    const two = open(config, 2, { clusterSecret: SHARED }).keys
    if (one === undefined || two === undefined) throw new Error('no keys')
    expect(two.publicKeysOf(1)).toEqual([one.pair.publicKey])
    expect(two.sharedSecret(one.pair.publicKey)).toEqual(one.sharedSecret(two.pair.publicKey))
  })

  it('are none without a secret and without public keys', () => {
    expect(open({ ...LIST_CONFIG, insecure: true }, 1).keys).toBeUndefined()
  })

  it.each<[string, ConfigInput, ConfigOverrides, string, string]>([
    ['no secret', KEYED, {}, 'KEYS_MISSING', 'node 1 has no secret key: pass secretKeyFile'],
    ['no secret, insecure', KEYED, { insecure: true }, 'KEYS_MISSING', 'RX_CLUSTER_KEY_FILE'],
    [
      'a secret key for a list without keys',
      LIST_CONFIG,
      { secretKey: secretKey(1) },
      'KEYS_MISSING',
      'as rx-cluster keygen --cluster does',
    ],
    [
      'a secret key for computed addresses',
      COMPUTED_CONFIG,
      { secretKey: secretKey(1) },
      'KEYS_MISSING',
      'use clusterSecretFile',
    ],
    [
      'a cluster secret for a list with keys',
      KEYED,
      { clusterSecret: SHARED },
      'KEYS_CONFLICT',
      'remove every publicKey',
    ],
    [
      'both kinds',
      KEYED,
      { clusterSecret: SHARED, secretKey: secretKey(1) },
      'KEYS_CONFLICT',
      'secretKey and clusterSecret are given',
    ],
    [
      'the public key as the secret key',
      KEYED,
      { secretKey: publicKey(1) },
      'KEY_IS_PUBLIC',
      'was given the public key of pid 1',
    ],
    [
      'the public key of another pid',
      KEYED,
      { secretKey: publicKey(3) },
      'KEY_IS_PUBLIC',
      'was given the public key of pid 3',
    ],
    [
      'the key of another pid',
      KEYED,
      { secretKey: secretKey(2) },
      'KEY_MISMATCH',
      'that of pid 2, and the config has',
    ],
    [
      'a key of no pid',
      KEYED,
      { secretKey: secretKey(4) },
      'KEY_MISMATCH',
      'which the config lists for no pid',
    ],
    ['half a key', KEYED, { secretKey: secretKey(1).slice(9) }, 'KEY_INVALID', '31 characters'],
    ['an empty key', KEYED, { secretKey: '' }, 'KEY_INVALID', 'got 0 characters'],
    [
      'the secret of a cluster as a key',
      KEYED,
      { secretKey: SHARED },
      'KEY_INVALID',
      'use clusterSecret',
    ],
    [
      'a password as the secret of a cluster',
      LIST_CONFIG,
      { clusterSecret: secretKey(3) },
      'CLUSTER_SECRET_INVALID',
      'use secretKey or secretKeyFile',
    ],
    [
      'the secret of a cluster with more behind it',
      LIST_CONFIG,
      { clusterSecret: `${SHARED}\n` },
      'CLUSTER_SECRET_INVALID',
      'got 50 characters',
    ],
    ['a file for openNode', KEYED, { secretKeyFile: '/k' }, 'CONFIG_INVALID', 'use createNode'],
    [
      'an option that is misspelt',
      KEYED,
      { secretkey: secretKey(1) } as ConfigOverrides,
      'CONFIG_INVALID',
      'secretkey: expected no such key (did you mean secretKey?)',
    ],
  ])('are refused with %s', (_, config, options, code, part) => {
    const error = refusal(() => open(config, 1, options))
    expect(error.code).toBe(code)
    expect(error.message).toContain(part)
  })
})

describe('without keys', () => {
  const remote: ConfigInput = {
    peers: [
      { pid: 1, endpoint: 'tcp://127.0.0.1:7000' },
      { pid: 2, endpoint: 'tcp://orders-2:7000' },
      { pid: 3, endpoint: 'ipc:///tmp/three' },
    ],
  }

  it('a node connects to this machine only, unless insecure is true', () => {
    const { code, message } = refusal(() => open(remote, 1))
    expect(code).toBe('INSECURE_CONNECT')
    expect(message).toMatch(/^node 1 would connect to tcp:\/\/orders-2:7000, .*"insecure": true/)
    expect(open(remote, 1, { insecure: true }).insecure).toBe(true)
    expect(open({ ...remote, insecure: true }, 1).insecure).toBe(true)
    expect(open(remote, 1, { clusterSecret: SHARED }).keys).toBeDefined()
  })

  it('the same holds for peers that are added', () => {
    const peers = new Map([
      [2, { pid: 2, endpoint: 'tcp://192.168.0.9:7000' }],
      [3, { pid: 3, endpoint: 'tcp://localhost:7000' }],
    ])
    const [issue = '', ...others] = checkPeers(peers, { pid: 1, insecure: false })
    expect(others).toEqual([])
    expect(issue).toContain('peers[2].endpoint: expected one of this machine, got "tcp://192.168')
    expect(checkPeers(peers, { pid: 1, insecure: true })).toEqual([])
  })
})

describe('the keys of peers that are added', () => {
  const rules = open(KEYED, 1, { secretKey: secretKey(1) })
  const derived = open(LIST_CONFIG, 1, { clusterSecret: SHARED })
  const problems = (
    keys: readonly unknown[],
    of: NodeConfig | { pid: 1; insecure: true } = rules,
  ) =>
    checkPeers(
      new Map(
        keys.map((key, index) => [
          index + 2,
          {
            pid: index + 2,
            endpoint: `tcp://10.0.0.${index + 2}:7000`,
            ...(key === undefined ? {} : { publicKey: key as string }),
          },
        ]),
      ),
      of,
    )

  it('are one for each peer, its own', () => {
    expect(problems([publicKey(2), [publicKey(3), publicKey(4)]])).toEqual([])
    expect(problems([publicKey(2), [publicKey(3), publicKey(2)]])).toEqual([
      'peers[3].publicKey: expected a key of its own, got that of pid 2',
    ])
    expect(problems([publicKey(1)])).toEqual([
      'peers[2].publicKey: expected a key of its own, got that of pid 1',
    ])
    expect(problems([undefined])[0]).toMatch(/^peers\[2\]\.publicKey: expected a public key .*got/)
    expect(problems([[publicKey(2), 'x']])[0]).toMatch(/^peers\[2\]\.publicKey\[1\]: expected/)
  })

  it('are none where all are derived, and where the node has none', () => {
    expect(problems([undefined], derived)).toEqual([])
    expect(problems([publicKey(2)], derived)).toEqual([
      'peers[2].publicKey: expected none, because all keys are derived',
    ])
    expect(problems([publicKey(2)], { pid: 1, insecure: true })).toEqual([
      'peers[2].publicKey: expected none, because this node has no keys',
    ])
  })
})
