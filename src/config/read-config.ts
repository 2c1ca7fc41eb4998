/** Reads a config file. */
import type { Config } from './config.ts'
import { ClusterError } from '../model/cluster-error.ts'
import { decodeConfig, invalidConfig } from './decode-config.ts'
import { duplicateKeys } from './duplicate-keys.ts'
import { describeValue } from '../base/describe-value.ts'
import { describeJsonError } from './json-error.ts'
import { looksSecret } from '../base/secret-text.ts'
import { open } from 'node:fs/promises'

/** A larger file is no config, and is not read. */
const FILE_BYTES_MAX = 2 ** 20

/**
 * Reads and decodes a config file of either form.
 *
 * @param path the path or the `file:` URL of a JSON file of up to 1 MiB
 * @returns rejects with a `ClusterError`: `CONFIG_UNREADABLE` (with its cause), `CONFIG_NOT_JSON`
 *   (with line and column) or `CONFIG_INVALID` (with every problem)
 */
export async function readConfig(path: string | URL): Promise<Config> {
  const name = path instanceof URL ? path.href : path
  if (/^\s*[{[]/.test(name)) throw looksLikeJson(name)
  const text = await readText(path, name)
  try {
    return decodeConfig(parse(name, text))
  } catch (error) {
    if (!(error instanceof ClusterError) || error.code !== 'CONFIG_INVALID') throw error
    const { code, message, issues } = error
    throw new ClusterError(code, `${name}: ${message}`, { issues, cause: error })
  }
}

function looksLikeJson(text: string): ClusterError {
  const advice = 'pass the object: JSON.parse(text)'
  const found = `${describeValue(text)}, which is JSON`
  const message = `expected the path of a config, got ${found}: ${advice}`
  return new ClusterError('CONFIG_UNREADABLE', message)
}

/** The error of the file system would repeat the path. */
function looksLikeSecret(name: string): ClusterError {
  const found = describeValue(name)
  const message = `expected the path of a config, got ${found}: pass the path of a file`
  return new ClusterError('CONFIG_UNREADABLE', message)
}

async function readText(path: string | URL, name: string): Promise<string> {
  const bytes = await readBytes(path).catch((cause: unknown) => {
    if (looksSecret(name)) throw looksLikeSecret(name)
    const reason = cause instanceof Error ? cause.message : String(cause)
    const message = `cannot read the config ${name}: ${reason}: check its path and its permissions`
    throw new ClusterError('CONFIG_UNREADABLE', message, { cause })
  })
  if (bytes.length > FILE_BYTES_MAX) {
    const message = `cannot read the config ${name}: it is larger than 1 MiB`
    throw new ClusterError('CONFIG_UNREADABLE', message)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    const message = `${name} is not JSON: it is not UTF-8 text`
    throw new ClusterError('CONFIG_NOT_JSON', message, { cause })
  }
}

/** Reads the file, or one byte more than the limit. */
async function readBytes(path: string | URL): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const chunks: Uint8Array[] = []
    let remaining = FILE_BYTES_MAX + 1
    while (remaining > 0) {
      const { bytesRead, buffer } = await file.read(new Uint8Array(Math.min(remaining, 65_536)))
      if (bytesRead === 0) break
      chunks.push(buffer.subarray(0, bytesRead))
      remaining -= bytesRead
    }
    return Buffer.concat(chunks)
  } finally {
    await file.close()
  }
}

/** `JSON.parse` takes the last of two equal keys, and says nothing. */
function parse(name: string, text: string): unknown {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    // The error of the parser repeats a part of the text.
    if (looksSecret(text) || /secret/i.test(text)) {
      const [position = 'there'] =
        /^line \d+, column \d+/.exec(describeJsonError(text, cause)) ?? []
      const advice = `correct it (${position}), and keep secrets in files of their own`
      const message = `${name} is not JSON, and may hold a secret: ${advice}`
      throw new ClusterError('CONFIG_NOT_JSON', message)
    }
    const message = `${name} is not JSON: ${describeJsonError(text, cause)}`
    throw new ClusterError('CONFIG_NOT_JSON', message, { cause })
  }
  const duplicates = duplicateKeys(text)
  if (duplicates.length > 0) throw invalidConfig(duplicates)
  return json
}
