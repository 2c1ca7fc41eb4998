/** Returns the part of a config that one node needs: its address, its peers and its limits. */
import type { Config, Member, NodeConfig } from './config.ts'
import type { Peer, Peers } from '../model/peer.ts'
import { INSECURE_FIELD, LIMIT_FIELDS } from './config-codecs.ts'
import { describeValue } from '../base/describe-value.ts'
import { formatIssues } from '../base/decode-issues.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { LimitOptions } from '../model/limits.ts'
import { PID_RANGE } from './check-peers.ts'
import { type Pid, isPid, textPidAdvice } from '../model/pid.ts'
import { strictObject } from './strict-object.ts'
import { frozenMap } from '../base/frozen-map.ts'
import { invalidConfig } from './decode-config.ts'
import { isLeft } from 'fp-ts/lib/Either.js'
import { isLoopback } from '../model/endpoint.ts'

const PIDS_LISTED_MAX = 20

/** Settings of one node that replace those of the config. */
export interface ConfigOverrides extends LimitOptions {
  readonly insecure?: boolean | undefined
}

const Overrides = strictObject('an object', {}, { ...LIMIT_FIELDS, insecure: INSECURE_FIELD })

/**
 * Returns the share of node `pid` in a config.
 *
 * @param overrides replace limits of the config; `undefined` counts as left out
 * @throws ClusterError `PID_NOT_IN_CONFIG`; `CONFIG_INVALID` for invalid overrides; `INSECURE_BIND`
 *   where other machines could connect and `insecure` is not true
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
  const { pid, endpoint } = member
  const cached = peerCache.get(member)
  // A config that was not decoded may be mutable.
  if (cached?.pid === pid && cached.endpoint === endpoint) return cached
  const peer = Object.freeze({ pid, endpoint })
  peerCache.set(member, peer)
  return peer
}

function insecureBindError(pid: Pid, bind: string): ClusterError {
  const message =
    `node ${pid} would bind to ${bind}, where any machine that can connect could join, ` +
    'because there are no keys: bind to 127.0.0.1 or ipc://, or set "insecure": true ' +
    'if every machine on that network is trusted'
  return new ClusterError('INSECURE_BIND', message)
}

function listPids({ members }: Config): string {
  const pids = [...members.keys()]
  const listed = pids.slice(0, PIDS_LISTED_MAX).join(', ')
  return pids.length <= PIDS_LISTED_MAX
    ? listed
    : `${listed} and ${pids.length - PIDS_LISTED_MAX} more`
}
