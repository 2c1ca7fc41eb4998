/** readConfig: files that are missing, unreadable, too large, not text, not JSON, or wrong. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { COMPUTED_CONFIG } from './sample-configs.ts'
import type { ClusterError } from '../../src/model/cluster-error.ts'
import { join } from 'node:path'
import { readConfig } from '../../src/config/read-config.ts'
import { pathToFileURL } from 'node:url'
import { tmpdir } from 'node:os'

let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'rx-cluster-'))))
afterAll(() => rm(folder, { recursive: true }))

async function file(content: string | Uint8Array): Promise<string> {
  const path = join(folder, 'config.json')
  await writeFile(path, content)
  return path
}

async function rejection(path: string | URL): Promise<ClusterError> {
  return readConfig(path).then(
    () => expect.unreachable(),
    (error: ClusterError) => error,
  )
}

it('reads a file, with or without a byte order mark', async () => {
  const text = JSON.stringify(COMPUTED_CONFIG)
  expect((await readConfig(await file(text))).members.size).toBe(2)
  expect((await readConfig(await file(`\ufeff${text}`))).members.size).toBe(2)
})

it('CONFIG_UNREADABLE: a missing file, a folder', async () => {
  const missing = await rejection(join(folder, 'missing.json'))
  expect(missing.code).toBe('CONFIG_UNREADABLE')
  expect(missing.cause).toMatchObject({ code: 'ENOENT' })
  expect(await rejection(folder)).toMatchObject({
    code: 'CONFIG_UNREADABLE',
    cause: { code: 'EISDIR' },
  })
})

it('CONFIG_UNREADABLE: any file over 1 MiB', async () => {
  const padded = JSON.stringify(COMPUTED_CONFIG).padEnd(2 ** 20)
  expect((await readConfig(await file(padded))).members.size).toBe(2)
  expect((await rejection(await file(`${padded} `))).message).toMatch(/larger than 1 MiB/)
  if (process.platform !== 'win32') {
    expect((await rejection('/dev/zero')).code).toBe('CONFIG_UNREADABLE')
  }
})

it('CONFIG_NOT_JSON: with line and column', async () => {
  const error = await rejection(await file('{\n  "peersPid": "1,2",\n}\n'))
  expect(error.code).toBe('CONFIG_NOT_JSON')
  expect(error.message).toMatch(
    /is not JSON: line 3, column 1: Expected double-quoted property name$/,
  )
  expect(error.cause).toBeInstanceOf(SyntaxError)
})

it('CONFIG_NOT_JSON: bytes that are not UTF-8', async () => {
  const error = await rejection(await file(Uint8Array.of(0x7b, 0xff, 0x7d)))
  expect(error).toMatchObject({ code: 'CONFIG_NOT_JSON' })
  expect(error.message).toMatch(/not UTF-8/)
})

it('CONFIG_INVALID: every problem', async () => {
  const error = await rejection(await file('{"peers":[{"pid":1.5,"endpoint":5}],"bufSiz":5}'))
  expect(error).toMatchObject({ code: 'CONFIG_INVALID' })
  expect(error.issues).toHaveLength(3)
})

it('reads a file: URL, and names the URL in errors', async () => {
  const url = pathToFileURL(await file(JSON.stringify(COMPUTED_CONFIG)))
  expect((await readConfig(url)).members.size).toBe(2)
  const missing = await rejection(new URL('missing.json', url))
  expect(missing.code).toBe('CONFIG_UNREADABLE')
  expect(missing.message).toContain(new URL('missing.json', url).href)
  expect((await rejection(new URL('https://example.org/a.json'))).code).toBe('CONFIG_UNREADABLE')
})

it('CONFIG_UNREADABLE: JSON in place of a path', async () => {
  const error = await rejection(JSON.stringify(COMPUTED_CONFIG))
  expect(error.code).toBe('CONFIG_UNREADABLE')
  expect(error.message).toMatch(/^expected the path of a config, got ".{1,90}", which is JSON: /)
  expect(error.message).toMatch(/pass the object: JSON\.parse\(text\)$/)
})

it('CONFIG_INVALID: keys that occur twice in one object, each with line and column', async () => {
  const text = `{
  "cluster": "a", "peers": [
    { "pid": 1, "endpoint": "tcp://127.0.0.1:1", "pid": 2 }
  ],
  "peers": [{ "pid": 2, "endpoint": "tcp://127.0.0.1:\\u0032", "bind": "\\"pid\\": {" }],
  "clust\\u0065r": "b"
}`
  expect(await rejection(await file(text))).toMatchObject({
    code: 'CONFIG_INVALID',
    issues: [
      'line 3, column 50: expected each key once, got "pid" as in line 3, column 7',
      'line 5, column 3: expected each key once, got "peers" as in line 2, column 19',
      'line 6, column 3: expected each key once, got "cluster" as in line 2, column 3',
    ],
  })
})
