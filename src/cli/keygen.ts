/** `rx-cluster keygen`: creates keys, the public ones for the config, the secret ones in files. */
import { Command } from 'commander'
import { CommandError, writeOutput } from './errors.ts'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import type { Config } from '../config/config.ts'
import { EXIT_HELP } from './exit-codes.ts'
import { formatKey } from '../keys/key-text.ts'
import { generateClusterSecret } from '../keys/cluster-secret.ts'
import { generateKeyPair } from '../keys/x25519.ts'
import { join } from 'node:path'
import { listsKeys } from '../config/node-keys.ts'
import { readConfig } from '../config/read-config.ts'

const SECRET_MODE = 0o600
const DIRECTORY_MODE = 0o700

const HELP = `
Examples:
  rx-cluster keygen --out node-1.key
  rx-cluster keygen --cluster cluster.json --dir keys --write
  rx-cluster keygen --shared --out orders.secret

Without --cluster and --shared, it creates one pair: the public key goes to stdout, the secret key
into a file. With --cluster, it creates a pair for every pid, and prints the config with the public
keys. With --shared, it creates one secret, from which the keys of all pids follow.

Files of secrets have the mode 0600. No file of a secret is overwritten, and no secret is printed.
${EXIT_HELP}`

interface KeygenOptions {
  readonly out?: string
  readonly cluster?: string
  readonly dir?: string
  readonly write?: boolean
  readonly shared?: boolean
}

/** Creates the command `keygen`. */
export function keygenCommand(): Command {
  return new Command('keygen')
    .description('create keys: public ones are printed, secret ones are written to files')
    .option('--out <file>', 'file of the secret (node.key, or cluster.secret with --shared)')
    .option('--cluster <config>', 'create a pair for every pid of a config')
    .option('--dir <dir>', 'directory of the secret keys, with --cluster (keys)')
    .option('--write', 'write the public keys into the config, with --cluster')
    .option('--shared', 'create one secret for a whole cluster')
    .addHelpText('after', HELP)
    .action(async (options: KeygenOptions, command: Command) => {
      const problem = conflictOf(options)
      if (problem !== undefined) command.error(`error: ${problem}`)
      const { cluster, shared, out, dir = 'keys', write = false } = options
      if (cluster !== undefined) await createAll(cluster, dir, write)
      else if (shared === true) await createShared(out ?? 'cluster.secret')
      else await createPair(out ?? 'node.key')
    })
}

function conflictOf({ out, cluster, dir, write, shared }: KeygenOptions): string | undefined {
  if (cluster === undefined) {
    if (dir !== undefined || write === true) return '--dir and --write need --cluster'
    return undefined
  }
  if (shared === true) return '--cluster and --shared exclude each other'
  return out === undefined ? undefined : '--cluster takes --dir instead of --out'
}

async function createPair(path: string): Promise<void> {
  const { publicKey, secretKey } = generateKeyPair()
  await writeSecret(path, formatKey(secretKey))
  console.log(formatKey(publicKey))
  console.error(`the secret key is in ${path}`)
}

async function createShared(path: string): Promise<void> {
  await writeSecret(path, generateClusterSecret())
  console.error(`the secret of the cluster is in ${path}`)
}

/** Creates a pair per pid. Leaves no file behind where one of them cannot be written. */
async function createAll(configPath: string, directory: string, write: boolean): Promise<void> {
  const config = await readConfig(configPath)
  requireList(configPath, config)
  await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE })
  const publicKeys = new Map<number, string>()
  const written: string[] = []
  try {
    for (const pid of config.members.keys()) {
      const { publicKey, secretKey } = generateKeyPair()
      const path = join(directory, `node-${pid}.key`)
      await writeSecret(path, formatKey(secretKey))
      written.push(path)
      publicKeys.set(pid, formatKey(publicKey))
    }
    const text = withPublicKeys(await readFile(configPath, 'utf8'), publicKeys)
    if (write) await replaceFile(configPath, text)
    else process.stdout.write(text)
  } catch (error) {
    for (const path of written) await rm(path, { force: true })
    throw error
  }
  console.error(`the secret keys of ${written.length} nodes are in ${directory}`)
}

function requireList(path: string, config: Config): void {
  if (config.addressing !== undefined) {
    throw new CommandError(`${path} has computed addresses: use keygen --shared`)
  }
  if (!listsKeys(config)) return
  const advice = 'to replace the key of one pid, use keygen --out FILE'
  throw new CommandError(`${path} has public keys already: ${advice}`)
}

function withPublicKeys(text: string, publicKeys: ReadonlyMap<number, string>): string {
  const json = JSON.parse(text) as { peers: readonly { readonly pid: number }[] }
  const peers = json.peers.map((peer) => ({ ...peer, publicKey: publicKeys.get(peer.pid) }))
  return `${JSON.stringify({ ...json, peers }, undefined, 2)}\n`
}

/** Writes beside the file first, so that no other process reads half of it. */
async function replaceFile(path: string, text: string): Promise<void> {
  const next = `${path}.${process.pid}.new`
  await writeOutput(next, text)
  await rename(next, path)
}

async function writeSecret(path: string, secret: string): Promise<void> {
  try {
    await writeFile(path, `${secret}\n`, { flag: 'wx', mode: SECRET_MODE })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      const reason = (error as Error).message
      throw new CommandError(`cannot write ${path}: ${reason}`, { cause: error })
    }
    const kind = (await stat(path)).isDirectory() ? 'a directory' : 'a file'
    const message = `${path} is ${kind} already, and is not overwritten: choose another path`
    throw new CommandError(message, { cause: error })
  }
}
