/** Keys of a node: they follow its peers, and a secret that cannot be used is refused at start. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { formatKey, parseKey } from '../../src/keys/key-text.ts'
import type { KeyPair } from '../../src/ports/keys.ts'
import { World } from './world.ts'
import { createNode } from '../../src/node/create-node.ts'
import { decodeConfig } from '../../src/config/decode-config.ts'
import { generateClusterSecret } from '../../src/keys/cluster-secret.ts'
import { generateKeyPair } from '../../src/keys/x25519.ts'
import { inspect } from 'node:util'
import { isClusterError } from '../../src/model/cluster-error.ts'
import { join } from 'node:path'
import { nodeConfig } from '../../src/config/node-config.ts'
import { openConfigured } from '../../src/node/open-configured.ts'
import { openNode } from '../../src/node/open-node.ts'
import { tmpdir } from 'node:os'

const pairs = Array.from({ length: 5 }, generateKeyPair)
const pairAt = (index: number): KeyPair => pairs[index] ?? generateKeyPair()
const publicKey = (index: number): string => formatKey(pairAt(index).publicKey)
const secretKey = (index: number): string => formatKey(pairAt(index).secretKey)
const bytes = (index: number): Uint8Array | undefined => parseKey(publicKey(index))
const endpoint = (pid: number): string => `tcp://127.0.0.1:${5000 + pid}`
const configOf = (...pids: readonly number[]) => ({
  peers: pids.map((pid) => ({ pid, endpoint: endpoint(pid), publicKey: publicKey(pid) })),
})

describe('the keys of a node', () => {
  const world = new World()
  const config = nodeConfig(decodeConfig(configOf(1, 2)), 1, { secretKey: secretKey(1) })
  const node = openConfigured(config, world.environment, world.transport())
  const keysOf = (pid: number): readonly Uint8Array[] | undefined => config.keys?.publicKeysOf(pid)

  it('are those of the config at first', () => {
    expect(keysOf(2)).toEqual([bytes(2)])
    expect(node.peers.value.get(2)).toEqual({
      pid: 2,
      endpoint: endpoint(2),
      publicKey: publicKey(2),
    })
  })

  it('follow addPeer and removePeer', () => {
    node.addPeer({ pid: 3, endpoint: endpoint(3), publicKey: publicKey(3) })
    expect(keysOf(3)).toEqual([bytes(3)])
    expect(node.peers.value.get(3)?.publicKey).toBe(publicKey(3))
    node.removePeer(2)
    expect(keysOf(2)).toEqual([])
    // A bare pid has the key of the config.
    node.addPeer(2)
    expect(keysOf(2)).toEqual([bytes(2)])
  })

  it('change without any effect on the link', () => {
    const before = node.links.value.get(3)
    const rotated = [publicKey(3), publicKey(4)]
    node.addPeer({ pid: 3, endpoint: endpoint(3), publicKey: rotated })
    expect(keysOf(3)).toEqual([bytes(3), bytes(4)])
    expect(node.peers.value.get(3)?.publicKey).toEqual(rotated)
    expect(node.links.value.get(3)).toBe(before)
  })

  it('follow peers.next', () => {
    const peers = new Map([[3, { pid: 3, endpoint: endpoint(3), publicKey: publicKey(4) }]])
    node.peers.next(peers)
    expect([keysOf(2), keysOf(3)]).toEqual([[], [bytes(4)]])
  })

  it('are refused where they are wrong, and nothing changes', () => {
    const wrong = [
      { pid: 5, endpoint: endpoint(5) },
      { pid: 5, endpoint: endpoint(5), publicKey: publicKey(4) },
      { pid: 5, endpoint: endpoint(5), publicKey: publicKey(1) },
      { pid: 5, endpoint: endpoint(5), publicKey: 'x' },
    ]
    for (const peer of wrong) {
      expect(() => node.addPeer(peer)).toThrow(/peers\[5\]\.publicKey: expected/)
      expect(() =>
        node.peers.next(
          new Map([
            [4, { ...peer, pid: 4 }],
            [5, peer],
          ]),
        ),
      ).toThrow(/publicKey: expected/)
    }
    expect([...node.peers.value.keys()]).toEqual([3])
    expect(keysOf(3)).toEqual([bytes(4)])
  })

  it('are not shown where the node or its config is printed', () => {
    const text = inspect([node, config], { depth: 8 })
    expect(text).not.toContain('secretKey')
    expect(text).not.toContain(secretKey(1))
  })
})

describe('openNode', () => {
  const world = new World()
  const options = { environment: world.environment, transport: world.transport() }
  const config = { peers: [1, 2].map((pid) => ({ pid, endpoint: endpoint(pid) })) }

  it('without keys adds peers of this machine only', () => {
    const node = openNode(config, 1, options)
    const peer = { pid: 3, endpoint: 'tcp://10.0.0.3:7000' }
    expect(() => node.addPeer(peer)).toThrow(/there are no keys: give every node keys/)
    expect(() => node.peers.next(new Map([[3, peer]]))).toThrow(/PEER_INVALID|no keys/)
    const keyed = { pid: 3, endpoint: endpoint(3), publicKey: publicKey(3) }
    expect(() => node.addPeer(keyed)).toThrow(/this node has no keys/)
    expect([...node.peers.value.keys()]).toEqual([2])
  })

  it('with a cluster secret adds any peer, without a key of its own', () => {
    const node = openNode(config, 2, { ...options, clusterSecret: generateClusterSecret() })
    node.addPeer({ pid: 3, endpoint: 'tcp://10.0.0.3:7000' })
    expect(node.peers.value.has(3)).toBe(true)
  })
})

describe('createNode', () => {
  let directory: string
  beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'rx-cluster-'))))
  afterEach(() => rm(directory, { recursive: true, force: true }))
  afterEach(() => vi.unstubAllEnvs())

  const create = async (options: object): Promise<unknown> => {
    // A transport that counts: nothing is bound before the keys are checked.
    const transport = { bind: vi.fn(), connect: vi.fn() }
    const error: unknown = await createNode(configOf(1, 2), 1, { transport, ...options } as never)
      .then((node) => node.close())
      .catch((caught: unknown) => caught)
    expect(transport.bind).not.toHaveBeenCalled()
    return isClusterError(error) ? error.code : error
  }

  it('refuses a secret before anything is bound', async () => {
    const path = join(directory, 'key')
    expect(await create({})).toBe('KEYS_MISSING')
    expect(await create({ secretKeyFile: path })).toBe('KEY_FILE_UNREADABLE')
    expect(await create({ secretKey: secretKey(2) })).toBe('KEY_MISMATCH')
    expect(await create({ secretKey: publicKey(1) })).toBe('KEY_IS_PUBLIC')
    expect(await create({ secretKey: 7 })).toBe('INVALID_ARGUMENT')
    expect(await create({ secretKeyFile: 7 })).toBe('INVALID_ARGUMENT')
    await writeFile(path, secretKey(1), { mode: 0o600 })
    await chmod(path, 0o644)
    expect(await create({ secretKeyFile: path })).toBe('KEY_FILE_EXPOSED')
    vi.stubEnv('RX_CLUSTER_KEY_FILE', path)
    expect(await create({})).toBe('KEY_FILE_EXPOSED')
    vi.stubEnv('RX_CLUSTER_SECRET_FILE', path)
    expect(await create({})).toBe('KEYS_CONFLICT')
  })

  it('says for a secret instead of a config what is expected, without the secret', async () => {
    const path = join(directory, 'key')
    const shared = generateClusterSecret()
    const shown = async (config: string): Promise<string> =>
      inspect(await createNode(config, 1).catch((error: unknown) => error), { depth: 5 })
    const files = [
      [secretKey(1), secretKey(1)],
      [shared, shared],
      [`{"clusterSecret": "${shared}",}`, shared],
    ] as const
    for (const [index, [text, secret]] of files.entries()) {
      await writeFile(`${path}-${index}`, text)
      const error = await shown(`${path}-${index}`)
      expect(error).toContain('CONFIG_NOT_JSON')
      for (let at = 6; at + 6 <= secret.length; at++) {
        expect(error).not.toContain(secret.slice(at, at + 6))
      }
    }
    expect(await shown(shared)).not.toContain(shared.slice(10, 20))
  })
})
