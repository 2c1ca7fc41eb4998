/** One node's share of a config. */
import type { Config, Member, NodeConfig } from './config.ts'
import type { Peer, Peers } from '../model/peer.ts'
import { INSECURE_FIELD, LIMIT_FIELDS } from './config-codecs.ts'
import { describeValue } from '../base/describe-value.ts'
import { formatIssues } from '../base/decode-issues.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { Limits } from '../model/limits.ts'
import type { Pid } from '../model/pid.ts'
import { strictObject } from './strict-object.ts'
import { frozenMap } from '../base/frozen-map.ts'
import { invalidConfig } from './decode-config.ts'
import { isLeft } from 'fp-ts/lib/Either.js'
import { isLoopback } from '../model/endpoint.ts'

/** More pids than this are counted, not listed. */
const PIDS_LISTED_MAX = 20

/** What may be set beside the config. */
export interface ConfigOverrides extends Partial<Limits> {
  readonly insecure?: boolean
}

const Overrides = strictObject('an object', {}, { ...LIMIT_FIELDS, insecure: INSECURE_FIELD })

/**
 * Takes node `pid`'s share of a config.
 *
 * @param overrides limits that hold instead of the config's; `undefined` counts as left out
 * @throws ClusterError `PID_NOT_IN_CONFIG`; `CONFIG_INVALID` for overrides that are wrong;
 *   `INSECURE_BIND` where others than this machine could reach the node and nobody said that they
 *   may
 */
export function nodeConfig(
  config: Config,
  pid: Pid,
  overrides: { readonly [K in keyof ConfigOverrides]?: ConfigOverrides[K] | undefined } = {},
): NodeConfig {
  const decoded = Overrides.decode(overrides)
  if (isLeft(decoded)) throw invalidConfig(formatIssues(decoded.left, { whole: 'options' }))
  const self = config.members.get(pid)
  if (self === undefined) {
    const message = `${describeValue(pid)} is not in the config: it names ${listPids(config)}`
    throw new ClusterError('PID_NOT_IN_CONFIG', message)
  }
  const own = {
    ...config,
    ...decoded.right,
    pid,
    bind: self.bind,
    peers: peersExcept(config, self),
  }
  if (!own.insecure && !isLoopback(self.bind)) throw insecureBindError(pid, self.bind)
  return Object.freeze(own)
}

function peersExcept({ members }: Config, self: Member): Peers {
  const peers: (readonly [Pid, Peer])[] = []
  for (const member of members.values()) {
    if (member !== self) peers.push([member.pid, peerOf(member)])
  }
  return frozenMap(peers)
}

/** Seven hundred nodes of one config have the same seven hundred peers: they share them. */
const peerCache = new WeakMap<Member, Peer>()

function peerOf(member: Member): Peer {
  const { pid, endpoint } = member
  const cached = peerCache.get(member)
  // Who makes a config by hand may change it.
  if (cached?.pid === pid && cached.endpoint === endpoint) return cached
  const peer = Object.freeze({ pid, endpoint })
  peerCache.set(member, peer)
  return peer
}

function insecureBindError(pid: Pid, bind: string): ClusterError {
  const message =
    `node ${pid} would bind to ${bind}, where other machines can reach it, and without keys ` +
    'whoever reaches it can join: bind to 127.0.0.1 or ipc://, or set "insecure": true ' +
    'if nobody else is on that network'
  return new ClusterError('INSECURE_BIND', message)
}

function listPids({ members }: Config): string {
  const pids = [...members.keys()]
  const listed = pids.slice(0, PIDS_LISTED_MAX).join(', ')
  return pids.length <= PIDS_LISTED_MAX
    ? listed
    : `${listed} and ${pids.length - PIDS_LISTED_MAX} more`
}
