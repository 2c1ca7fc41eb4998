/** Reads a config file. */
import type { Config } from './config.ts'
import { ClusterError } from '../model/cluster-error.ts'
import { decodeConfig } from './decode-config.ts'
import { describeJsonError } from './json-error.ts'
import { open } from 'node:fs/promises'

/** A larger file is no config, and is not read. */
const FILE_BYTES_MAX = 2 ** 20

/**
 * Reads and decodes a config file of either form.
 *
 * @param path of a JSON file of up to 1 MiB
 * @returns rejects with a `ClusterError`: `CONFIG_UNREADABLE` (with its cause), `CONFIG_NOT_JSON`
 *   (with line and column) or `CONFIG_INVALID` (with every problem)
 */
export async function readConfig(path: string): Promise<Config> {
  return decodeConfig(parse(path, await readText(path)))
}

async function readText(path: string): Promise<string> {
  const bytes = await readBytes(path).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ClusterError('CONFIG_UNREADABLE', `cannot read the config ${path}: ${reason}`, {
      cause,
    })
  })
  if (bytes.length > FILE_BYTES_MAX) {
    const message = `cannot read the config ${path}: it is larger than 1 MiB`
    throw new ClusterError('CONFIG_UNREADABLE', message)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    const message = `${path} is not JSON: it is not UTF-8 text`
    throw new ClusterError('CONFIG_NOT_JSON', message, { cause })
  }
}

/** Reads the file, or one byte more than the limit. */
async function readBytes(path: string): Promise<Uint8Array> {
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

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const message = `${path} is not JSON: ${describeJsonError(text, cause)}`
    throw new ClusterError('CONFIG_NOT_JSON', message, { cause })
  }
}
