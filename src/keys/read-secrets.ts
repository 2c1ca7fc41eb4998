/** Reads the secret of a node or of its cluster from a file that no other user may read. */
import { ClusterError } from '../model/cluster-error.ts'
import { type FileHandle, open } from 'node:fs/promises'
import { constants } from 'node:fs'
import { describeHidden, looksSecret } from '../base/secret-text.ts'
import { parseClusterSecret } from './cluster-secret.ts'
import { clusterSecretProblem, secretKeyProblem } from './secret-problems.ts'
import { parseKey } from './key-text.ts'

/** Where the secrets of a node are: of each kind a text or a file. */
export interface SecretSources {
  readonly secretKey?: string | undefined
  readonly secretKeyFile?: string | URL | undefined
  readonly clusterSecret?: string | undefined
  readonly clusterSecretFile?: string | URL | undefined
}

/** The secret of a node: at most one of both kinds. */
export interface Secrets {
  readonly secretKey?: string | undefined
  readonly clusterSecret?: string | undefined
}

/** The variables of the environment that name the files of a node which is given no secret. */
export const SECRET_VARIABLES = {
  secretKeyFile: 'RX_CLUSTER_KEY_FILE',
  clusterSecretFile: 'RX_CLUSTER_SECRET_FILE',
} as const

/** What is longer than this is no secret, and is not read. */
const FILE_BYTES_MAX = 1_024
/** Bits of a mode: others may read or write, the group may write. */
const EXPOSED_MODE = 0o026

/**
 * Returns the secrets that options name, and reads their files. Without options the environment
 * names the file, in RX_CLUSTER_KEY_FILE or RX_CLUSTER_SECRET_FILE.
 *
 * @param variables the environment of the process
 * @returns rejects with a ClusterError: `KEYS_CONFLICT` for more than one source,
 *   `KEY_FILE_UNREADABLE`, `KEY_FILE_EXPOSED` where others may read or write the file or the group
 *   may write it, `KEY_INVALID`, `CLUSTER_SECRET_INVALID`
 */
export async function readSecrets(
  sources: SecretSources,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<Secrets> {
  const given = givenSources(sources)
  if (given.length > 0) {
    requireOne(given)
    const { secretKey, secretKeyFile, clusterSecret, clusterSecretFile } = sources
    if (secretKeyFile !== undefined) return readSecretKey(secretKeyFile)
    if (clusterSecretFile !== undefined) return readClusterSecret(clusterSecretFile)
    return { secretKey, clusterSecret }
  }
  const keyFile = variables[SECRET_VARIABLES.secretKeyFile] ?? ''
  const secretFile = variables[SECRET_VARIABLES.clusterSecretFile] ?? ''
  if (keyFile !== '' && secretFile !== '') requireOne(Object.values(SECRET_VARIABLES))
  if (keyFile !== '') return readSecretKey(keyFile)
  return secretFile === '' ? {} : readClusterSecret(secretFile)
}

/** Returns the names of the sources that are given. */
export function givenSources(sources: SecretSources): readonly string[] {
  return Object.entries(sources).flatMap(([name, value]) => (value === undefined ? [] : [name]))
}

/** @throws ClusterError `KEYS_CONFLICT` for more than one name */
export function requireOne(names: readonly string[]): void {
  if (names.length <= 1) return
  const message = `a node has one secret, but ${names.join(' and ')} are given: keep one of them`
  throw new ClusterError('KEYS_CONFLICT', message)
}

async function readSecretKey(path: string | URL): Promise<Secrets> {
  const secretKey = await readSecretFile(path)
  if (parseKey(secretKey) !== undefined) return { secretKey }
  const problem = secretKeyProblem(`the file ${nameOf(path)}`, secretKey)
  throw new ClusterError('KEY_INVALID', problem)
}

async function readClusterSecret(path: string | URL): Promise<Secrets> {
  const clusterSecret = await readSecretFile(path)
  if (parseClusterSecret(clusterSecret) !== undefined) return { clusterSecret }
  const problem = clusterSecretProblem(`the file ${nameOf(path)}`, clusterSecret)
  throw new ClusterError('CLUSTER_SECRET_INVALID', problem)
}

/** Returns the text of a file, without the end of its line. */
async function readSecretFile(path: string | URL): Promise<string> {
  let file: FileHandle | undefined
  try {
    // A pipe without a writer must not block the start. Symbolic links are followed.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    // The mode is that of the file which is read, even if the path changes meanwhile.
    const stats = await file.stat()
    if (!stats.isFile()) throw unreadable(path, 'it is not a regular file')
    if (process.platform !== 'win32') checkMode(path, stats.mode)
    const buffer = new Uint8Array(FILE_BYTES_MAX)
    const { bytesRead } = await file.read(buffer, 0, FILE_BYTES_MAX, 0)
    return Buffer.from(buffer.subarray(0, bytesRead))
      .toString('latin1')
      .replace(/\r?\n$/, '')
  } catch (error) {
    if (error instanceof ClusterError) throw error
    throw unreadable(path, error)
  } finally {
    await file?.close()
  }
}

function checkMode(path: string | URL, mode: number): void {
  if ((mode & EXPOSED_MODE) === 0) return
  const permissions = (mode & 0o777).toString(8).padStart(4, '0')
  const readers = (mode & 0o004) === 0 ? 'change' : 'read'
  const name = nameOf(path)
  const message =
    `the file ${name} has the mode ${permissions}, so that other users may ${readers} it: ` +
    `chmod 600 ${name}, or defaultMode: 0400 of a Kubernetes Secret`
  throw new ClusterError('KEY_FILE_EXPOSED', message)
}

/** The error of the file system repeats the path, which may be a secret by mistake. */
function unreadable(path: string | URL, problem: unknown): ClusterError {
  const isHidden = looksSecret(String(path))
  const reason = problem instanceof Error && isHidden ? 'it cannot be opened' : reasonOf(problem)
  const advice = isHidden
    ? 'pass the path of a file, not the secret itself'
    : 'check its path, and that the user of this process may read it'
  const message = `cannot read the key file ${nameOf(path)}: ${reason}: ${advice}`
  const details = problem instanceof Error && !isHidden ? { cause: problem } : {}
  return new ClusterError('KEY_FILE_UNREADABLE', message, details)
}

function reasonOf(problem: unknown): string {
  return problem instanceof Error ? problem.message : String(problem)
}

function nameOf(path: string | URL): string {
  const name = path instanceof URL ? path.href : path
  return looksSecret(name) ? `(${describeHidden(name)})` : name
}
