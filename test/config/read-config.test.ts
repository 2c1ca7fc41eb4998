/** readConfig: files that are missing, unreadable, too large, not text, not JSON, or wrong. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { COMPUTED_CONFIG } from './sample-configs.ts'
import type { ClusterError } from '../../src/model/cluster-error.ts'
import { join } from 'node:path'
import { readConfig } from '../../src/config/read-config.ts'
import { tmpdir } from 'node:os'

let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'rx-cluster-'))))
afterAll(() => rm(folder, { recursive: true }))

async function file(content: string | Uint8Array): Promise<string> {
  const path = join(folder, 'config.json')
  await writeFile(path, content)
  return path
}

async function rejection(path: string): Promise<ClusterError> {
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
