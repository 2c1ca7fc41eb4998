/** createNode over real sockets: its arguments, and what its errors advise. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ConfigInput } from '../../src/config/config-input.ts'
import { createNode } from '../../src/node/create-node.ts'
import { isClusterError } from '../../src/model/cluster-error.ts'

let directory: string
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'rx-cluster-'))))
afterEach(() => rm(directory, { recursive: true, force: true }))

const configWith = (endpoint: string, bind?: string): ConfigInput => ({
  peers: [{ pid: 1, endpoint, bind }],
  insecure: true,
})

/** Returns the text of the error that `createNode` rejects with. */
async function errorText(config: unknown, pid: unknown = 1): Promise<string> {
  try {
    await (await createNode(config as ConfigInput, pid as number)).close()
  } catch (error) {
    if (!isClusterError(error)) throw error
    return `${error.code}: ${error.message}`
  }
  return 'no error'
}

describe('createNode', () => {
  it('takes a path, a file: URL and an object', async () => {
    const config = configWith(`ipc://${directory}/1`)
    const path = join(directory, 'config.json')
    await writeFile(path, JSON.stringify({ $schema: './config.schema.json', ...config }))
    for (const source of [path, pathToFileURL(path), config]) {
      const node = await createNode(source, 1)
      expect(node.pid).toBe(1)
      await node.close()
    }
  })

  it('says what to pass for a pid that is text, or missing', async () => {
    const config = configWith(`ipc://${directory}/1`)
    expect(await errorText(config, '1')).toMatch(/^INVALID_ARGUMENT: pid: .* got "1": pass Number/)
    const missing = await createNode(config, undefined as never).catch(String)
    expect(missing).toMatch(/\[INVALID_ARGUMENT\].*got nothing/)
  })

  it('says that JSON is no path', async () => {
    const text = JSON.stringify(configWith(`ipc://${directory}/1`))
    expect(await errorText(text)).toMatch(/^CONFIG_UNREADABLE: .*JSON\.parse\(text\)$/)
  })
})

describe('an address that cannot be bound', () => {
  it.each([
    ['tcp://node-1.invalid:6351', 'node-1.invalid'],
    // TEST-NET-1 of RFC 5737: no machine has it.
    ['tcp://192.0.2.1:6351', '192.0.2.1'],
  ])(
    'is not an address of this machine: %s, and the error advises bind',
    async (endpoint, host) => {
      const text = await errorText(configWith(endpoint))
      expect(text).toMatch(/^BIND_FAILED: cannot listen at tcp:/)
      expect(text).toContain(`${host} is not an address of this machine: set bind of this node`)
      expect(text).toContain('"tcp://*:6351"')
    },
  )

  it('is in a directory that does not exist, which the error names', async () => {
    const text = await errorText(configWith(`ipc://${directory}/none/1`))
    expect(text).toContain(`the directory ${directory}/none does not exist: create it first`)
  })

  it('is a path that is too long, and the error counts its bytes', async () => {
    const text = await errorText(configWith(`ipc:///tmp/${'p'.repeat(120)}`))
    expect(text).toMatch(
      /^CONFIG_INVALID: .*peers\[0\]\.endpoint: expected a path of at most 107 bytes, got 125 bytes/s,
    )
  })
})

it('advises what to do where ZeroMQ cannot be loaded: a bundle, or another platform', async () => {
  vi.resetModules()
  vi.doMock('../../src/transports/zmq/zmq-transport.ts', () => {
    throw new Error('no addon')
  })
  const fresh = await import('../../src/node/create-node.ts')
  const failed = await fresh.createNode(configWith(`ipc://${directory}/1`), 1).catch(String)
  vi.doUnmock('../../src/transports/zmq/zmq-transport.ts')
  vi.resetModules()
  expect(failed).toMatch(/\[TRANSPORT_UNAVAILABLE\].*mark zeromq as external where .* is bundled/)
  expect(failed).toMatch(/install zeromq again on this platform/)
})
