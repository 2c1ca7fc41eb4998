/** `rx-cluster check`: prints what a config means, or every error in it. */
import { Command } from 'commander'
import type { Config } from '../config/config.ts'
import { DEFAULT_LIMITS, type Limits } from '../model/limits.ts'
import { EXIT, EXIT_HELP } from './exit-codes.ts'
import { formatInteger } from './numbers.ts'
import { isLoopback } from '../model/endpoint.ts'
import { readConfig } from '../config/read-config.ts'
import { type Secrets, readSecrets } from '../keys/read-secrets.ts'
import { fingerprint, formatKey, parseKey } from '../keys/key-text.ts'
import { keyPairOf } from '../keys/x25519.ts'
import { listsKeys } from '../config/node-keys.ts'
import { nodeConfig } from '../config/node-config.ts'
import { publicKeyTexts, publicKeysOf } from '../keys/peer-keys.ts'

const HELP = `
Example:
  rx-cluster check cluster.json
${EXIT_HELP}`

const LIMIT_KEYS = Object.keys(DEFAULT_LIMITS) as readonly (keyof Limits)[]
const KEY_WIDTH = Math.max(...LIMIT_KEYS.map((key) => key.length))

/** Creates the command `check`. */
export function checkCommand(): Command {
  return new Command('check')
    .description('validate a config, and print its members and limits')
    .argument('<config>', 'path of a JSON file')
    .addHelpText('after', HELP)
    .option(
      '--key <file>',
      'secret key of a node: which pid has it (default: $RX_CLUSTER_KEY_FILE)',
    )
    .option('--secret <file>', 'secret of the cluster (default: $RX_CLUSTER_SECRET_FILE)')
    .action(async (path: string, { key, secret }: { key?: string; secret?: string }) => {
      const config = await readConfig(path)
      const sources = { secretKeyFile: key, clusterSecretFile: secret }
      const secrets = await readSecrets(sources, process.env)
      const keys = memberKeys(config, secrets)
      for (const line of describeConfig(path, config, keys)) console.log(line)
      const isExposed = keys === undefined && exposedMembers(config).length > 0
      if (isExposed && !config.insecure) process.exitCode = EXIT.address
    })
}

/** The public keys of a pid. */
type KeysOf = (pid: number) => readonly Uint8Array[]

/**
 * Returns the public keys of every member, and checks the secret as the start of a node does;
 * undefined where the cluster has no keys.
 */
function memberKeys(config: Config, secrets: Secrets): KeysOf | undefined {
  const listed = listsKeys(config)
  if (secrets.secretKey === undefined && secrets.clusterSecret === undefined) {
    return listed ? (pid) => listedKeys(config, pid) : undefined
  }
  const [first] = config.members.keys()
  const holder = secrets.secretKey === undefined ? first : pidOf(config, secrets.secretKey)
  const settings = { ...secrets, insecure: true }
  const { keys } = nodeConfig(config, holder ?? first ?? 0, settings)
  return (pid) => (listed ? listedKeys(config, pid) : (keys?.publicKeysOf(pid) ?? []))
}

/** Returns the pid to which a secret key belongs. */
function pidOf(config: Config, secretKey: string): number | undefined {
  const bytes = parseKey(secretKey)
  if (bytes === undefined) return undefined
  const publicKey = formatKey(keyPairOf(bytes).publicKey)
  const members = [...config.members.values()]
  return members.find((member) => publicKeyTexts(member).includes(publicKey))?.pid
}

function listedKeys(config: Config, pid: number): readonly Uint8Array[] {
  const member = config.members.get(pid)
  return member === undefined ? [] : publicKeysOf(member)
}

/** Returns the pids of the members that other machines can reach, or that are on other machines. */
function exposedMembers({ members }: Config): number[] {
  const exposed = [...members.values()].filter(({ bind, endpoint }, _, { length }) => {
    return !isLoopback(bind) || (length > 1 && !isLoopback(endpoint))
  })
  return exposed.map(({ pid }) => pid)
}

/** Describes a config in lines of text: its members, its limits, and who can connect to it. */
export function describeConfig(path: string, config: Config, keysOf?: KeysOf): string[] {
  const members = [...config.members.values()]
  const source = config.addressing === undefined ? 'a list of peers' : 'computed addresses'
  const exposed = keysOf === undefined ? exposedMembers(config) : []
  const count = `${members.length} ${members.length === 1 ? 'member' : 'members'}`
  return [
    `${path} is valid: cluster ${config.cluster}, ${count}, ${source}`,
    '',
    ...memberLines(members),
    '',
    ...(keysOf === undefined ? [] : [...keyLines(members, keysOf), '']),
    ...limitLines(config),
    ...(exposed.length === 0 ? [] : ['', ...exposureWarning(exposed, config.insecure)]),
  ]
}

function memberLines(members: readonly { pid: number; endpoint: string; bind: string }[]) {
  const rows = [{ pid: 'pid', endpoint: 'endpoint', bind: 'binds to' }, ...members]
  const pidWidth = Math.max(...rows.map(({ pid }) => String(pid).length))
  const endpointWidth = Math.max(...rows.map(({ endpoint }) => endpoint.length))
  return rows.map(({ pid, endpoint, bind }) =>
    [String(pid).padStart(pidWidth), endpoint.padEnd(endpointWidth), bind].join('  '),
  )
}

/** A line per public key: the pid and the fingerprint. */
function keyLines(members: readonly { pid: number }[], keysOf: KeysOf): string[] {
  const width = Math.max(...members.map(({ pid }) => String(pid).length), 'pid'.length)
  const lines = members.flatMap(({ pid }) =>
    keysOf(pid).map((key) => `${String(pid).padStart(width)}  ${fingerprint(key)}`),
  )
  return [`${'pid'.padStart(width)}  fingerprint of its public key`, ...lines]
}

function limitLines(config: Config): string[] {
  const values = LIMIT_KEYS.map((key) => limitText(key, config[key]))
  const valueWidth = Math.max(...values.map((value) => value.length))
  return LIMIT_KEYS.map((key, index) => {
    const value = (values[index] ?? '').padStart(valueWidth)
    const isDefault = config[key] === DEFAULT_LIMITS[key]
    const note = isDefault ? '' : `(default ${limitText(key, DEFAULT_LIMITS[key])})`
    return `${key.padEnd(KEY_WIDTH)}  ${value}  ${note}`.trimEnd()
  })
}

/** Formats a limit with its unit: `64 MiB`, `5,000 ms`. */
function limitText(key: keyof Limits, value: Limits[keyof Limits]): string {
  if (typeof value !== 'number') return value
  if (key.endsWith('Ms')) return value === Infinity ? 'Infinity' : `${formatInteger(value)} ms`
  return key.endsWith('Bytes') ? formatBytes(value) : formatInteger(value)
}

/** Formats a whole number of MiB or KiB as such, and any other number in bytes. */
function formatBytes(bytes: number): string {
  for (const [unit, size] of [
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const) {
    if (bytes >= size && bytes % size === 0) return `${formatInteger(bytes / size)} ${unit}`
  }
  return `${formatInteger(bytes)} bytes`
}

function exposureWarning(pids: readonly number[], insecure: boolean): readonly string[] {
  const nodes = `${pids.length === 1 ? 'node' : 'nodes'} ${pids.join(', ')}`
  return [
    `Warning: other machines can reach ${nodes}, without authentication.`,
    insecure
      ? 'This is allowed, because insecure is true.'
      : 'This is refused at start, because insecure is not true. Exit code 4.',
  ]
}
