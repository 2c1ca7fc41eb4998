/** `rx-cluster keygen`, and what `check` says of keys. */
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { command, directory } from './command.ts'
import { describe, expect, it } from 'vitest'
import { keyPairOf } from '../../src/keys/x25519.ts'
import { fingerprint, formatKey, parseKey } from '../../src/keys/key-text.ts'
import { join } from 'node:path'

const PEERS = [1, 2].map((pid) => ({ pid, endpoint: `tcp://10.0.0.${pid}:7000` }))
const publicOf = (secretKey: string): Uint8Array =>
  keyPairOf(parseKey(secretKey.trim()) ?? new Uint8Array(32)).publicKey

describe('keygen', () => {
  it('prints the public key of a pair, and writes the secret one for its owner only', async () => {
    await using files = await directory()
    const path = join(files.path, 'node-1.key')
    const { code, out, err } = await command('keygen', '--out', path)
    const secretKey = await readFile(path, 'utf8')
    expect(code).toBe(0)
    expect(out).toBe(formatKey(publicOf(secretKey)))
    expect(err).not.toContain(secretKey.trim())
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const again = await command('keygen', '--out', path)
    expect([again.code, again.out]).toEqual([1, ''])
    expect(again.err).toContain('is a file already, and is not overwritten')
    expect(await readFile(path, 'utf8')).toBe(secretKey)
  })

  it('gives every pid of a config a key, which check shows by its fingerprint', async () => {
    await using files = await directory({ 'c.json': { cluster: 'orders', peers: PEERS } })
    const config = join(files.path, 'c.json')
    const dir = join(files.path, 'keys')
    expect((await command('check', config)).code).toBe(4)
    const { code, out } = await command('keygen', '--cluster', config, '--dir', dir, '--write')
    expect([code, out]).toEqual([0, ''])
    const checked = await command('check', config, '--key', join(dir, 'node-2.key'))
    expect(checked.code).toBe(0)
    for (const pid of [1, 2]) {
      const secretKey = await readFile(join(dir, `node-${pid}.key`), 'utf8')
      expect(checked.out).toContain(`  ${pid}  ${fingerprint(publicOf(secretKey))}`)
      expect(checked.out).not.toContain(secretKey.trim())
    }
    const again = await command('keygen', '--cluster', config, '--dir', join(files.path, 'other'))
    expect(again.err).toContain('has public keys already')
    await chmod(join(dir, 'node-2.key'), 0o644)
    const exposed = await command('check', config, '--key', join(dir, 'node-2.key'))
    expect([exposed.code, exposed.out]).toEqual([3, ''])
    expect(exposed.err).toContain('KEY_FILE_EXPOSED')
    const none = await command('up', config, '1')
    expect(none.code).toBe(3)
    expect(none.err).toContain('KEYS_MISSING')
  })

  it('creates the secret of a cluster, from which check derives every key', async () => {
    const computed = {
      selfHandle: 'tcp://*:',
      peersPid: '1,2',
      peersHandle: 'tcp://10.0.0.1:',
      startAddress: 5000,
    }
    await using files = await directory({ 'c.json': computed })
    const config = join(files.path, 'c.json')
    const path = join(files.path, 'orders.secret')
    const { code, out } = await command('keygen', '--shared', '--out', path)
    expect([code, out]).toEqual([0, ''])
    const checked = await command('check', config, '--secret', path)
    expect(checked.code).toBe(0)
    expect(checked.out.match(/  [12]  ([0-9a-f]{4}:){4}[0-9a-f]{4}/g)).toHaveLength(2)
    expect(checked.out).not.toContain((await readFile(path, 'utf8')).trim())
    const all = await command('keygen', '--cluster', config)
    expect(all.err).toContain('computed addresses: use keygen --shared')
    const inConfig = { ...computed, clusterSecret: (await readFile(path, 'utf8')).trim() }
    await writeFile(config, JSON.stringify(inConfig))
    const refused = await command('check', config)
    expect(refused.code).toBe(3)
    expect(refused.err).toContain('clusterSecret: expected no secret here')
    expect(refused.err).not.toContain('rxcs1_')
  })

  it('leaves no key behind where one cannot be written', async () => {
    await using files = await directory({ 'c.json': { peers: PEERS }, 'node-2.key': 'mine' })
    const result = await command(
      'keygen',
      '--cluster',
      join(files.path, 'c.json'),
      '--dir',
      files.path,
    )
    expect(result.code).toBe(1)
    await expect(stat(join(files.path, 'node-1.key'))).rejects.toThrow('ENOENT')
    expect(await readFile(join(files.path, 'node-2.key'), 'utf8')).toBe('mine')
  })

  it.each([
    [['--dir', 'x']],
    [['--cluster', 'c.json', '--shared']],
    [['--cluster', 'c.json', '--out', 'x']],
  ])('refuses %j with 2', async (args) => {
    expect((await command('keygen', ...args)).code).toBe(2)
  })
})
