/** One node's share of a config. */
import type { Config, Member, NodeConfig } from './config.ts'
import type { Peer, Peers } from './peer.ts'
import { INSECURE_FIELD, LIMIT_FIELDS } from './config-codecs.ts'
import { describe, problemsOf } from './problems.ts'
import { ClusterError } from './cluster-error.ts'
import type { Limits } from './limits.ts'
import type { Pid } from './pid.ts'
import { closedObject } from './closed-object.ts'
import { frozenMap } from './frozen-map.ts'
import { invalid } from './decode-config.ts'
import { isLeft } from 'fp-ts/lib/Either.js'
import { isLoopback } from './endpoint.ts'

/** More pids than this are counted, not listed. */
const LISTED_PIDS = 20

/** What may be set beside the config. */
export interface ConfigOverrides extends Partial<Limits> {
  readonly insecure?: boolean
}

const Overrides = closedObject('an object', {}, { ...LIMIT_FIELDS, insecure: INSECURE_FIELD })

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
  if (isLeft(decoded)) throw invalid(problemsOf(decoded.left, 'options'))
  const me = config.members.get(pid)
  if (me === undefined) {
    const message = `${describe(pid)} is not in the config: it names ${pidsOf(config)}`
    throw new ClusterError('PID_NOT_IN_CONFIG', message)
  }
  const mine = {
    ...config,
    ...decoded.right,
    pid,
    bind: me.bind,
    peers: peersOf(config, me),
  }
  if (!mine.insecure && !isLoopback(me.bind)) throw insecure(pid, me.bind)
  return Object.freeze(mine)
}

function peersOf({ members }: Config, me: Member): Peers {
  const peers: (readonly [Pid, Peer])[] = []
  for (const member of members.values()) {
    if (member !== me) peers.push([member.pid, peerOf(member)])
  }
  return frozenMap(peers)
}

/** Seven hundred nodes of one config have the same seven hundred peers: they share them. */
const known = new WeakMap<Member, Peer>()

function peerOf(member: Member): Peer {
  const { pid, endpoint } = member
  const former = known.get(member)
  // Who makes a config by hand may change it.
  if (former?.pid === pid && former.endpoint === endpoint) return former
  const peer = Object.freeze({ pid, endpoint })
  known.set(member, peer)
  return peer
}

function insecure(pid: Pid, bind: string): ClusterError {
  const message =
    `node ${pid} would bind to ${bind}, where other machines can reach it, and without keys ` +
    'whoever reaches it can join: bind to 127.0.0.1 or ipc://, or set "insecure": true ' +
    'if nobody else is on that network'
  return new ClusterError('INSECURE_BIND', message)
}

function pidsOf({ members }: Config): string {
  const pids = [...members.keys()]
  const listed = pids.slice(0, LISTED_PIDS).join(', ')
  return pids.length <= LISTED_PIDS ? listed : `${listed} and ${pids.length - LISTED_PIDS} more`
}
