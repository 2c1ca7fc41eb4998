/** Secrets in files and variables: permissions, symbolic links, and messages without any secret. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { ClusterError } from '../../src/model/cluster-error.ts'
import type { SecretSources } from '../../src/keys/read-secrets.ts'
import { execFileSync } from 'node:child_process'
import { formatKey } from '../../src/keys/key-text.ts'
import { generateClusterSecret } from '../../src/keys/cluster-secret.ts'
import { generateKeyPair } from '../../src/keys/x25519.ts'
import { inspect } from 'node:util'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { readSecrets } from '../../src/keys/read-secrets.ts'
import { tmpdir } from 'node:os'

const KEY = formatKey(generateKeyPair().secretKey)
const SHARED = generateClusterSecret()
const IS_ROOT = process.getuid?.() === 0

let directory: string
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'rx-cluster-'))))
afterEach(() => rm(directory, { recursive: true, force: true }))

async function fileWith(text: string, mode = 0o600): Promise<string> {
  const path = join(directory, `key-${mode}`)
  await writeFile(path, text)
  await chmod(path, mode)
  return path
}

async function errorOf(
  sources: SecretSources,
  variables: Readonly<Record<string, string>> = {},
): Promise<ClusterError> {
  const error: unknown = await readSecrets(sources, variables).catch((caught: unknown) => caught)
  if (!(error instanceof ClusterError)) throw new Error('no ClusterError')
  // No part of a secret, wherever an error may show one: message, issues, stack and cause.
  const text = inspect(error, { depth: 5 })
  for (const secret of [KEY, SHARED]) {
    for (let at = 0; at + 8 <= secret.length; at++) {
      expect(text.replaceAll('rxcs1_ and', '')).not.toContain(secret.slice(at, at + 8))
    }
  }
  return error
}

describe('a file with a secret', () => {
  it.each([0o400, 0o440, 0o600, 0o640, 0o700])('with the mode %o is read', async (mode) => {
    expect(await readSecrets({ secretKeyFile: await fileWith(KEY, mode) }, {})).toEqual({
      secretKey: KEY,
    })
  })

  it.each([
    [0o644, 'read'],
    [0o604, 'read'],
    [0o602, 'change'],
    [0o660, 'change'],
    [0o620, 'change'],
    [0o777, 'read'],
  ])('with the mode %o is refused', async (mode, verb) => {
    const path = await fileWith(KEY, mode)
    const { code, message } = await errorOf({ secretKeyFile: path })
    expect(code).toBe('KEY_FILE_EXPOSED')
    expect(message).toContain(`${path} has the mode 0${mode.toString(8)}`)
    expect(message).toContain(`may ${verb} it: chmod 600`)
    expect((await errorOf({ clusterSecretFile: path })).code).toBe('KEY_FILE_EXPOSED')
  })

  it('may be behind symbolic links, as in Kubernetes: the mode of the file counts', async () => {
    await mkdir(join(directory, '..2026'))
    await writeFile(join(directory, '..2026', 'key'), `${SHARED}\n`, { mode: 0o440 })
    await symlink('..2026', join(directory, '..data'))
    const link = join(directory, 'key')
    await symlink(join('..data', 'key'), link)
    const secrets = { clusterSecret: SHARED }
    expect(await readSecrets({ clusterSecretFile: link }, {})).toEqual(secrets)
    await chmod(link, 0o644)
    expect((await errorOf({ clusterSecretFile: link })).code).toBe('KEY_FILE_EXPOSED')
  })

  it('is a path or a file: URL, and may end with the end of a line', async () => {
    for (const end of ['', '\n', '\r\n']) {
      const path = await fileWith(`${KEY}${end}`)
      expect(await readSecrets({ secretKeyFile: path }, {})).toEqual({ secretKey: KEY })
      const url = pathToFileURL(path)
      expect(await readSecrets({ secretKeyFile: url }, {})).toEqual({ secretKey: KEY })
    }
  })

  it.each([
    ['nothing', '', /got 0 characters$/],
    ['two lines', `${KEY}\n\n`, /got 41 characters$/],
    ['a space in front', ` ${KEY}`, /got 41 characters$/],
    ['half a key', KEY.slice(20), /got 20 characters$/],
    ['no Z85', `${KEY.slice(1)}~`, /got 40 characters that are not Z85$/],
    ['a key in hexadecimal', 'ab'.repeat(32), /got 64 characters$/],
    ['the secret of a cluster', SHARED, /the secret of a cluster: use clusterSecret or/],
    ['more than a secret', KEY.repeat(1_000), /got 1024 characters$/],
  ])('with %s has no secret key', async (_, text, pattern) => {
    const path = await fileWith(text)
    const { code, message } = await errorOf({ secretKeyFile: path })
    expect(code).toBe('KEY_INVALID')
    expect(message).toContain(path)
    expect(message).toMatch(pattern)
  })

  it('with a key of one node has no cluster secret', async () => {
    const { code, message } = await errorOf({ clusterSecretFile: await fileWith(KEY) })
    expect(code).toBe('CLUSTER_SECRET_INVALID')
    expect(message).toContain('a key of one node: use secretKey or secretKeyFile')
    const path = await fileWith('a password')
    expect((await errorOf({ clusterSecretFile: path })).code).toBe('CLUSTER_SECRET_INVALID')
  })

  it('that cannot be read is named, with the reason', async () => {
    const missing = join(directory, 'none')
    const error = await errorOf({ secretKeyFile: missing })
    expect(error.code).toBe('KEY_FILE_UNREADABLE')
    expect(error.message).toContain(`cannot read the key file ${missing}: ENOENT`)
    expect(error.cause).toMatchObject({ code: 'ENOENT' })
    const folder = await errorOf({ secretKeyFile: directory })
    expect(folder.message).toContain('it is not a regular file')
    if (IS_ROOT) return
    const closed = await fileWith(KEY, 0o000)
    expect((await errorOf({ secretKeyFile: closed })).message).toContain('EACCES')
  })

  it('that is a pipe without a writer does not block', async () => {
    const path = join(directory, 'pipe')
    execFileSync('mkfifo', ['-m', '600', path])
    expect((await errorOf({ secretKeyFile: path })).message).toContain('not a regular file')
  })

  it.each([[{ secretKeyFile: KEY }], [{ clusterSecretFile: SHARED }]])(
    'is not named where its path is a secret by mistake',
    async (sources) => {
      const { code, message } = await errorOf(sources)
      expect(code).toBe('KEY_FILE_UNREADABLE')
      expect(message).toContain('pass the path of a file, not the secret itself')
    },
  )
})

describe('the secret of a node', () => {
  it('is what the options say, or what a variable names', async () => {
    const path = await fileWith(KEY)
    const shared = await fileWith(SHARED, 0o400)
    const variables = { RX_CLUSTER_KEY_FILE: path }
    expect(await readSecrets({}, {})).toEqual({})
    expect(await readSecrets({}, { RX_CLUSTER_KEY_FILE: '' })).toEqual({})
    expect(await readSecrets({}, variables)).toEqual({ secretKey: KEY })
    const fromVariable = await readSecrets({}, { RX_CLUSTER_SECRET_FILE: shared })
    expect(fromVariable).toEqual({ clusterSecret: SHARED })
    expect(await readSecrets({ clusterSecret: SHARED }, variables)).toEqual({
      clusterSecret: SHARED,
    })
    expect(await readSecrets({ secretKeyFile: undefined }, variables)).toEqual({ secretKey: KEY })
  })

  it.each([
    [{ secretKey: KEY, clusterSecret: SHARED }, {}, 'secretKey and clusterSecret are'],
    [{ secretKey: KEY, secretKeyFile: '/k' }, {}, 'secretKey and secretKeyFile are'],
    [
      {},
      { RX_CLUSTER_KEY_FILE: '/a', RX_CLUSTER_SECRET_FILE: '/b' },
      'RX_CLUSTER_KEY_FILE and RX_CLUSTER_SECRET_FILE are',
    ],
  ])('is one: %#', async (sources, variables, part) => {
    const { code, message } = await errorOf(sources, variables as Record<string, string>)
    expect(code).toBe('KEYS_CONFLICT')
    expect(message).toContain(part)
  })
})
