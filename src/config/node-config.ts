/** Returns the part of a config that one node needs: its address, its peers and its limits. */
import type { Config, Member, NodeConfig } from './config.ts'
import { type Peer, type Peers, frozenPeer } from '../model/peer.ts'
import { INSECURE_FIELD, LIMIT_FIELDS, SECRET_FIELD } from './config-codecs.ts'
import { describeValue } from '../base/describe-value.ts'
import { formatIssues } from '../base/decode-issues.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { LimitOptions } from '../model/limits.ts'
import { PID_RANGE, WITHOUT_KEYS, isSamePeer } from './check-peers.ts'
import { type Pid, isPid, textPidAdvice } from '../model/pid.ts'
import { strictObject } from './strict-object.ts'
import { frozenMap } from '../base/frozen-map.ts'
import { invalidConfig } from './decode-config.ts'
import { isLeft } from 'fp-ts/lib/Either.js'
import { isLoopback } from '../model/endpoint.ts'
import { nodeKeys } from './node-keys.ts'
import type { SecretSources } from '../keys/read-secrets.ts'

const PIDS_LISTED_MAX = 20
const ENDPOINTS_LISTED_MAX = 3

/** Settings of one node: those that replace settings of the config, and its secret. */
export interface ConfigOverrides extends LimitOptions, SecretSources {
  readonly insecure?: boolean | undefined
}

const Overrides = strictObject(
  'an object',
  {},
  {
    ...LIMIT_FIELDS,
    insecure: INSECURE_FIELD,
    secretKey: SECRET_FIELD,
    clusterSecret: SECRET_FIELD,
    secretKeyFile: SECRET_FIELD,
    clusterSecretFile: SECRET_FIELD,
  },
)

/**
 * Returns the share of node `pid` in a config.
 *
 * @param overrides replace limits of the config; `undefined` counts as left out. Files of secrets
 *   were read before.
 * @throws ClusterError `PID_NOT_IN_CONFIG`; `CONFIG_INVALID` for invalid overrides; those of
 *   `nodeKeys`; without keys and `insecure`, `INSECURE_BIND` where other machines could connect,
 *   and `INSECURE_CONNECT` where the node would connect to other machines
 */
export function nodeConfig(config: Config, pid: Pid, overrides: ConfigOverrides = {}): NodeConfig {
  const decoded = Overrides.decode(overrides)
  if (isLeft(decoded)) throw invalidConfig(formatIssues(decoded.left, { whole: 'options' }))
  if (!isPid(pid)) throw invalidPid(pid)
  const self = config.members.get(pid)
  if (self === undefined) {
    const message = `pid ${pid} is not in the config: it names ${listPids(config)}`
    throw new ClusterError('PID_NOT_IN_CONFIG', message)
  }
  const { secretKey, clusterSecret, secretKeyFile, clusterSecretFile, ...settings } = decoded.right
  if (secretKeyFile !== undefined || clusterSecretFile !== undefined) throw fileError()
  const peers = peersExcept(config, self)
  const keys = nodeKeys(config, self, peers, { secretKey, clusterSecret })
  const own = { ...config, ...settings, pid, bind: self.bind, peers }
  if (keys !== undefined) return Object.freeze({ ...own, keys })
  if (!own.insecure) refuseExposure(self, peers)
  return Object.freeze(own)
}

function fileError(): ClusterError {
  const advice = 'pass secretKey or clusterSecret, or use createNode'
  return invalidConfig([`options: openNode does not read files of secrets: ${advice}`])
}

/** @throws ClusterError `INSECURE_BIND`, `INSECURE_CONNECT` */
function refuseExposure({ pid, bind }: Member, peers: Peers): void {
  if (!isLoopback(bind)) throw insecureBindError(pid, bind)
  const others = [...peers.values()].filter(({ endpoint }) => !isLoopback(endpoint))
  if (others.length > 0) throw insecureConnectError(pid, others)
}

function invalidPid(pid: unknown): ClusterError {
  const found = pid === undefined ? 'nothing' : describeValue(pid)
  const issue = `pid: expected ${PID_RANGE}, got ${found}${textPidAdvice(pid)}`
  return new ClusterError('INVALID_ARGUMENT', issue, { issues: [issue] })
}

function peersExcept({ members }: Config, self: Member): Peers {
  const peers: (readonly [Pid, Peer])[] = []
  for (const member of members.values()) {
    if (member !== self) peers.push([member.pid, peerOf(member)])
  }
  return frozenMap(peers)
}

/** All nodes of one config in a process share the peer objects of its members. */
const peerCache = new WeakMap<Member, Peer>()

function peerOf(member: Member): Peer {
  const cached = peerCache.get(member)
  // A config that was not decoded may be mutable.
  if (cached?.pid === member.pid && isSamePeer(cached, member)) return cached
  const peer = frozenPeer(member)
  peerCache.set(member, peer)
  return peer
}

function insecureBindError(pid: Pid, bind: string): ClusterError {
  const message =
    `node ${pid} would bind to ${bind}, where any machine that can connect could join, ` +
    `because there are no keys: ${WITHOUT_KEYS}`
  return new ClusterError('INSECURE_BIND', message)
}

function insecureConnectError(pid: Pid, peers: readonly Peer[]): ClusterError {
  const listed = peers.slice(0, ENDPOINTS_LISTED_MAX).map(({ endpoint }) => endpoint)
  const rest = peers.length - listed.length
  const endpoints = `${listed.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
  const message =
    `node ${pid} would connect to ${endpoints}, where any program that listens could take the ` +
    `place of the peer, because there are no keys: ${WITHOUT_KEYS}`
  return new ClusterError('INSECURE_CONNECT', message)
}

function listPids({ members }: Config): string {
  const pids = [...members.keys()]
  const listed = pids.slice(0, PIDS_LISTED_MAX).join(', ')
  return pids.length <= PIDS_LISTED_MAX
    ? listed
    : `${listed} and ${pids.length - PIDS_LISTED_MAX} more`
}
